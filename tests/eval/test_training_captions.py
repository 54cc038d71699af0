import json
from pathlib import Path

import pytest

from eval.training_captions import training_captions
from indexer.errors import DataError
from retrieval.training.captions import Caption, read_captions


def coco(folder: Path, ids: range, name: str = "train2014") -> Path:
    """MSCOCO's annotations with two captions for each photo; one of them goes over two lines."""
    images = [{"id": number, "file_name": f"COCO_{name}_{number:012d}.jpg"} for number in ids]
    rows = [{"image_id": i, "caption": text} for i in ids for text in (f"Photo {i}. ", f"Once\tmore\n{i}")]
    folder.mkdir(exist_ok=True)
    (folder / f"captions_{name}.json").write_text(json.dumps({"images": images, "annotations": rows}))
    return folder


def exclusion(path: Path, *ids: int) -> Path:
    path.write_text("".join(f"{number}\n" for number in ids))
    return path


def split_of(captions: list[Caption]) -> dict[str, list[str]]:
    return {s: list(dict.fromkeys(c.image for c in captions if c.split == s)) for s in ("train", "dev", "test")}


def test_coco_holds_a_tenth_out_and_never_an_excluded_photo(tmp_path: Path) -> None:
    folder = coco(tmp_path / "coco", range(1, 41))
    coco(folder, range(41, 61), "val2014")
    excluded = list(range(1, 31))
    file = training_captions(folder, tmp_path / "out", [exclusion(tmp_path / "list.txt", *excluded)])
    captions = read_captions(file)
    split = split_of(captions)
    assert len(captions) == 120 and {caption.language for caption in captions} == {"en"}
    assert [len(split[name]) for name in ("train", "dev", "test")] == [57, 3, 0]
    assert all(int(name[-10:-4]) > 30 for name in split["dev"])
    assert captions[1].text == "Once more 1"


def test_equal_captions_make_an_equal_file(tmp_path: Path) -> None:
    folder = coco(tmp_path / "coco", range(20))
    first = training_captions(folder, tmp_path / "a").read_bytes()
    assert first == training_captions(folder / "captions_train2014.json", tmp_path / "b").read_bytes()


def test_karpathys_splits_are_kept_and_restval_is_trained_on(tmp_path: Path) -> None:
    splits = ["train", "restval", "val", "val", "test"]
    images = [
        {"filename": f"{number}_x.jpg", "split": split, "sentences": [{"raw": f"A photo {number}."}]}
        for number, split in enumerate(splits)
    ]
    (tmp_path / "dataset_coco.json").write_text(json.dumps({"images": images, "dataset": "coco"}))
    file = training_captions(tmp_path / "dataset_coco.json", tmp_path, [exclusion(tmp_path / "list.txt", 2, 77)])
    found = split_of(read_captions(file))
    assert found == {"train": ["0_x.jpg", "1_x.jpg"], "dev": ["3_x.jpg"], "test": ["4_x.jpg"]}


def test_a_list_of_all_photos_to_choose_by_leaves_them_there(tmp_path: Path) -> None:
    images = [
        {"filename": f"{number}_x.jpg", "split": split, "sentences": [{"raw": "A photo."}]}
        for number, split in enumerate(["train", "val", "test"])
    ]
    (tmp_path / "dataset_flickr8k.json").write_text(json.dumps({"images": images}))
    file = training_captions(tmp_path / "dataset_flickr8k.json", tmp_path, [exclusion(tmp_path / "dev.txt", 1)])
    assert split_of(read_captions(file))["dev"] == ["1_x.jpg"]


def test_multi30k_and_token_files(tmp_path: Path) -> None:
    task = tmp_path / "m" / "data" / "task1"
    (task / "image_splits").mkdir(parents=True)
    (task / "raw").mkdir()
    for number, split in enumerate(("train", "val", "test_2016_flickr")):
        (task / "image_splits" / f"{split}.txt").write_text(f"{number}.jpg\n")
        (task / "raw" / f"{split}.en").write_text("A photo.\n")
        (task / "raw" / f"{split}.de").write_text("Ein Foto.\n")
    captions = read_captions(training_captions(tmp_path / "m", tmp_path / "a"))
    assert [(c.image, c.split, c.text) for c in captions] == [
        ("0.jpg", "train", "A photo."),
        ("1.jpg", "dev", "A photo."),
        ("2.jpg", "test", "A photo."),
    ]
    (tmp_path / "results.token").write_text("".join(f"{number}_a.jpg#0\tA photo.\n" for number in range(20)))
    assert len(split_of(read_captions(training_captions(tmp_path / "results.token", tmp_path / "b")))["dev"]) == 2


def test_a_table_stays_what_it_is_and_too_few_photos_are_an_error(tmp_path: Path) -> None:
    assert training_captions(tmp_path / "c.tsv.gz", tmp_path) == tmp_path / "c.tsv.gz"
    with pytest.raises(DataError, match="too few photos"):
        training_captions(coco(tmp_path / "coco", range(9)), tmp_path)


@pytest.mark.shared
def test_multi30ks_official_sizes(shared: Path, tmp_path: Path) -> None:
    lists = shared / "data" / "multi30k" / "data" / "task1" / "image_splits" / "test_2016_flickr.txt"
    found = split_of(read_captions(training_captions(shared / "data" / "multi30k", tmp_path, [lists])))
    assert {name: len(images) for name, images in found.items()} == {"train": 29000, "dev": 1014, "test": 1000}
