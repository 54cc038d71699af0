"""The comparison of objectives, on invented photos whose captions name what they show."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.bench import losses
from eval.bench.losses import Bench, Row, as_markdown, dev_questions, summary
from indexer.stages import Vectors
from retrieval.features import Features
from retrieval.training.captions import Caption
from retrieval.training.examples import build_examples
from retrieval.training.exclusions import Exclusions
from retrieval.training.run import Training

WORDS = ("dog", "cat", "car", "tree", "sea", "bike")


class Words:
    """A text encoder: one dimension per English word; of German it knows the half."""

    identity = "words/1"
    dim = len(WORDS)
    languages = ("en", "de")
    german = ("hund", "katze", "auto", "-", "-", "-")

    def encode(self, texts: Sequence[str], language: str | None = None) -> Vectors:
        known = self.german if language == "de" else WORDS
        return np.array([[word in text.split() for word in known] for text in texts], np.float32)


@pytest.fixture
def photos() -> tuple[Features, list[Caption]]:
    rng = np.random.default_rng(0)
    shown = [rng.choice(len(WORDS), 2, replace=False) for _ in range(120)]
    names = tuple(f"{number + 1}_a.jpg" for number in range(120))
    directions = rng.normal(size=(len(WORDS), 16))
    vectors = np.stack([directions[words].sum(axis=0) for words in shown]).astype(np.float32)
    captions = []
    for number, (name, words) in enumerate(zip(names, shown, strict=True)):
        split = "train" if number < 80 else "dev"
        captions += [Caption(name, split, "en", " ".join(WORDS[word] for word in words))]
        captions += [Caption(name, split, "de", " ".join(Words.german[word] for word in words))]
    return Features(names, vectors + rng.normal(size=vectors.shape).astype(np.float32) / 10, "space/1"), captions


def test_every_objective_and_seed_is_measured_in_every_language(
    photos: tuple[Features, list[Caption]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = _bench(photos, tmp_path, monkeypatch)
    rows = bench.run(["ours"], losses.LOSSES, [0, 1])
    assert [(row.loss, row.seed) for row in rows] == [(loss, seed) for loss in losses.LOSSES for seed in (0, 1)]
    for row in rows:
        assert set(row.recall) == {"en", "de"}
        assert row.recall["en"] > row.others == row.recall["de"]
        assert row.epochs <= row.best_epoch + 5 or row.epochs <= 5 + 5
    assert not list(tmp_path.rglob("*.checkpoint"))


def test_what_was_measured_is_not_measured_again(
    photos: tuple[Features, list[Caption]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _bench(photos, tmp_path, monkeypatch).run(["ours"], ["infonce"], [0])
    again = _bench(photos, tmp_path, monkeypatch)
    monkeypatch.setattr(Training, "run", lambda *_: pytest.fail("trained again"))
    assert again.run(["ours"], ["infonce"], [0]) == first
    other = replace(again, examples=replace(again.examples, photos=again.examples.photos + 1))
    with pytest.raises(pytest.fail.Exception):
        other.run(["ours"], ["infonce"], [0])


def test_mean_and_spread_are_over_seeds() -> None:
    rows = [Row("ours", "m3l", seed, {"en": 0.4 + seed / 10, "de": 0.2, "fr": 0.4}, 3 + seed, 9) for seed in range(3)]
    [found] = summary(rows)
    assert found["en"] == {"mean": pytest.approx(0.5), "std": pytest.approx(0.1)}
    assert found["others"] == {"mean": pytest.approx(0.3), "std": pytest.approx(0)}
    assert found["best_epoch"] == [3, 5]
    assert "| ours | m3l | 3 | 0.500 ± 0.100 | 0.300 ± 0.000 | 3–5 |" in as_markdown(rows)
    assert "| ours | m3l | 0.500 | 0.200 | 0.400 |" in as_markdown(rows)
    assert json.loads(json.dumps(found)) == found


def test_questions_are_the_longest_captions_of_dev_photos(photos: tuple[Features, list[Caption]]) -> None:
    features, captions = photos
    captions = [
        *captions,
        Caption(features.names[90], "dev", "de", "auto hund katze"),
        Caption("x", "dev", "en", "sea"),
    ]
    asked = dev_questions(features, captions, Words())
    assert len(asked["en"].sentences) == len(asked["en"].gallery) == len(asked["en"].answers) == 40
    np.testing.assert_array_equal(asked["de"].sentences[10], [1, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(asked["de"].gallery[asked["de"].answers[10]], features.vectors[90])


def _bench(
    photos: tuple[Features, list[Caption]], out: Path, monkeypatch: pytest.MonkeyPatch, most_epochs: int = 10
) -> Bench:
    monkeypatch.setattr(losses, "_to_the_end", lambda recipe: recipe.but(epochs=most_epochs, cycle=0, patience=5))
    features, captions = photos
    examples = build_examples(features, captions, Exclusions({"none": frozenset({999})}), Words())
    return Bench(examples, dev_questions(features, captions, Words()), out)
