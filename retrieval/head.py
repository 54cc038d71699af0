"""Heads: a sentence's vector to a point of an image space. numpy only; the weights are half precision on disk.

A head is `<name>.safetensors` and its card `<name>.json`, which says what it was trained on and for. The weights are
`0.weight` float16 [out, in], `0.bias` float16 [out], … one pair per layer. Where photos' vectors are moved or turned
before they are compared, `centre` float32 [D] and `projection` float16 [D, out] say how.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from indexer.errors import ModelIntegrityError, ModelMissingError, SpaceMismatchError, UsageError
from indexer.modelstore import ModelStore
from indexer.stages import Vectors
from indexer.views import View

Architecture = Literal["compact", "paper"]
WIDTHS: dict[str, tuple[int, ...]] = {"compact": (1024,), "paper": (1024, 2048)}
"""Widths of the layers before the last, which is as wide as the view of the image space."""

LEAST_NORM = 1e-12


@dataclass(frozen=True, eq=False)
class Head:
    """Layers, the view that the points belong to, and the card.

    `paper` is FC, ReLU, L2 per layer, the last one without the L2 (Aggarwal and Kale 2020, section 3; while training,
    dropout sits between FC and ReLU); the paper does not say whether the last one keeps its ReLU: `last_relu` False
    leaves it out. `compact` is FC, ReLU, FC.
    """

    layers: tuple[tuple[Vectors, Vectors], ...]
    architecture: Architecture
    view: View
    card: dict[str, Any]
    last_relu: bool = True

    @property
    def space(self) -> str:
        """Identity of the image space that the head ends in."""
        return str(self.card["space"])

    @property
    def text(self) -> str:
        """Identity of the text encoder that it was trained on."""
        return str(self.card["text"])

    def project(self, sentences: Vectors) -> Vectors:
        """float32 [n, d] to points of `view`, float32 [n, D']. Raises `SpaceMismatchError` for another d."""
        points = np.asarray(sentences, np.float32)
        if points.shape[1] != self.layers[0][0].shape[1]:
            raise SpaceMismatchError(
                "The head was trained on sentence vectors of another length: choose its text encoder."
            )
        last = len(self.layers) - 1
        for number, (weight, bias) in enumerate(self.layers):
            points = points @ weight.T + bias
            if number < last or (self.architecture == "paper" and self.last_relu):
                points = np.maximum(points, 0)
            if self.architecture == "paper" and number < last:
                points = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), LEAST_NORM)
        return np.asarray(points, np.float32)


def load_head(name: str | Path, store: ModelStore) -> Head:
    """A head by name (`resnet50` is `head-resnet50`) or by its safetensors file, with its card beside it.

    Raises `UnknownModelError`, `ModelMissingError` without weights or card, `ModelIntegrityError` for damaged ones.
    """
    path = Path(name)
    weights = path if path.suffix == ".safetensors" else store.path(f"head-{name}")
    return read_head(weights)


def full_name(name: str | None, default: str, store: ModelStore) -> str:
    """Which head `name` means beside a profile's own, `default`: `m3l` is `resnet50-m3l` where there is such a head."""
    beside = f"{default}-{name}"
    return default if name is None else beside if store.knows(f"head-{beside}") else name


def read_head(weights: Path) -> Head:
    """The head in a safetensors file and the card beside it, checked against each other."""
    try:
        content, card = weights.read_bytes(), json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelMissingError(
            "The head's weights or its card is missing: keep NAME.safetensors and NAME.json together."
        ) from error
    except ValueError as error:
        raise ModelIntegrityError("The head's card cannot be read: bring back the file.") from error
    if not isinstance(card, dict) or hashlib.sha256(content).hexdigest() != card.get("sha256"):
        raise ModelIntegrityError("The head's weights are not those of its card: bring back both files.")
    try:
        tensors = load(content)
    except SafetensorError as error:
        raise ModelIntegrityError("The head's weights cannot be read: bring back the file.") from error
    return build_head(tensors, card)


def build_head(tensors: Mapping[str, NDArray[np.generic]], card: dict[str, Any]) -> Head:
    """From tensors by name. Raises `ModelIntegrityError` when the layers do not fit together."""
    count = sum(name.endswith(".weight") for name in tensors)

    def single(name: str) -> Vectors:
        return tensors[name].astype(np.float32)

    try:
        layers = tuple((single(f"{number}.weight"), single(f"{number}.bias")) for number in range(count))
        projection = single("projection") if "projection" in tensors else None
        centred = card["metric"] == "cosine" or projection is not None
        view = View(card["metric"], single("centre") if centred else None, projection)
        head = Head(layers, card["architecture"], view, card, card.get("last_relu", True))
        points = head.project(np.zeros((1, layers[0][0].shape[1]), np.float32))
        if projection is not None and points.shape[1] != projection.shape[1]:
            raise ValueError("the head ends in another space than the projection")
    except (KeyError, IndexError, ValueError, UsageError) as error:
        raise ModelIntegrityError("The head's tensors do not fit its card: bring back both files.") from error
    return head
