import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.obfuscate import COVERS, Method, covered_share, dilated, feathered, mask, obfuscate
from indexer.stages import Box
from tests.conftest import picture

METHODS: list[Method] = sorted(COVERS)
boxes = st.builds(
    Box,
    x=st.floats(-40, 140),
    y=st.floats(-40, 110),
    w=st.floats(1, 120),
    h=st.floats(1, 120),
    score=st.just(1.0),
    kind=st.just("face"),
)


@given(box=boxes, method=st.sampled_from(METHODS), strength=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_nothing_outside_the_feathered_box_changes(box: Box, method: Method, strength: int) -> None:
    pixels = picture(1, 90, 120)
    result = obfuscate(pixels, [box], method, strength)
    left, top, right, bottom = feathered(box, pixels.shape)
    outside = np.ones(pixels.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert np.array_equal(result[outside], pixels[outside])
    assert result.shape == pixels.shape and result.dtype == np.uint8


@given(box=boxes)
@settings(max_examples=60, deadline=None)
def test_the_whole_box_is_covered_fully(box: Box) -> None:
    left, top, right, bottom = (round(value) for value in dilated(box))
    assert (mask(box, (left + 1, top + 1, right - 1, bottom - 1)) == 1).all()


@pytest.mark.parametrize("method", METHODS)
def test_of_a_large_box_at_most_eight_cells_a_side_are_left(method: Method) -> None:
    """A checkerboard of a tenth of the box must be gone."""
    board = np.kron(np.indices((20, 20)).sum(axis=0) % 2, np.ones((10, 10))).astype(np.uint8)[..., None] * 255
    pixels = np.repeat(board, 3, axis=2)
    hidden = obfuscate(pixels, [Box(20, 20, 160, 160, 1, "face")], method)[40:160, 40:160].astype(float)
    lines = np.abs(np.diff(hidden.mean(axis=2), axis=1))
    assert lines.mean() < 0.25 * np.abs(np.diff(pixels[40:160, 40:160, 0].astype(float), axis=1)).mean()


def test_a_higher_strength_leaves_less() -> None:
    wave = 128 + 100 * np.sin(np.arange(100) / 8)
    pixels = np.broadcast_to(wave[None, :, None], (100, 100, 3)).astype(np.uint8)
    box = Box(10, 10, 80, 80, 1, "face")
    left = [obfuscate(pixels, [box], "blur", strength)[30:70, 30:70].std() for strength in (1, 2, 3)]
    assert left[0] > left[1] > left[2]


def test_the_original_stays_as_it_is() -> None:
    pixels = picture(3)
    obfuscate(pixels, [Box(0, 0, 30, 30, 1, "face")])
    assert np.array_equal(pixels, picture(3))


def test_covered_share_counts_overlaps_once() -> None:
    box = Box(0, 0, 200, 50, 1, "face")
    assert covered_share([box, box], (100, 100)) == covered_share([box], (100, 100)) < 1
    assert covered_share([], (10, 10)) == 0
