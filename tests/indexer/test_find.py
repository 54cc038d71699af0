from pathlib import Path

import pytest

from indexer.errors import UsageError
from indexer.find import find


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_finds_photos_below_a_folder_in_a_fixed_order(tmp_path: Path) -> None:
    touch(tmp_path, "b/2.JPG", "b/1.jpeg", "a.png", "notes.txt", "c.heic")
    assert [found.relative for found in find([tmp_path])] == ["a.png", "b/1.jpeg", "b/2.JPG", "c.heic"]


def test_leaves_hidden_files_and_libraries_out(tmp_path: Path) -> None:
    touch(tmp_path, ".hidden/1.jpg", ".2.jpg", "photos.library/library.json", "photos.library/thumbs/3.jpg", "4.jpg")
    assert [found.relative for found in find([tmp_path])] == ["4.jpg"]


def test_a_named_file_is_a_candidate_whatever_its_name(tmp_path: Path) -> None:
    touch(tmp_path, "scan.dat")
    assert find([tmp_path / "scan.dat"])[0].relative == "scan.dat"


def test_a_pattern_keeps_the_path_below_its_fixed_part(tmp_path: Path) -> None:
    touch(tmp_path, "2024/a.jpg", "2025/b.jpg", "2025/c.png")
    assert [found.relative for found in find([tmp_path / "*" / "*.jpg"])] == ["2024/a.jpg", "2025/b.jpg"]


def test_a_photo_named_twice_is_found_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    assert len(find([tmp_path, tmp_path / "a.jpg", tmp_path / "*.jpg"])) == 1


@pytest.mark.parametrize("name", ["nowhere", "*.jpg"])
def test_a_source_that_is_not_there_is_wrong_usage(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        find([tmp_path / name])
