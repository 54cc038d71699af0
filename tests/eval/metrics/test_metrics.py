import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import bootstrap, ranks, recall, reciprocal_rank
from eval.metrics.bootstrap import bootstrap_interval
from eval.metrics.ranks import ranks_of_relevant
from eval.metrics.recall import recall_at_k

D = -np.array([[0.2, 0.2, 0.5, 0.1], [0.3, 0.3, 0.3, 0.9], [0, 1, 1, 1], [0.4, 0.4, 0.4, 0.4]])
DIAGONAL = np.arange(4)


@pytest.mark.parametrize("module", [bootstrap, ranks, recall, reciprocal_rank])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_ties_count_against_us_or_for_us() -> None:
    """A distance matrix worked by hand, the relevant items on its diagonal."""
    optimistic = ranks_of_relevant(D, DIAGONAL, "optimistic")
    pessimistic = ranks_of_relevant(D, DIAGONAL)
    assert optimistic.tolist() == [2, 1, 2, 1] and pessimistic.tolist() == [3, 3, 4, 4]
    assert [recall_at_k(optimistic, k) for k in (1, 2, 3)] == [0.5, 1, 1]
    assert [recall_at_k(pessimistic, k) for k in (1, 2, 3)] == [0, 0, 0.5]


def test_a_model_that_scores_all_alike_finds_nothing() -> None:
    assert recall_at_k(ranks_of_relevant(np.zeros((50, 50)), np.arange(50)), 10) == 0


@given(st.integers(0, 2**32 - 1))
def test_pessimism_never_ranks_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, relevant = rng.integers(0, 4, (6, 9)).astype(float), rng.integers(-1, 9, 6)
    assert (ranks_of_relevant(scores, relevant) >= ranks_of_relevant(scores, relevant, "optimistic")).all()


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError):
        ranks_of_relevant(np.zeros((2, 3)), np.arange(3))
    with pytest.raises(ValueError):
        recall_at_k(np.array([]), 10)


def test_the_interval_covers_the_mean_and_is_repeatable() -> None:
    values = (np.arange(200) % 3 == 0).astype(np.float64)
    low, high = bootstrap_interval(values)
    assert low < values.mean() < high and (low, high) == bootstrap_interval(values)
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(values.var() / 200), rel=0.15)
