import errno
from pathlib import Path

import pytest

from indexer import durable
from indexer.errors import LibraryError


def test_an_atomic_write_is_written_checked_synced_renamed_and_its_folder_synced(tmp_path: Path) -> None:
    seen: list[str] = []
    with durable.watched(lambda kind, path: seen.append(f"{kind} {path.name}")):
        durable.write_atomic(tmp_path / "a", b"content")
    assert seen == ["write a.tmp", "fsync a.tmp", "rename a", f"fsync_dir {tmp_path.name}"]
    assert (tmp_path / "a").read_bytes() == b"content"


def test_many_files_share_one_sync_of_their_folder(tmp_path: Path) -> None:
    seen: list[str] = []
    with durable.watched(lambda kind, path: seen.append(kind)):
        durable.write_many(tmp_path, {"a": b"1", "b": b"2"})
    assert seen == ["write", "write", "fsync", "fsync", "rename", "rename", "fsync_dir"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_write_that_fails_leaves_the_old_content_and_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with durable.watched(refuse("fsync")), pytest.raises(OSError, match="No space"):
        durable.write_atomic(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def refuse(operation: str) -> durable.Watcher:
    def watcher(kind: str, path: Path) -> None:
        if kind == operation:
            raise OSError(errno.ENOSPC, "No space left on device")

    return watcher


def test_writing_at_an_offset_takes_the_place_of_what_was_behind_it(tmp_path: Path) -> None:
    durable.write_at(tmp_path / "a", 0, b"0123456789")
    durable.write_at(tmp_path / "a", 4, b"ab")
    assert (tmp_path / "a").read_bytes() == b"0123ab"


def test_a_file_shorter_than_what_was_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"123")
    with pytest.raises(OSError, match="shorter"):
        durable.check_length(tmp_path / "a", 4)


def test_quarantine_keeps_the_evidence_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"damaged")
    aside = durable.quarantine(tmp_path / "a")
    assert aside.name.startswith("a.corrupt-") and aside.read_bytes() == b"damaged"
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "disk is full.*free some space"), (errno.EACCES, "make the library's folder")]
)
def test_refusals_say_what_to_do_and_name_no_file(number: int, words: str) -> None:
    with pytest.raises(LibraryError, match=words) as raised, durable.refusing("store the photos"):
        raise OSError(number, "Permission denied", "/secret/name.jpg")
    assert "secret" not in str(raised.value)


def test_a_whole_folder_is_removed(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"x")
    durable.remove_tree(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
