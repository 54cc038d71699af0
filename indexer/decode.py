"""Bytes of a file to upright pixels; of the metadata only date and camera are read, the rest stays behind."""

import io
import warnings
from datetime import datetime

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from indexer.errors import DecodeError
from indexer.stages import Decoded, Pixels

try:
    from pillow_heif import register_heif_opener
except ImportError:
    HAS_HEIF = False
else:
    register_heif_opener()
    HAS_HEIF = True

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", *(("HEIF",) if HAS_HEIF else ()))
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")
EXIF_IFD, DATE_TAKEN, MAKE, MODEL = 0x8769, 0x9003, 0x010F, 0x0110
SIXTEEN_TO_EIGHT = 257
SMALLEST_SIDE = 8

Image.init()  # every decoder is loaded here, not at the first file that needs it
Image.MAX_IMAGE_PIXELS = None  # our own cap is checked before a pixel is read


def decode(data: bytes, max_pixels: int) -> Decoded:
    """The first frame, upright, RGB, uint8. Raises `DecodeError` with a plain reason.

    Transparent pictures are laid on white, 16 bits become 8, CMYK, palettes and greys become RGB.
    """
    if not data:
        raise DecodeError("The file is empty: copy it again from where it came.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _decode(data, max_pixels)
    except DecodeError:
        raise
    except UnidentifiedImageError as error:
        raise DecodeError(_unknown(data)) from error
    except Warning as error:
        raise DecodeError("The picture is damaged: open it in an editor and save it anew.") from error
    except Exception as error:  # decoders of foreign bytes raise whatever they like
        raise DecodeError("The picture is damaged or cut off: copy it again from where it came.") from error


def _decode(data: bytes, max_pixels: int) -> Decoded:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > max_pixels:
            megapixels = image.width * image.height / 1e6
            raise DecodeError(
                f"The picture has {megapixels:.0f} megapixels, more than the {max_pixels / 1e6:.0f} allowed: "
                "scale it down or raise PHOTOVEIL_MAX_PIXELS."
            )
        if min(image.size) < SMALLEST_SIDE:
            raise DecodeError(
                f"The picture is only {image.width} x {image.height} pixels: there is nothing to find in it."
            )
        exif = image.getexif()
        image.load()
        upright = ImageOps.exif_transpose(image)
        taken_at = _date(str(exif.get_ifd(EXIF_IFD).get(DATE_TAKEN, "")))
        return Decoded(_rgb(upright), taken_at, _camera(str(exif.get(MAKE, "")), str(exif.get(MODEL, ""))))


def _rgb(image: Image.Image) -> Pixels:
    if image.mode.startswith("I;16"):
        eight = (np.asarray(image, np.uint32) + SIXTEEN_TO_EIGHT // 2) // SIXTEEN_TO_EIGHT
        image = Image.fromarray(eight.astype(np.uint8))
    elif image.mode in ("I", "F"):
        image = Image.fromarray(_stretched(np.asarray(image, np.float64)))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return np.array(image.convert("RGB"), np.uint8)


def _stretched(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Pixels:
    """32-bit greys have no agreed white: the brightest of them, or 65535 where that is within reach, becomes 255."""
    white = 65535.0 if values.max() > 255 else 255.0
    return np.asarray(np.rint(np.clip(values / max(white, values.max()), 0, 1) * 255), np.uint8)


def _date(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None  # cameras without a clock write blanks or zeros


def _camera(make: str, model: str) -> str | None:
    make, model = make.strip("\0 "), model.strip("\0 ")
    return (model if model.startswith(make) else f"{make} {model}".strip()) or None


def _unknown(data: bytes) -> str:
    if not HAS_HEIF and data[8:12] in HEIF_BRANDS:
        return "HEIC pictures need the optional group 'heif': pip install 'photoveil[heif]'."
    return "The file is not a JPEG, PNG, WebP, TIFF, GIF or HEIC picture, whatever its name says."
