"""Any sentence-transformers model as a text encoder."""

from collections.abc import Sequence

import numpy as np

from indexer.embed.sentence_model import SentenceModel, load_sentence_model
from indexer.modelstore import ModelStore
from indexer.stages import Vectors

BATCH = 64


class SentenceEncoder:
    """Sentences as they are to the model's own vectors; which languages it knows, its files do not tell."""

    languages: tuple[str, ...] = ()

    def __init__(self, model: SentenceModel) -> None:
        self._network = model.network
        self.dim = model.dim
        self.identity = f"sentence/{model.name}"

    @classmethod
    def load(cls, place: str, store: ModelStore, device: str = "cpu") -> "SentenceEncoder":
        """From a folder or a hub id. Raises `MissingExtraError`, `ModelMissingError`, `ModelIntegrityError`."""
        return cls(load_sentence_model(place, store, device))

    def encode(self, texts: Sequence[str], language: str | None = None) -> Vectors:
        """n sentences to float32 [n, dim]; the language is not needed."""
        vectors = self._network.encode(list(texts), batch_size=BATCH, show_progress_bar=False)
        return np.asarray(vectors, np.float32).reshape(len(texts), self.dim)
