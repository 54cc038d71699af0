import hashlib
from pathlib import Path

import pytest

from indexer.thumbs import Thumbs, digest_of


@pytest.fixture
def thumbs(tmp_path: Path) -> Thumbs:
    made = Thumbs(tmp_path)
    made.folder.mkdir()
    made.add([b"one", b"two", b"one"])
    return made


def test_they_are_named_by_their_own_hash(thumbs: Thumbs) -> None:
    names = {path.name for path in thumbs.folder.iterdir()}
    assert names == {hashlib.sha256(data).hexdigest() + ".jpg" for data in (b"one", b"two")}
    assert thumbs.path(digest_of(b"two")).read_bytes() == b"two"


def test_only_those_that_are_referred_to_stay(thumbs: Thumbs) -> None:
    (thumbs.folder / "note.txt").write_text("not ours")
    thumbs.keep_only({digest_of(b"two")})
    assert thumbs.stored() == {digest_of(b"two")} and (thumbs.folder / "note.txt").exists()


def test_damage_shows(thumbs: Thumbs) -> None:
    assert thumbs.is_intact(digest_of(b"one"))
    thumbs.path(digest_of(b"one")).write_bytes(b"0ne")
    assert not thumbs.is_intact(digest_of(b"one")) and not thumbs.is_intact(digest_of(b"three"))
