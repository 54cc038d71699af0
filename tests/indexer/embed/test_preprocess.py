import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.embed.preprocess import ResizeCrop


@given(height=st.integers(8, 300), width=st.integers(8, 300))
def test_every_picture_becomes_the_same_square(height: int, width: int) -> None:
    assert ResizeCrop(32, 28)(np.zeros((height, width, 3), np.uint8)).shape == (28, 28, 3)


def test_the_crop_is_central() -> None:
    pixels = np.zeros((64, 128, 3), np.uint8)
    pixels[:, 60:68] = 255
    row = ResizeCrop(64, 32)(pixels)[16, :, 0]
    assert row[12:20].min() == 255 and row[:12].max() == row[20:].max() == 0
