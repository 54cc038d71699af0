import json
from pathlib import Path

import pytest

from tests.ui.cli.conftest import photoveil

pytest.importorskip("torch", reason="training needs the optional group 'torch'")

ROWS = [("red.png", "train"), ("green.png", "train"), ("blue.png", "dev"), ("grey.png", "dev")]


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    rows = [f"{image}\t{split}\ten\tdrawn\ta {image[:-4]} ball on a white ground" for image, split in ROWS]
    file = tmp_path / "captions.tsv"
    file.write_text("\n".join(["image\tsplit\tlang\tsource\ttext", *rows]) + "\n", encoding="utf-8")
    return file


def test_a_head_is_trained_with_its_card(library: Path, captions: Path, tmp_path: Path) -> None:
    words = ["--features", library, "--captions", captions, "--seed", 1, "--out", tmp_path / "out", "--device", "cpu"]
    done = photoveil("train", "head", *words, "--json")
    assert done.code == 0, done.err
    assert {"card", "sha256", "best_validation", "excluded_rows"} <= set(done.json)
    assert Path(done.json["card"]).is_file() and len(done.json["sha256"]) == 64
    head = Path(done.json["card"]).with_suffix(".safetensors")
    assert len(photoveil("search", "ball", "--library", library, "--head", head, "--json").json["hits"]) == 4


def test_photos_that_cannot_be_told_from_excluded_ones_are_a_leak(
    library: Path, captions: Path, tmp_path: Path
) -> None:
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("12345\n")
    words = ["--features", library, "--captions", captions, "--out", tmp_path / "out"]
    lists = ["--exclude", tmp_path / "one.txt", tmp_path / "two.txt"]
    done = photoveil("train", "head", *words, *lists, "--json")
    assert (done.code, done.out) == (1, "")
    assert "exclusion lists" in done.err


def test_missing_data_is_one_sentence(library: Path, tmp_path: Path) -> None:
    done = photoveil(
        "train", "head", "--features", library, "--captions", tmp_path / "no.tsv", "--out", tmp_path / "out"
    )
    assert done.code == 1 and "no.tsv" in done.err
    done = photoveil("train", "image-encoder", tmp_path, "--out", tmp_path / "out", "--json")
    assert (done.code, done.out) == (1, "") and "too few" in done.err


def test_captions_in_their_official_form_train_a_head_too(library: Path, tmp_path: Path) -> None:
    splits = {"train": "train", "dev": "val"}
    images = [
        {"filename": name, "split": splits[split], "sentences": [{"raw": f"a {name[:-4]} ball"}]}
        for name, split in ROWS
    ]
    file = tmp_path / "dataset_drawn.json"
    file.write_text(json.dumps({"images": images}))
    words = ["--features", library, "--captions", file, "--out", tmp_path / "out", "--device", "cpu"]
    done = photoveil("train", "head", *words, "--epochs", 1, "--json")
    assert done.code == 0, done.err
    assert json.loads(Path(done.json["card"]).read_text())["photos"] == 2


def test_a_head_by_another_objective_is_chosen_by_its_name(library: Path, captions: Path, tmp_path: Path) -> None:
    words = ["--features", library, "--captions", captions, "--out", tmp_path / "out", "--device", "cpu"]
    settings = ["--loss", "m3l", "--name", "head-m3l", "--recipe", "paper", "--architecture", "compact", "--epochs", 1]
    done = photoveil("train", "head", *words, *settings, "--view-dim", 1, "--json")
    assert done.code == 0, done.err
    card = json.loads(Path(done.json["card"]).read_text())
    assert (card["loss"], card["architecture"], card["recipe"]["epochs"]) == ("m3l", "compact", 1)
    found = photoveil(
        "search", "ball", "--library", library, "--head", "m3l", "--json", PHOTOVEIL_MODELS=str(tmp_path / "out")
    )
    assert found.code == 0, found.err
    assert len(found.json["hits"]) == 4
