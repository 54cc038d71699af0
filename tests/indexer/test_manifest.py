import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import LibraryCorruptError, LibraryVersionError
from indexer.manifest import Manifest, new_manifest, seal, unseal
from indexer.stages import ImageSpace


def manifest(**fields: object) -> Manifest:
    kept = {"paths": "relative", "keep_dates": True, "keep_camera": True}
    usual = {"space": ImageSpace("encoder@01", 8), "profile": "starter", "policy": {"method": "blur"}, "tagger": None}
    return new_manifest(**(usual | kept | fields))


TEXT = manifest().to_json()


def test_it_comes_back_from_its_text() -> None:
    made = manifest()
    assert Manifest.from_json(made.to_json()) == made


def test_ids_have_63_bits_and_are_decimal_strings_in_json() -> None:
    made = manifest()
    assert 0 < made.library_id < 2**63
    assert json.loads(made.to_json())["library_id"] == made.id == str(made.library_id)


@given(st.data())
def test_a_flipped_bit_is_never_read_as_something_else(data: st.DataObject) -> None:
    text = TEXT.encode()
    at, bit = data.draw(st.integers(0, len(text) - 2)), data.draw(st.integers(0, 7))
    flipped = text[:at] + bytes([text[at] ^ (1 << bit)]) + text[at + 1 :]
    content = unseal(flipped.decode("utf-8", "replace"))
    assert content is None or content == unseal(text.decode())


def test_a_damaged_text_is_refused() -> None:
    with pytest.raises(LibraryCorruptError, match="damaged"):
        Manifest.from_json(manifest().to_json().replace("starter", "stater"))


def test_a_newer_format_is_refused() -> None:
    content = unseal(manifest().to_json())
    assert content is not None
    with pytest.raises(LibraryVersionError, match="update"):
        Manifest.from_json(seal(content | {"format": 2}))


def test_everything_that_is_kept_or_not_is_part_of_the_policy_hash() -> None:
    made = [manifest(), manifest(paths="none"), manifest(keep_dates=False), manifest(policy={"method": "solid"})]
    assert len({one.policy_hash for one in made}) == 4


def test_folders_of_one_name_are_told_apart_without_saying_where_they_are(tmp_path: Path) -> None:
    made = manifest()
    first, second = made.root_of(tmp_path / "a" / "holiday"), made.root_of(tmp_path / "b" / "holiday")
    assert first != second and first.startswith("holiday-") and first == made.root_of(tmp_path / "a" / "holiday")
    assert manifest().root_of(tmp_path / "a" / "holiday") != first
