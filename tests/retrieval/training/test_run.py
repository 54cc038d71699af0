"""When a training ends, and at which rate it goes until then."""

from dataclasses import replace

import numpy as np
import pytest

from retrieval.training.examples import Examples
from retrieval.training.recipes import HeadRecipe
from retrieval.training.run import Training
from retrieval.training.schedule import FLOOR, cycle_then_floor
from retrieval.training.validation import Questions

RECIPE = HeadRecipe("infonce", "compact", "cosine", 50, 8, 1e-3, patience=5)


@pytest.mark.parametrize(
    ("curve", "ended"),
    [
        ([], False),
        ([0.1, 0.2, 0.2, 0.1, 0.2, 0.19], False),
        ([0.1, 0.2, 0.2, 0.1, 0.2, 0.19, 0.2], True),
        ([0.5, 0.1, 0.1, 0.1, 0.1, 0.6], False),
    ],
)
def test_five_evaluations_without_improvement_end_it(curve: list[float], ended: bool) -> None:
    assert _training(RECIPE, curve).ended is ended
    assert not _training(replace(RECIPE, patience=None), curve).ended


def test_warm_up_and_cycle_are_not_cut_short() -> None:
    curve = [0.5, *[0.1] * 7]
    assert _training(RECIPE, curve).ended
    assert not _training(replace(RECIPE, warm_epochs=4), curve).ended
    assert not _training(replace(RECIPE, cycle=4), curve).ended
    assert _training(replace(RECIPE, cycle=3), curve).ended


def test_all_epochs_end_it() -> None:
    rising = [number / 10 for number in range(6)]
    assert _training(replace(RECIPE, epochs=6), rising).ended
    assert not _training(replace(RECIPE, epochs=6, warm_epochs=1), rising).ended


def test_the_rate_after_the_cycle() -> None:
    assert cycle_then_floor(7.3, 0) == 1
    assert cycle_then_floor(3.0, 10) == pytest.approx(1)
    assert cycle_then_floor(9.999, 10) == cycle_then_floor(25.0, 10) == FLOOR


def test_noise_turns_sentences_and_keeps_their_lengths() -> None:
    training = _training(replace(RECIPE, noise=0.5), [])
    sentences = training.sentences * 3
    turned = training._disturbed(sentences)
    np.testing.assert_allclose(turned.norm(dim=1), sentences.norm(dim=1), rtol=1e-5)
    assert (turned - sentences).norm(dim=1).min() > 0
    assert _training(RECIPE, [])._disturbed(sentences) is sentences


def _training(recipe: HeadRecipe, curve: list[float]) -> Training:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4, 6)).astype(np.float32)
    numbers = np.arange(4)
    return Training(Examples(rows, numbers, rows, Questions(rows, rows, numbers)), recipe, 0, "cpu", curve)
