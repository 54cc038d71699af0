"""The data sets with English captions alone: MSCOCO, Karpathy's splits, the token files."""

import json
from pathlib import Path

import pytest

from eval.datasets import Question, coco, flickr_tokens, karpathy
from indexer.errors import DataError


def coco_file(folder: Path, part: str, number: int) -> Path:
    name = f"COCO_{part}_{number:012d}.jpg"
    rows = [{"image_id": number, "id": row, "caption": f"{part} caption {row} \n"} for row in range(5)]
    file = folder / f"captions_{part}.json"
    file.write_text(json.dumps({"images": [{"id": number, "file_name": name}], "annotations": rows}))
    return file


def test_coco_is_one_file_or_a_folder_of_them(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    train = coco_file(tmp_path / "annotations", "train2014", 9)
    coco_file(tmp_path / "annotations", "val2014", 42)
    assert coco.read(train).gallery == ("COCO_train2014_000000000009.jpg",)
    both = coco.read(tmp_path)
    assert both.gallery == ("COCO_train2014_000000000009.jpg", "COCO_val2014_000000000042.jpg")
    assert both.questions["en"][9] == Question("val2014 caption 4", both.gallery[1]) and len(both.questions["en"]) == 10


def test_coco_with_a_caption_of_no_image_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "captions_val2014.json"
    file.write_text(json.dumps({"images": [], "annotations": [{"image_id": 1, "id": 1, "caption": "a"}]}))
    with pytest.raises(DataError, match="not a caption file of MSCOCO"):
        coco.read(file)


def test_karpathy_reads_one_split_or_all(tmp_path: Path) -> None:
    images = [
        {"filename": f"{split}.jpg", "split": split, "sentences": [{"raw": f"{split} {n}"} for n in range(5)]}
        for split in ("train", "test")
    ]
    file = tmp_path / "dataset_flickr8k.json"
    file.write_text(json.dumps({"dataset": "flickr8k", "images": images}))
    test = karpathy.read(file)
    assert test.gallery == ("test.jpg",) and test.setting == {"data": "flickr8k", "split": "test"}
    assert test.questions["en"][4] == Question("test 4", "test.jpg")
    assert karpathy.read(file, None).gallery == ("train.jpg", "test.jpg")
    with pytest.raises(DataError, match="--split"):
        karpathy.read(file, "val")


def test_token_files_and_the_slip_in_one_name(tmp_path: Path) -> None:
    file = tmp_path / "Flickr8k.token.txt"
    file.write_text("a_1.jpg#0\tA dog .\na_1.jpg#1\tA # dog\tand .\n225.jpg.1#0\tA cat .\n")
    data = flickr_tokens.read(file)
    assert data.gallery == ("a_1.jpg", "225.jpg")
    assert data.questions["en"][1] == Question("A # dog\tand .", "a_1.jpg")
    (tmp_path / "test.txt").write_text("225.jpg\n")
    assert flickr_tokens.read(file, tmp_path / "test.txt").questions["en"] == [Question("A cat .", "225.jpg")]


def test_a_line_of_another_form_is_named(tmp_path: Path) -> None:
    file = tmp_path / "results.token"
    file.write_text("a.jpg#0\tA dog .\na.jpg\tA dog .\n")
    with pytest.raises(DataError, match=r"Line 2 of results.token"):
        flickr_tokens.read(file)
