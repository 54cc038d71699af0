"""Training of heads on invented photos: each photo shows a few of some words, its vector is their sum."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from indexer.errors import DataError, LeakError, UsageError
from indexer.stages import Vectors
from retrieval.head import read_head
from retrieval.training.head import HeadReport, train_head
from retrieval.training.recipes import HeadRecipe, recipe_for
from retrieval.training.run import Training

WORDS = [f"word{number}" for number in range(12)]
DIM = 24
INFONCE = HeadRecipe("infonce", "compact", "cosine", 4, 64, 2e-3, view_dim=16, patience=None)


class WordCounts:
    """A text encoder: one dimension per word."""

    identity = "word-counts/1"
    dim = len(WORDS)
    languages = ("en",)

    def encode(self, texts: Sequence[str], language: str | None = None) -> Vectors:
        counts = np.array([[text.split().count(word) for word in WORDS] for text in texts], np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    seen = [rng.choice(len(WORDS), 3, replace=False) for _ in range(240)]
    names = [f"{number + 1}_a.jpg" for number in range(240)]
    directions = rng.normal(size=(len(WORDS), DIM)).astype(np.float32)
    vectors = np.stack([directions[words].sum(axis=0) for words in seen]) + 5
    _export(tmp_path / "export", names, vectors)
    lines = ["image\tsplit\tlang\tsource\ttext\n"]
    for number, words in enumerate(seen):
        split = "train" if number < 200 else "dev"
        lines += [
            f"{names[number]}\t{split}\ten\thuman\t{' '.join(WORDS[word] for word in rng.permutation(words))}\n"
        ] * 2
    (tmp_path / "captions.tsv").write_text("".join(lines), encoding="utf-8")
    _ids(tmp_path / "dev.txt", range(201, 241))
    return tmp_path


def test_a_trained_head_finds_photos_by_words(data: Path) -> None:
    _ids(data / "blind.txt", [1, 2, 999])
    report = _train(data, exclude=[data / "dev.txt", data / "blind.txt"])
    head = read_head(report.card.with_suffix(".safetensors"))
    assert report.best_validation == max(head.card["curve"]) > 0.8
    assert report.excluded_rows == head.card["excluded_rows"] == 2 * (2 + 40)
    assert (head.space, head.text, head.view.metric) == ("space/1", "word-counts/1", "cosine")
    assert head.card["photos"] == 198
    assert set(head.card["exclusions"]) == {"dev.txt", "blind.txt"}


@pytest.mark.parametrize("loss", ["m3l", "patr"])
def test_published_objectives_train_a_head_by_angle(data: Path, loss: str) -> None:
    report = _train(data, replace(recipe_for(loss), epochs=10, cycle=0, batch=64))
    head = read_head(report.card.with_suffix(".safetensors"))
    assert (head.card["loss"], head.view.metric) == (loss, "cosine")
    # Each photo shows three of twelve words: photos differ in eleven dimensions.
    assert head.view.dim(DIM) == head.project(WordCounts().encode(WORDS)).shape[1] == 11
    assert report.best_validation > 0.5  # chance finds ten of forty


@pytest.mark.parametrize("loss", ["m3l", "patr"])
def test_published_settings_train_a_head_by_distance(data: Path, loss: str) -> None:
    recipe = replace(recipe_for(loss, "paper"), epochs=3, last_relu=False)
    head = read_head(_train(data, recipe).card.with_suffix(".safetensors"))
    assert (head.card["architecture"], head.view.metric, head.last_relu) == ("paper", "l2", False)
    assert np.isfinite(head.project(WordCounts().encode(WORDS))).all()


def test_the_card_says_how_it_was_made(data: Path) -> None:
    report = _train(data, replace(INFONCE, noise=0.3, patience=1, epochs=40), seed=3)
    card = json.loads(report.card.read_text(encoding="utf-8"))
    assert (card["seed"], card["loss"], card["recipe"]["noise"], card["recipe"]["patience"]) == (3, "infonce", 0.3, 1)
    assert card["best_validation"] == report.best_validation
    assert card["curve"][card["best_epoch"] - 1] == max(card["curve"])
    assert len(card["curve"]) == card["best_epoch"] + 1 < 40


def test_the_same_seed_gives_the_same_file(data: Path) -> None:
    recipe = replace(INFONCE, noise=0.3)
    first, second = _train(data, recipe, out="a"), _train(data, recipe, out="b")
    assert first.sha256 == second.sha256
    assert _train(data, recipe, out="c", seed=1).sha256 != first.sha256


@pytest.mark.parametrize("loss", ["infonce", "m3l"])
def test_a_stopped_training_ends_as_if_it_had_not_stopped(
    data: Path, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    recipe = replace(recipe_for(loss), epochs=4, cycle=4, batch=64, first_moment=0.99, noise=0.2)
    whole = _train(data, recipe, out="whole")
    judge, calls = Training._judge, []

    def stop(run: Training) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        judge(run)

    monkeypatch.setattr(Training, "_judge", stop)
    with pytest.raises(KeyboardInterrupt):
        _train(data, recipe, out="stopped")
    monkeypatch.setattr(Training, "_judge", judge)
    assert _train(data, recipe, out="stopped").sha256 == whole.sha256
    assert not list((data / "stopped").glob("*.checkpoint"))


def test_a_checkpoint_of_other_settings_is_not_gone_on_with(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = Training._judge

    def stop(run: Training) -> None:
        if run.curve:
            raise KeyboardInterrupt
        judge(run)

    monkeypatch.setattr(Training, "_judge", stop)
    with pytest.raises(KeyboardInterrupt):
        _train(data)
    with pytest.raises(UsageError, match="other settings"):
        _train(data, replace(INFONCE, rate=1e-3))


def test_a_photo_of_both_splits_is_a_leak(data: Path) -> None:
    text = (data / "captions.tsv").read_text(encoding="utf-8")
    (data / "captions.tsv").write_text(text + "240_a.jpg\ttrain\ten\thuman\tword1\n", encoding="utf-8")
    _ids(data / "blind.txt", [999])
    with pytest.raises(LeakError, match="one split"):
        _train(data, exclude=[data / "blind.txt"])


def test_photos_to_choose_by_may_not_be_on_a_blind_list(data: Path) -> None:
    _ids(data / "blind.txt", [210, 999])
    with pytest.raises(LeakError):
        _train(data, exclude=[data / "dev.txt", data / "blind.txt"])


def test_photos_without_an_id_cannot_be_checked(data: Path) -> None:
    vectors = np.load(data / "export" / "vectors.npy")
    names = ["holiday.jpg", *(f"{number + 1}_a.jpg" for number in range(1, 240))]
    _export(data / "export", names, vectors)
    text = (data / "captions.tsv").read_text(encoding="utf-8").replace("\n1_a.jpg", "\nholiday.jpg")
    (data / "captions.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(LeakError):
        _train(data)


def test_photos_without_captions_are_an_error(data: Path) -> None:
    (data / "captions.tsv").write_text("image\tsplit\tlang\tsource\ttext\n", encoding="utf-8")
    with pytest.raises(DataError):
        _train(data)


def _train(
    data: Path, recipe: HeadRecipe = INFONCE, out: str = "out", seed: int = 0, exclude: list[Path] | None = None
) -> HeadReport:
    lists = exclude or [data / "dev.txt"]
    captions = data / "captions.tsv"
    return train_head(data / "export", captions, lists, data / out, encoder=WordCounts(), recipe=recipe, seed=seed)


def _ids(path: Path, ids: Sequence[int]) -> None:
    path.write_text("".join(f"{number}\n" for number in ids), encoding="utf-8")


def _export(folder: Path, names: list[str], vectors: Vectors) -> None:
    folder.mkdir(exist_ok=True)
    np.save(folder / "vectors.npy", vectors.astype(np.float32))
    parquet.write_table(pa.table({"path": [f"photos/{name}" for name in names]}), folder / "photos.parquet")
    sha256 = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("vectors.npy", "photos.parquet")
    }
    (folder / "manifest.json").write_text(json.dumps({"space": "space/1", "sha256": sha256}), encoding="utf-8")
