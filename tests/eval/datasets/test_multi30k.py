import gzip
from pathlib import Path

import pytest

from eval.datasets import Question, multi30k
from indexer.errors import DataError
from tests.eval.datasets.shelf import write_multi30k

IMAGES = [f"{number}.jpg" for number in (11, 12, 13)]


def test_one_caption_an_image_in_every_language_of_task_1_plain_or_gzip(tmp_path: Path) -> None:
    data = multi30k.read(write_multi30k(tmp_path, IMAGES))
    assert tuple(data.questions) == ("en", "de", "fr", "cs") and data.aligned and data.gallery == tuple(IMAGES)
    assert data.questions["de"] == [Question(f"de {row}", image) for row, image in enumerate(IMAGES)]


def test_five_captions_an_image_of_task_2_stand_together(tmp_path: Path) -> None:
    write_multi30k(tmp_path, IMAGES)
    raw = tmp_path / "data" / "task2" / "raw"
    raw.mkdir(parents=True)
    for number in range(1, 6):
        (raw / f"test_2016.{number}.de.gz").write_bytes(gzip.compress(f"a{number}\nb{number}\nc{number}\n".encode()))
    data = multi30k.read(tmp_path, task=2)
    assert tuple(data.questions) == ("de",) and len(data.questions["de"]) == 15 and not data.aligned
    assert [question.text for question in data.questions["de"][:6]] == ["a1", "a2", "a3", "a4", "a5", "b1"]
    assert data.questions["de"][5].image == "12.jpg"


def test_the_number_of_a_caption_is_no_part_of_the_name(tmp_path: Path) -> None:
    write_multi30k(tmp_path, ["x.jpg#1", "y.jpg#2", "x.jpg#3"])
    assert multi30k.read(tmp_path).gallery == ("x.jpg", "y.jpg")


def test_captions_and_images_must_be_as_many(tmp_path: Path) -> None:
    write_multi30k(tmp_path, IMAGES)
    (tmp_path / "data" / "task1" / "raw" / "test_2016_flickr.fr").write_text("un\ndeux\n")
    with pytest.raises(DataError, match=r"test_2016_flickr.fr has 2 lines instead of 3"):
        multi30k.read(tmp_path)


def test_a_split_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    write_multi30k(tmp_path, IMAGES)
    with pytest.raises(DataError, match=r"val.txt is missing"):
        multi30k.read(tmp_path, "val")


@pytest.mark.shared
@pytest.mark.parametrize(("split", "rows"), [("val", 1014), ("test_2016_flickr", 1000), ("test_2017_mscoco", 461)])
def test_the_official_files(shared: Path, split: str, rows: int) -> None:
    data = multi30k.read(shared / "data" / "multi30k", split)
    assert {"en", "de", "fr"} <= set(data.questions)
    assert {len(questions) for questions in data.questions.values()} == {rows}
