import numpy as np
import pytest

from eval import scores
from eval.scores import caption_ranks, photo_ranks, score
from indexer.views import View


def test_the_metric_decides_the_order() -> None:
    query, photos = np.array([[1, 0]], np.float32), np.array([[3, 0], [0.9, 0.5]], np.float32)
    assert np.allclose(score(query, photos, View("l2")), [[-4, -0.26]])
    cosine = View("cosine")
    assert np.allclose(score(query, cosine.prepare(photos), cosine), [[1, 0.874157]], atol=1e-6)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    points, photos = rng.normal(size=(40, 5)).astype(np.float32), rng.normal(size=(30, 5)).astype(np.float32)
    answers, view = rng.integers(-1, 30, 40), View("l2")
    whole = photo_ranks(points, answers, photos, view), caption_ranks(photos, points, answers, view)
    monkeypatch.setattr(scores, "BLOCK", 7)
    parts = photo_ranks(points, answers, photos, view), caption_ranks(photos, points, answers, view)
    assert all(np.array_equal(one, other) for one, other in zip(whole, parts, strict=True))
    distances = ((points[:, None] - photos[None]) ** 2).sum(-1)
    expected = [np.inf if row < 0 else (d <= d[row]).sum() for d, row in zip(distances, answers, strict=True)]
    assert whole[0].tolist() == expected


def test_a_photo_is_content_with_its_best_caption() -> None:
    photos = np.array([[0, 0], [10, 0], [20, 0]], np.float32)
    points = np.array([[9, 0], [1, 0], [0, 5], [10, 0]], np.float32)
    ranks = caption_ranks(photos, points, np.array([0, 0, 1, -1]), View("l2"))
    assert ranks.tolist() == [1, 4], "photo 2 has no caption and does not ask"
