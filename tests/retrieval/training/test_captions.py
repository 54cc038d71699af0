"""Captions as they are read from files."""

import gzip
from pathlib import Path

import pytest

from indexer.errors import DataError
from retrieval.training.captions import Caption, longest_per_photo, read_captions

HEADER = "image\tsplit\tlang\tsource\ttext\n"


@pytest.mark.parametrize("name", ["c.tsv", "c.tsv.gz"])
def test_rows_are_read_as_they_stand(tmp_path: Path, name: str) -> None:
    text = HEADER + '1.jpg\ttrain\ten\thuman\tA "dog\n2.jpg\tdev\tko\tmt\t갈색\u2028개 \r\n'
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    expected = [Caption("1.jpg", "train", "en", 'A "dog'), Caption("2.jpg", "dev", "ko", "갈색\u2028개")]
    assert read_captions(path) == expected


@pytest.mark.parametrize("content", [b"image\ttext\n", HEADER.encode() + b"1.jpg\ttrain\n", b"\xff\xfe\xff"])
def test_damaged_files_are_errors(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c.tsv").write_bytes(content)
    with pytest.raises(DataError):
        read_captions(tmp_path / "c.tsv")


def test_a_cut_gzip_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "c.tsv.gz").write_bytes(gzip.compress(HEADER.encode() * 50)[:-12])
    with pytest.raises(DataError):
        read_captions(tmp_path / "c.tsv.gz")


def test_the_longest_caption_counts_code_points_and_the_first_wins_a_tie() -> None:
    texts = ["kurz", "länger ä", "langer aa", "langer bb"]
    captions = [Caption("1.jpg", "dev", "de", text) for text in texts] + [Caption("2.jpg", "dev", "de", "x")]
    assert [caption.text for caption in longest_per_photo(captions)] == ["langer aa", "x"]
