"""Recall while training: ties count against it."""

from typing import Literal

import numpy as np
import pytest

from retrieval.head import build_head
from retrieval.training.validation import Questions, recall

IDENTITY = {"0.weight": np.eye(2, dtype=np.float16), "0.bias": np.zeros(2, np.float16)}


def test_equal_photos_are_not_found() -> None:
    assert recall(build_head(IDENTITY, _card("l2")), _questions(np.ones((11, 2), np.float32))) == 0.0
    assert recall(build_head(IDENTITY, _card("l2")), _questions(np.ones((10, 2), np.float32))) == 1.0


@pytest.mark.parametrize(("metric", "expected"), [("l2", 0.0), ("cosine", 1.0)])
def test_the_views_metric_ranks(metric: Literal["l2", "cosine"], expected: float) -> None:
    gallery = np.concatenate([[[3, 0]], np.tile([[0.9, 0.5]], (10, 1))]).astype(np.float32)
    head = build_head({**IDENTITY, "centre": np.zeros(2, np.float32)}, _card(metric))
    assert recall(head, _questions(gallery)) == expected


def _card(metric: str) -> dict[str, str]:
    return {"architecture": "compact", "metric": metric}


def _questions(gallery: np.ndarray) -> Questions:
    return Questions(np.array([[1, 0]], np.float32), gallery, np.zeros(1, np.int64))
