"""What a language's ranks amount to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics.bootstrap import bootstrap_interval
from eval.metrics.recall import recall_at_k
from eval.metrics.reciprocal_rank import mean_reciprocal_rank


@dataclass(frozen=True)
class LanguageResult:
    """One language: `ci95` is the interval of Recall@10, `median_rank` is None when the median answer is missing."""

    queries: int
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    ci95: tuple[float, float]
    median_rank: float | None
    mrr: float

    def to_json(self) -> dict[str, Any]:
        """The fields under their public names."""
        return {
            "queries": self.queries,
            "recall@1": self.recall_at_1,
            "recall@5": self.recall_at_5,
            "recall@10": self.recall_at_10,
            "ci95": list(self.ci95),
            "median_rank": self.median_rank,
            "mrr": self.mrr,
        }


def summarise(ranks: NDArray[np.float64]) -> LanguageResult:
    """From ranks [queries] that count from 1, infinity for what is not there."""
    median = float(np.median(ranks))
    return LanguageResult(
        queries=len(ranks),
        recall_at_1=recall_at_k(ranks, 1),
        recall_at_5=recall_at_k(ranks, 5),
        recall_at_10=recall_at_k(ranks, 10),
        ci95=bootstrap_interval((ranks <= 10).astype(np.float64)),
        median_rank=median if np.isfinite(median) else None,
        mrr=mean_reciprocal_rank(ranks),
    )


def mean_recall_at_10(results: Iterable[LanguageResult]) -> float:
    """Mean of Recall@10 over languages, each counting once."""
    return float(np.mean([result.recall_at_10 for result in results]))
