"""The starter text encoder: the sum of a sentence's piece vectors, scaled to length 1. numpy and SentencePiece only.

One safetensors file holds it all: `rows` int8 [pieces, dim], `scales` float16 [pieces] (a piece's vector is its row
times its scale), and `pieces` uint8 [bytes], the SentencePiece model.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import sentencepiece
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from indexer.errors import ModelIntegrityError
from indexer.stages import Vectors
from retrieval.text.language import LANGUAGES

MOST_PIECES = 64
LEAST_SCALE = 6e-8
SHAPES = {"rows": (np.int8, 2), "scales": (np.float16, 1), "pieces": (np.uint8, 1)}


class StarterEncoder:
    """A bag of pieces. A sentence without a known piece is the zero vector."""

    languages = LANGUAGES

    def __init__(self, tensors: Mapping[str, NDArray[np.generic]], identity: str) -> None:
        _check(tensors)
        self.identity = identity
        self._rows = tensors["rows"]
        self._scales = tensors["scales"].astype(np.float32)
        self._processor = sentencepiece.SentencePieceProcessor(model_proto=tensors["pieces"].tobytes())
        if self._processor.get_piece_size() != len(self._rows):
            raise ModelIntegrityError(
                "The text encoder has another number of pieces than of vectors: bring back its weights."
            )

    @classmethod
    def load(cls, path: Path) -> "StarterEncoder":
        """From a safetensors file. Raises `ModelIntegrityError` when it is none, or not of this shape."""
        content = path.read_bytes()
        try:
            tensors = load(content)
        except SafetensorError as error:
            raise ModelIntegrityError("The text encoder's weights cannot be read: bring back the file.") from error
        return cls(tensors, f"starter-text/{hashlib.sha256(content).hexdigest()[:8]}")

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._rows.shape[1])

    def encode(self, texts: Sequence[str], language: str | None = None) -> Vectors:
        """n sentences of any of the languages to unit vectors float32 [n, dim]; at most 64 pieces of each are read."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, pieces in enumerate(self._processor.encode(list(texts))):
            known = [piece for piece in pieces[:MOST_PIECES] if piece]
            vectors[row] = self._scales[known] @ self._rows[known].astype(np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(norms > 0, norms, 1), np.float32)


def pack(table: Vectors, pieces: bytes) -> bytes:
    """Piece vectors float32 [pieces, dim] and the SentencePiece model to the bytes of the safetensors file."""
    scales = np.maximum(np.abs(table).max(axis=1) / 127, LEAST_SCALE).astype(np.float16)
    rows = np.clip(np.rint(table / scales.astype(np.float32)[:, None]), -127, 127).astype(np.int8)
    return bytes(save({"rows": rows, "scales": scales, "pieces": np.frombuffer(pieces, np.uint8)}))


def _check(tensors: Mapping[str, NDArray[np.generic]]) -> None:
    fits = tensors.keys() == SHAPES.keys() and all(
        tensors[name].dtype == dtype and tensors[name].ndim == ndim for name, (dtype, ndim) in SHAPES.items()
    )
    if not fits or tensors["rows"].shape[0] != tensors["scales"].shape[0]:
        raise ModelIntegrityError("The text encoder's weights do not have the right tensors: bring back the file.")
