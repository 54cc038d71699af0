import io
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from indexer.decode import HAS_HEIF, decode
from indexer.errors import DecodeError
from tests.conftest import picture

LIMIT = 1_000_000


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_reads_the_common_formats(kind: str) -> None:
    assert decode(encoded(Image.fromarray(picture(1)), kind), LIMIT).pixels.shape == (48, 64, 3)


@pytest.mark.skipif(not HAS_HEIF, reason="pillow-heif is not installed")
def test_reads_heic() -> None:
    assert decode(encoded(Image.fromarray(picture(1)), "HEIF"), LIMIT).pixels.shape == (48, 64, 3)


def test_turns_the_picture_upright_and_keeps_date_and_camera_only() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = 6, "Acme", "Acme One"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:06 07:08:09"
    decoded = decode(encoded(Image.fromarray(picture(1)), "PNG", exif=exif), LIMIT)
    assert np.array_equal(decoded.pixels, np.rot90(picture(1), -1))
    assert (decoded.taken_at, decoded.camera) == (datetime(2024, 5, 6, 7, 8, 9), "Acme One")


def test_a_blank_date_is_no_date() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "    :  :     :  :  "
    assert decode(encoded(Image.fromarray(picture(1)), "PNG", exif=exif), LIMIT).taken_at is None


def test_sixteen_bits_become_eight() -> None:
    values = np.linspace(0, 65535, 100, dtype=np.uint16).reshape(10, 10)
    pixels = decode(encoded(Image.fromarray(values), "PNG"), LIMIT).pixels
    assert pixels[0, 0, 0] == 0 and pixels[-1, -1, 0] == 255 and abs(int(pixels[5, 0, 0]) - values[5, 0] / 257) <= 1


def test_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (16, 16), (200, 0, 0, 0))
    assert (decode(encoded(clear, "PNG"), LIMIT).pixels == 255).all()


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "1", "LA"])
def test_other_modes_become_rgb(mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    image = Image.fromarray(picture(2)).convert("L" if mode == "LA" else "RGB").convert(mode)
    assert decode(encoded(image, kind), LIMIT).pixels.shape == (48, 64, 3)


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("white", "black")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (decode(data, LIMIT).pixels == 255).all()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"hello, I am a text" * 10, "not a JPEG"),
        (encoded(Image.fromarray(picture(1, 400, 400)), "JPEG")[:4000], "damaged or cut off"),
        (encoded(Image.new("RGB", (2000, 1000)), "PNG"), "megapixels"),
        (encoded(Image.new("RGB", (3, 3)), "PNG"), "only 3 x 3"),
        (encoded(Image.new("RGB", (30, 30)), "PPM"), "not a JPEG"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, says: str) -> None:
    with pytest.raises(DecodeError, match=says):
        decode(data, LIMIT)


def test_the_name_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "wrong.jpg").write_bytes(encoded(Image.fromarray(picture(1)), "PNG"))
    assert decode((tmp_path / "wrong.jpg").read_bytes(), LIMIT).pixels.shape == (48, 64, 3)


@given(at=st.integers(0, 4000), value=st.integers(0, 255))
def test_a_flipped_byte_never_escapes_as_a_foreign_error(at: int, value: int) -> None:
    data = bytearray(encoded(Image.fromarray(picture(3)), "JPEG"))
    data[at % len(data)] = value
    try:
        decode(bytes(data), LIMIT)
    except DecodeError as error:
        assert str(error)
