"""Text encoders: a sentence in one of the eleven languages to a vector."""

from collections.abc import Sequence
from typing import Protocol

from indexer.errors import UnknownModelError
from indexer.modelstore import ModelStore
from indexer.stages import Vectors


class TextEncoder(Protocol):
    """Sentences to vectors; `identity` holds the first digits of the weights' sha256."""

    @property
    def identity(self) -> str:
        """Name and weights."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that it was trained on."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """n sentences to float32 [n, dim]."""


def load_text_encoder(name: str, store: ModelStore) -> TextEncoder:
    """The encoder of that name. Raises `UnknownModelError`, `ModelMissingError`, `ModelIntegrityError`."""
    if name != "starter":
        raise UnknownModelError(f"No text encoder is called '{name}': choose starter.")
    from retrieval.text.starter import StarterEncoder

    return StarterEncoder.load(store.path("starter-text"))
