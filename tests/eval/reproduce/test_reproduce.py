"""The whole way to both tables with our smallest models, on MSCOCO and Flickr30k of a few dozen pictures made here."""

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from eval.reproduce.__main__ import main
from eval.reproduce.plan import Plan
from eval.reproduce.stages import Stages, fingerprint
from eval.training_captions import training_captions
from indexer.durable import write_atomic
from indexer.errors import DataError, UsageError
from retrieval.training import exclusions
from retrieval.training.captions import read_captions
from tests.conftest import picture
from tests.eval.datasets.shelf import coco_names, write_xtd10

TESTED, TRAINED = 8, 24


@pytest.fixture
def coco(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments of table 2: 24 photos to train on in two folders, 8 of XTD10's 1,000, captions of all of them."""
    tested = coco_names()
    ids = sorted(int(name[-16:-4]) for name in tested)
    monkeypatch.setattr(exclusions, "XTD10", hashlib.sha256("\n".join(map(str, ids)).encode()).hexdigest())
    monkeypatch.setenv("PHOTOVEIL_WORKERS", "1")
    trained = [f"COCO_val2014_{number:012d}.jpg" for number in range(1, TRAINED + 1)]
    for number, name in enumerate([*tested[:TESTED], *trained]):
        photo = tmp_path / "coco" / ("train2014" if number < TESTED else "val2014") / name
        photo.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(number, 64, 64)).save(photo)
    images = [{"id": number, "file_name": name} for number, name in enumerate([*tested[:TESTED], *trained])]
    rows = [{"image_id": one["id"], "caption": f"Noise number {one['id']}, take {i}."} for one in images for i in "ab"]
    (tmp_path / "captions_both.json").write_text(json.dumps({"images": images, "annotations": rows}))
    write_xtd10(tmp_path / "xtd10", tested)
    paths = {"images": "coco", "captions": "captions_both.json", "data": "xtd10", "out": "run"}
    given = [text for name, path in paths.items() for text in (f"--{name}", str(tmp_path / path))]
    return ["table2", *given, "--profile", "starter", "--device", "cpu"]


def test_table_2_goes_from_photos_to_figures_and_on_from_where_it_was(
    coco: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(coco) == 0
    shown = capsys.readouterr()
    assert "| mUSE + M3L (published) | 0.853 |" in shown.out and "| starter-m3l |" in shown.out
    report = json.loads((tmp_path / "run" / "reports" / "starter-patr" / "report.json").read_text())
    assert (report["gallery"], report["missing"], len(report["languages"])) == (TESTED, 1000 - TESTED, 11)
    assert report["languages"]["ko"]["queries"] == 1000
    card = json.loads((tmp_path / "run" / "heads" / "starter-m3l.json").read_text())
    assert (card["architecture"], card["metric"], card["loss"]) == ("paper", "l2", "m3l")
    assert card["excluded_rows"] == 2 * TESTED and card["photos"] == TRAINED - 2
    written = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"comparison.md", "comparison.csv", "comparison.json", "comparison.png"} <= written
    assert main(coco) == 0
    again = capsys.readouterr()
    assert (again.err.count("done before"), again.err.count("begins")) == (5, 0)
    assert again.out == shown.out


def test_a_trial_takes_few_photos(coco: list[str], tmp_path: Path) -> None:
    plan = _plan(coco, smoke=6)
    captions = read_captions(training_captions(plan.captions, tmp_path, plan.lists))
    assert len(plan.photos(captions)) == 6 + 1 + 6 and len(_plan(coco).photos(captions)) == TRAINED + TESTED


def test_what_cannot_be_done_is_one_sentence(
    coco: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*coco, "--profile", "paper"]) == 2
    assert "share their image encoder" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    place = coco.index("--images") + 1
    assert main([*coco[:place], str(tmp_path / "empty"), *coco[place + 1 :]]) == 1
    assert "photoveil: No photo of the train part" in capsys.readouterr().err


def test_table_3_is_that_of_multi30k(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PHOTOVEIL_WORKERS", "1")
    splits = {"test_2016_flickr": range(100, 106), "train": range(200, 216), "val": range(300, 304)}
    for split, numbers in splits.items():
        _write_split(tmp_path / "m" / "data" / "task1", split, [f"{number}.jpg" for number in numbers])
        for number in numbers:
            (tmp_path / "photos").mkdir(exist_ok=True)
            Image.fromarray(picture(number, 64, 64)).save(tmp_path / "photos" / f"{number}.jpg")
    folders = {"images": "photos", "captions": "m", "data": "m", "out": "run"}
    given = [text for name, path in folders.items() for text in (f"--{name}", str(tmp_path / path))]
    assert main(["table3", *given, "--profile", "starter", "--device", "cpu"]) == 0
    assert "| starter-patr |" in (out := capsys.readouterr().out) and "| 0.591 | 0.488 | 0.548 |" in out


def test_a_stage_is_made_again_when_what_it_is_made_from_changed(tmp_path: Path) -> None:
    said: list[str] = []
    stages, product = Stages(tmp_path, said.append), tmp_path / "product"

    def make() -> None:
        product.write_text(f"{len(said)}")

    first = stages.run("one", {"a": 1}, product, make)
    assert stages.run("one", {"a": 1}, product, make) == first
    assert stages.run("one", {"a": 2}, product, make) != first
    product.unlink()
    stages.run("one", {"a": 2}, product, make)
    assert said == ["one: begins", "one: done before", "one: begins", "one: begins"]


def test_a_stage_that_breaks_off_leaves_no_record(tmp_path: Path) -> None:
    stages, product = Stages(tmp_path, lambda line: None), tmp_path / "product"

    def half() -> None:
        product.write_text("half")
        raise DataError("Half of it is there.")

    with pytest.raises(DataError):
        stages.run("one", {}, product, half)
    stages.run("one", {}, product, lambda: write_atomic(product, b"whole"))
    assert product.read_text() == "whole"


def test_a_fingerprint_follows_names_and_sizes(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.jpg", "b.jpg")]
    for file in files:
        file.write_bytes(b"1")
    before = fingerprint(files)
    assert before == fingerprint(files[::-1])
    files[1].write_bytes(b"12")
    assert before != fingerprint(files)


def test_a_joint_profile_has_no_head_to_train(tmp_path: Path) -> None:
    plan = Plan("table2", tmp_path, tmp_path, tmp_path, tmp_path, ("joint:somewhere",))
    with pytest.raises(UsageError, match="no head to train"):
        _ = plan.systems


def _write_split(task: Path, split: str, images: list[str]) -> None:
    for folder in ("image_splits", "raw"):
        (task / folder).mkdir(parents=True, exist_ok=True)
    (task / "image_splits" / f"{split}.txt").write_text("\n".join(images) + "\n")
    for code in ("en", "de", "fr"):
        (task / "raw" / f"{split}.{code}").write_text("".join(f"{code} {image[:-4]}\n" for image in images))


def _plan(arguments: list[str], smoke: int | None = None) -> Plan:
    paths = {name: Path(arguments[arguments.index(f"--{name}") + 1]) for name in ("images", "captions", "data", "out")}
    return Plan("table2", profiles=("starter",), smoke=smoke, **paths)
