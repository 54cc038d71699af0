import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.detect.pyramid import Pyramid, intersection_over_union, merged, rescaled, resized
from indexer.stages import Box


def box(x: float, y: float, score: float = 1.0) -> Box:
    return Box(x, y, 10, 10, score, "face")


def test_sides_and_factors_are_bounded() -> None:
    small, large = np.zeros((100, 50, 3), np.uint8), np.zeros((3000, 4000, 3), np.uint8)
    pyramid = Pyramid(sides=(50, 320), factors=(1.5,), limit=1280)
    assert pyramid.scales(small) == [0.5, 1.5, 2.0]
    assert max(pyramid.scales(large)) * 4000 <= 1280


def test_a_large_picture_is_looked_at_in_as_many_sizes_as_a_small_one() -> None:
    factors = Pyramid(factors=(0.75, 1.0, 1.5), limit=1280)
    assert factors.scales(np.zeros((250, 250, 3), np.uint8)) == [0.75, 1.0, 1.5]
    assert [round(scale * 4000) for scale in factors.scales(np.zeros((10, 4000, 3), np.uint8))] == [640, 853, 1280]


@given(scale=st.floats(0.1, 2))
def test_a_box_comes_back_to_the_original_scale(scale: float) -> None:
    there = rescaled(Box(10 * scale, 20 * scale, 5 * scale, 4 * scale, 0.5, "face"), scale)
    assert np.allclose((there.x, there.y, there.w, there.h), (10, 20, 5, 4))


def test_resizing_never_loses_a_side() -> None:
    assert resized(np.zeros((2, 400, 3), np.uint8), 0.1).shape == (1, 40, 3)


def test_of_overlapping_boxes_the_best_stays() -> None:
    assert merged([box(0, 0, 0.5), box(1, 1, 0.9), box(50, 50, 0.4)]) == [box(1, 1, 0.9), box(50, 50, 0.4)]


def test_intersection_over_union() -> None:
    assert intersection_over_union(box(0, 0), box(5, 0)) == 50 / 150
    assert intersection_over_union(box(0, 0), box(20, 0)) == 0
