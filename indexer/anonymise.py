"""Detect, obfuscate, verify: a picture leaves without faces and plates, or it is held for review."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from indexer.detect.cascades import Cascades
from indexer.detect.plates import YoloPlates
from indexer.detect.pyramid import Pyramid
from indexer.detect.yunet import YuNet
from indexer.errors import LibraryCorruptError
from indexer.modelstore import ModelStore
from indexer.obfuscate import Method, obfuscate
from indexer.stages import Anonymised, Box, Detector, Pixels, State

ROUNDS = 4
"""What verification still finds is hidden again, stronger each time, so often at most."""

SEARCH = Pyramid(sides=(320, 640, 1280))
VERIFY = Pyramid(factors=(0.75, 1.0, 1.5))
CASCADE_SEARCH = Pyramid(sides=(640,))
CASCADE_VERIFY = Pyramid(factors=(0.75, 1.0, 1.5), limit=640)
"""A cascade tries every window of a picture, so its time grows with the area: large pictures are made smaller."""
NEIGHBOURS = 4


@dataclass(frozen=True)
class Policy:
    """What is looked for and how it is hidden; part of a library for good."""

    faces: Literal["yunet", "cascades"] = "yunet"
    face_threshold: float = 0.5
    verify_threshold: float = 0.45
    """Verification counts weaker faces than the search: re-encoding a picture may make them stronger."""
    plates: Literal["yolov5n", "cascade"] = "cascade"
    plate_threshold: float = 0.25
    method: Method = "blur"

    def to_json(self) -> dict[str, Any]:
        """Plain values, for library.json."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Policy":
        """Raises `LibraryCorruptError` for values that this version does not know."""
        try:
            return cls(**values)
        except TypeError as error:
            raise LibraryCorruptError(
                "The library's policy names settings that are unknown here: update photoveil."
            ) from error


def default_policy(store: ModelStore, method: Method = "blur") -> Policy:
    """The best detectors that this machine has weights for; OpenCV's own cascades need none."""
    return Policy(
        faces="yunet" if store.has("yunet") else "cascades",
        plates="yolov5n" if store.has("plates") else "cascade",
        method=method,
    )


def build_anonymiser(policy: Policy, store: ModelStore) -> "DetectObfuscateVerify":
    """The anonymiser of a policy. Raises `ModelMissingError` when a detector's weights are not here."""
    find = [_faces(policy, store, searching=True), _plates(policy, store, CASCADE_SEARCH)]
    verify = [_faces(policy, store, searching=False), _plates(policy, store, CASCADE_VERIFY)]
    return DetectObfuscateVerify(find, verify, policy.method)


def _faces(policy: Policy, store: ModelStore, *, searching: bool) -> Detector:
    if policy.faces == "cascades":
        return Cascades("face", NEIGHBOURS, CASCADE_SEARCH if searching else CASCADE_VERIFY)
    if searching:
        return YuNet(store.path("yunet"), policy.face_threshold, SEARCH)
    return YuNet(store.path("yunet"), policy.verify_threshold, VERIFY)


def _plates(policy: Policy, store: ModelStore, pyramid: Pyramid) -> Detector:
    if policy.plates == "yolov5n":
        return YoloPlates(store.path("plates"), policy.plate_threshold)
    return Cascades("plate", NEIGHBOURS, pyramid)


@dataclass(frozen=True)
class DetectObfuscateVerify:
    """`find` says what to hide, `verify` must find nothing in what is shown. Fails closed."""

    find: Sequence[Detector]
    verify: Sequence[Detector]
    method: Method

    @property
    def identity(self) -> str:
        """All detectors and the method."""
        names = [detector.identity for detector in (*self.find, *self.verify)]
        return " ".join([*names, self.method])

    def anonymise(self, pixels: Pixels) -> Anonymised:
        """The picture without what was found; `review` when something is still found or a detector failed."""
        boxes: tuple[Box, ...] = ()
        try:
            found = [detector.detect(pixels) for detector in self.find]
            boxes = tuple(box for one in found for box in one)
            silent = [detector for detector, one in zip(self.find, found, strict=True) if not one]
            shown = obfuscate(pixels, boxes, self.method)
            for strength in range(1, ROUNDS + 1):
                # Who found nothing in the whole picture needs not be asked the same question again.
                left = [box for detector in self.verify if detector not in silent for box in detector.detect(shown)]
                if not left:
                    return Anonymised(shown, State.ANONYMISED if boxes else State.CLEAR, boxes)
                boxes = (*boxes, *left)
                shown = obfuscate(shown, left, self.method, strength + 1)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a detector, the photo must not be shown
            reason = f"It could not be checked ({type(error).__name__}): look at the file and try again."
            return Anonymised(np.zeros_like(pixels), State.REVIEW, boxes, reason)
        reason = "A face or plate was still found after it was hidden: look at it before it may be shown."
        return Anonymised(shown, State.REVIEW, boxes, reason)
