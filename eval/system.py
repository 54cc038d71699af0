"""What is measured: photos with their vectors, the text encoder whose sentences look for them, and the head between.

The photos come from a library, or from an export of one where the photos themselves are not at hand.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.devices import pick_device
from indexer.errors import DataError, SpaceMismatchError
from indexer.library import Library
from indexer.modelstore import ModelStore
from indexer.profiles import IDENTITY, profile
from indexer.settings import get_settings
from indexer.stages import ImageSpace, Vectors
from retrieval.engine import Engine
from retrieval.features import load_features
from retrieval.head import Head, full_name, load_head
from retrieval.identity import identity_head
from retrieval.text import TextEncoder, load_text_encoder


@dataclass(frozen=True, eq=False)
class System:
    """n photos: `rows` maps their file names to rows of `vectors`, raw, float32 [n, d]; `ids` int64 [n] are those of
    the library in `engine`, both None for an export. One photo may have several names; of photos that share a name the
    first one goes by it.
    """

    profile: str
    encoder: TextEncoder
    head: Head
    rows: Mapping[str, int]
    vectors: Vectors
    engine: Engine | None = None
    ids: NDArray[np.int64] | None = None
    m3l: Head | None = None
    """The head by the published objective that comes with the profile, where `head` is another."""

    @property
    def setting(self) -> dict[str, Any]:
        """What a report says about it."""
        return {
            "profile": self.profile,
            "photos": "library" if self.engine else "features",
            "space": self.head.space,
            "text": self.head.text,
            "head_sha256": self.head.card.get("sha256"),
            "loss": self.head.card.get("loss"),
            "metric": self.head.view.metric,
        }


def of_library(engine: Engine, head: str | None = None, text: str | None = None) -> System:
    """All findable photos of a library, with its profile's text encoder and head, or with others by name.

    Raises `DataError` when it keeps no paths to join captions by, `SpaceMismatchError` when head, encoder and photos do
    not belong together.
    """
    if engine.library.manifest.paths == "none":
        raise DataError(
            "This library keeps no paths, so captions cannot be joined to its photos: index with paths kept."
        )
    store, space = engine.store, engine.library.manifest.space
    encoder = engine.text_encoder if text is None else load_text_encoder(text, store)
    if text is None:
        chosen = engine.head(head)
    else:
        chosen = _fitting(full_name(head, engine.profile.head, store), space, encoder, store)
    ids, vectors = engine.library.vectors()
    rows = _rows_by_name(engine.library, ids)
    m3l = _m3l(engine.profile.head, chosen, space, encoder, store)
    return System(engine.profile.name, encoder, chosen, rows, vectors, engine, ids, m3l)


def _rows_by_name(library: Library, ids: NDArray[np.int64]) -> dict[str, int]:
    row_of = {int(photo): row for row, photo in enumerate(ids)}
    named: dict[str, int] = {}
    for name, photo in library.file_names():
        if photo in row_of:
            named.setdefault(name, row_of[photo])
    return named


def of_features(path: Path, head: str | None = None, text: str | None = None, device: str | None = None) -> System:
    """An export folder, with the text encoder and the head of the profile it was made with, or with others by name.

    Raises `DataError`, and `SpaceMismatchError` when head, encoder and photos do not belong together.
    """
    made_with = profile(_profile_of(path))
    features, store = load_features(path), ModelStore(get_settings())
    encoder = load_text_encoder(text or made_with.text, store, pick_device(device))
    space = ImageSpace(features.space, features.vectors.shape[1])
    chosen = _fitting(full_name(head, made_with.head, store), space, encoder, store)
    rows: dict[str, int] = {}
    for row, name in enumerate(features.names):
        rows.setdefault(name, row)
    m3l = _m3l(made_with.head, chosen, space, encoder, store)
    return System(made_with.name, encoder, chosen, rows, features.vectors, m3l=m3l)


def _fitting(name: str, space: ImageSpace, encoder: TextEncoder, store: ModelStore) -> Head:
    if name == IDENTITY:
        return identity_head(space, encoder.identity)
    head = load_head(name, store)
    if (head.space, head.text) != (space.identity, encoder.identity):
        raise SpaceMismatchError(
            f"The head '{name}' was trained from {head.text} to {head.space}, these are {encoder.identity} and "
            f"{space.identity}: choose a head trained on them with --head, or its text encoder with --text."
        )
    return head


def _m3l(default: str, chosen: Head, space: ImageSpace, encoder: TextEncoder, store: ModelStore) -> Head | None:
    """None where the profile has none that fits, and where the chosen head is by that objective."""
    name = full_name("m3l", default, store)
    if name == "m3l" or chosen.card.get("loss") == "m3l":
        return None
    head = load_head(name, store)
    return head if (head.space, head.text) == (space.identity, encoder.identity) else None


def _profile_of(export: Path) -> str:
    try:
        return str(json.loads((export / "manifest.json").read_text(encoding="utf-8"))["profile"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError("That is no export: make one with `photoveil export`, or name a library.") from error
