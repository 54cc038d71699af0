"""The view that a head is trained for."""

from dataclasses import replace

import numpy as np
import pytest

from retrieval.training.recipes import HeadRecipe
from retrieval.training.whitening import fit_view, typical_distance

RECIPE = HeadRecipe("infonce", "compact", "cosine", 1, 8, 1e-3)
PHOTOS = (np.random.default_rng(0).normal(size=(500, 6)) * [16, 1, 4, 0, 9, 2] + 3).astype(np.float32)


def test_without_a_number_of_dimensions_nothing_is_turned() -> None:
    view = fit_view(RECIPE, PHOTOS)
    assert view.projection is None
    np.testing.assert_allclose(view.centre, PHOTOS.mean(axis=0))
    assert fit_view(replace(RECIPE, metric="l2"), PHOTOS).centre is None


def test_whitened_axes_keep_the_root_of_their_spread_and_empty_ones_go() -> None:
    view = fit_view(replace(RECIPE, metric="l2", view_dim=100), PHOTOS)
    points = view.prepare(PHOTOS)
    assert points.shape == (500, 5)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=0.01)
    np.testing.assert_allclose(points.std(axis=0), [4, 3, 2, 2**0.5, 1], rtol=0.1)
    correlation = np.corrcoef(points, rowvar=False)
    np.testing.assert_allclose(correlation, np.eye(5), atol=0.01)


def test_the_widest_axes_are_kept_and_rounded_as_in_a_file() -> None:
    view = fit_view(replace(RECIPE, view_dim=2), PHOTOS)
    assert view.projection is not None and view.projection.shape == (6, 2)
    np.testing.assert_array_equal(view.projection, view.projection.astype(np.float16))
    assert np.abs(view.projection[[0, 4]]).max(axis=0).min() > 0.2
    np.testing.assert_allclose(np.linalg.norm(view.prepare(PHOTOS), axis=1), 1, rtol=1e-5)


def test_two_photos_leave_one_axis() -> None:
    assert fit_view(replace(RECIPE, view_dim=4), PHOTOS[:2]).prepare(PHOTOS).shape == (500, 1)


def test_typical_distance_is_the_median_of_squares() -> None:
    assert typical_distance(np.array([[0.0, 0], [3, 4], [0, 4]], np.float32)) == pytest.approx(16)
