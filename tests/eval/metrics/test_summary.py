import numpy as np
import pytest

from eval.metrics.bootstrap import ratio_interval
from eval.metrics.ranks import ranks_of_best
from eval.metrics.summary import mean_recall_at_10, summarise


def test_ranks_become_figures() -> None:
    result = summarise(np.array([1.0, 3.0, 11.0, np.inf]))
    assert (result.queries, result.recall_at_1, result.recall_at_5, result.recall_at_10) == (4, 0.25, 0.5, 0.5)
    assert result.median_rank == 7 and result.mrr == pytest.approx((1 + 1 / 3 + 1 / 11) / 4)
    assert mean_recall_at_10([result, summarise(np.ones(2))]) == 0.75


def test_a_median_that_is_missing_has_no_rank() -> None:
    assert summarise(np.array([1.0, np.inf, np.inf])).to_json()["median_rank"] is None


def test_a_ratio_has_an_interval_about_it() -> None:
    found = ratio_interval(0.4, 200, 0.5, 1000)
    assert found is not None
    low, high = found
    assert 0.65 < low < 0.75 and 0.85 < high < 0.98, "0.8 with a standard error of about 0.07"
    assert ratio_interval(0.4, 200, 0.5, 1000) == found and ratio_interval(0.4, 200, 0.0, 10) is None


def test_the_best_relevant_item_counts_and_ties_are_pessimistic() -> None:
    scores = np.array([[0.9, 0.5, 0.5, 0.1], [0.3, 0.3, 0.3, 0.3], [1.0, 2.0, 3.0, 4.0]])
    relevant = np.array([[0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0]], bool)
    assert ranks_of_best(scores, relevant).tolist() == [3, 3, np.inf]
    with pytest.raises(ValueError, match="items"):
        ranks_of_best(scores, relevant[:, :2])
