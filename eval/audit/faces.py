"""Which faces are still found after anonymisation: `python -m eval.audit.faces FOLDER`.

Every photo is anonymised in memory, written as a JPEG and read again, as a reader would get it, and searched by two
detectors: YuNet at a threshold of 0.5 and three scales, and Ultra-Light RFB-320 at 0.7, which the product does not
verify with. Nothing is kept. A photo in `review` is shown to nobody, so it is counted apart and not searched.
"""

import argparse
import io
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from PIL import Image

from indexer.anonymise import VERIFY, build_anonymiser, default_policy
from indexer.decode import decode
from indexer.detect.yunet import YuNet
from indexer.find import find
from indexer.modelstore import ModelStore
from indexer.obfuscate import COVERS, covered_share
from indexer.settings import get_settings
from indexer.stages import FINDABLE, Anonymiser, Pixels, State

YUNET_THRESHOLD, ULTRALIGHT_THRESHOLD = 0.5, 0.7
JPEG_QUALITY = 95


@dataclass(frozen=True)
class FaceAudit:
    """Photos in all; shares of them, 0–1: held for review, with a face found by either detector before and after.

    `covered` is the mean share of a picture's area that was obfuscated.
    """

    photos: int
    review: float
    yunet_before: float
    yunet_after: float
    ultralight_before: float
    ultralight_after: float
    covered: float


class UltraLight:
    """Ultra-Light RFB-320 (Linzaer 2019) in ONNX: says how sure it is that there is any face."""

    def __init__(self, weights: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])

    def best_score(self, pixels: Pixels) -> float:
        """The highest face score in the picture, 0–1."""
        small = (cv2.resize(pixels, (320, 240)).astype(np.float32) - 127) / 128
        scores = self._session.run(["scores"], {self._session.get_inputs()[0].name: small.transpose(2, 0, 1)[None]})
        return float(np.asarray(scores[0])[0, :, 1].max())


def audit_faces(paths: Sequence[Path], anonymiser: Anonymiser, store: ModelStore) -> FaceAudit:
    """Anonymise and search. Raises `ModelMissingError` without the two detectors, `DecodeError` for a bad photo."""
    yunet = YuNet(store.path("yunet"), YUNET_THRESHOLD, VERIFY)
    ultralight = UltraLight(store.path("ultralight"))
    counts: Counter[str] = Counter()
    covered = []
    for path in paths:
        pixels = decode(path.read_bytes(), get_settings().max_pixels).pixels
        shown = anonymiser.anonymise(pixels)
        covered.append(covered_share(shown.boxes, pixels.shape))
        counts["yunet_before"] += bool(yunet.detect(pixels))
        counts["ultralight_before"] += ultralight.best_score(pixels) > ULTRALIGHT_THRESHOLD
        counts["review"] += shown.state is State.REVIEW
        if shown.state in FINDABLE:
            written = _written(shown.pixels)
            counts["yunet_after"] += bool(yunet.detect(written))
            counts["ultralight_after"] += ultralight.best_score(written) > ULTRALIGHT_THRESHOLD
    shares = {name: counts[name] / len(paths) for name in _shares()}
    return FaceAudit(photos=len(paths), covered=float(np.mean(covered)), **shares)


def _shares() -> Iterable[str]:
    return ("review", "yunet_before", "yunet_after", "ultralight_before", "ultralight_after")


def _written(pixels: Pixels) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling="4:4:4")
    with Image.open(buffer) as image:
        return np.array(image.convert("RGB"), np.uint8)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the audit of a folder."""
    parser = argparse.ArgumentParser(prog="python -m eval.audit.faces", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--method", choices=sorted(COVERS), default="blur")
    given = parser.parse_args(arguments)
    store = ModelStore(get_settings())
    anonymiser = build_anonymiser(default_policy(store, given.method), store)
    audit = audit_faces([found.path for found in find([given.folder])], anonymiser, store)
    for name, value in vars(audit).items():
        sys.stdout.write(f"{name:<18}{value:>10,}\n" if isinstance(value, int) else f"{name:<18}{value:>10.4f}\n")


if __name__ == "__main__":
    main()
