import json
from pathlib import Path

import pytest

from eval.datasets import Question, open_dataset, xm3600
from indexer.errors import DataError, UsageError
from tests.eval.datasets.shelf import coco_names, write_multi30k, write_xtd10

TSV = "image\tsplit\tlang\ttext\n"
TSV += "a.jpg\tdev\tjp\t犬\na.jpg\tdev\tjp\t茶色い犬\na.jpg\tdev\tjp\t黒い大犬\nb.jpg\ttest\tcs\tPes\n"


def test_a_data_set_is_told_by_its_layout(tmp_path: Path) -> None:
    write_xtd10(tmp_path / "x", coco_names())
    write_multi30k(tmp_path / "m", ["a.jpg"])
    (tmp_path / "c.tsv").write_text(TSV)
    (tmp_path / "x.token").write_text("a.jpg#0\tA dog .\n")
    (tmp_path / "dataset_coco.json").write_text(
        json.dumps({"images": [{"filename": "a", "split": "test", "sentences": [{"raw": "b"}]}]})
    )
    found = [open_dataset(tmp_path / name).name for name in ("x", "m", "c.tsv", "x.token", "dataset_coco.json")]
    assert found == ["xtd10", "multi30k", "captions", "flickr-tokens", "karpathy"]
    with pytest.raises(UsageError, match="without splits"):
        open_dataset(tmp_path / "x", "test")


def test_a_tsv_gives_one_split_and_its_longest_captions(tmp_path: Path) -> None:
    (tmp_path / "c.tsv").write_text(TSV)
    data = open_dataset(tmp_path / "c.tsv", "dev")
    assert data.gallery == ("a.jpg",) and list(data.questions) == ["ja"] and len(data.questions["ja"]) == 3
    assert data.longest().questions["ja"] == [Question("茶色い犬", "a.jpg")]
    with pytest.raises(DataError, match="--split"):
        open_dataset(tmp_path / "c.tsv", "val")


def test_crossmodal_has_captions_of_many_languages(tmp_path: Path) -> None:
    rows = [
        {"image/key": "0a", "image/locale": "cs", "en": {"caption": ["A dog.", "Dog"]}, "fil": {"caption": ["Aso"]}},
        {"image/key": "0b", "image/locale": "de", "en": {"caption": ["A\u2028cat."], "caption/tokenized": ["a cat"]}},
    ]
    (tmp_path / "captions.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    data = open_dataset(tmp_path)
    assert data.name == "xm3600" and data.gallery == ("0a.jpg", "0b.jpg") and set(data.questions) == {"en", "fil"}
    assert data.questions["en"][2] == Question("A\u2028cat.", "0b.jpg")
    (tmp_path / "captions.jsonl").write_text('{"key": 1}\n')
    with pytest.raises(DataError, match="image/key"):
        xm3600.read(tmp_path / "captions.jsonl")
