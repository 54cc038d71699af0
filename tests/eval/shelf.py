"""A small real library in the starter's spaces, with vectors that a test chooses."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from indexer.library import Library, Location, NewPhoto
from indexer.modelstore import ModelStore
from indexer.settings import get_settings
from indexer.stages import ImageSpace, State
from retrieval.engine import Engine
from retrieval.head import load_head
from retrieval.text import load_text_encoder


def describe(texts: Mapping[str, str]) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    """Vectors that lie where the starter head puts these words: photo name to words."""
    store = ModelStore(get_settings())
    head = load_head("starter", store)
    points = head.view.prepare_queries(head.project(load_text_encoder("starter", store).encode(list(texts.values()))))
    centre, projection = head.view.centre if head.view.centre is not None else 0, head.view.projection
    points = points if projection is None else points @ np.linalg.pinv(projection)
    return dict(zip(texts, points + centre, strict=True))


def library_of(folder: Path, texts: Mapping[str, str], paths: str = "relative") -> Path:
    """A library whose photos are exactly what the words say, and one photo that ended in review."""
    head = load_head("starter", ModelStore(get_settings()))
    vectors = describe(texts)
    space = ImageSpace(head.space, len(next(iter(vectors.values()))))
    with Library.create(folder, space=space, profile="starter", policy={}, paths=paths) as library:  # type: ignore[arg-type]
        photos = [_photo(name, State.CLEAR, vector) for name, vector in vectors.items()]
        library.commit([*photos, _photo("review.jpg", State.REVIEW, None)])
        library.publish(head.view)
    return folder


def _photo(name: str, state: State, vector: np.ndarray | None) -> NewPhoto:  # type: ignore[type-arg]
    digest = hashlib.sha256(name.encode()).hexdigest()
    return NewPhoto(
        digest, Location("in-0", f"some/{name}", 1, 1), 1, 9, 9, state, "held" if vector is None else "", vector=vector
    )


def opened(folder: Path) -> Engine:
    """The library through the engine."""
    return Engine.open(folder, device="cpu")
