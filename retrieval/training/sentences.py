"""Sentences are encoded once: what a slow encoder made of a list of texts is kept by content and encoder."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.durable import write_atomic
from indexer.stages import Vectors
from retrieval.text import TextEncoder


@dataclass(frozen=True)
class CachedEncoder:
    """A text encoder whose answers lie in `folder`, one NPY file per list of texts, named by sha256."""

    encoder: TextEncoder
    folder: Path

    @property
    def identity(self) -> str:
        """That of the encoder."""
        return self.encoder.identity

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.encoder.dim

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the encoder's languages."""
        return self.encoder.languages

    def encode(self, texts: Sequence[str], language: str | None = None) -> Vectors:
        """n sentences to float32 [n, dim]. A file that cannot be read is made anew."""
        file = self.folder / f"{self._key(texts, language)}.npy"
        try:
            return np.asarray(np.load(file, allow_pickle=False), np.float32)
        except (OSError, ValueError, EOFError):
            vectors = self.encoder.encode(texts, language)
        content = io.BytesIO()
        np.save(content, vectors, allow_pickle=False)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(file, content.getvalue())
        return vectors

    def _key(self, texts: Sequence[str], language: str | None) -> str:
        digest = hashlib.sha256(f"{self.encoder.identity}\n{language}\n{len(texts)}".encode())
        for text in texts:
            digest.update(hashlib.sha256(text.encode()).digest())
        return digest.hexdigest()
