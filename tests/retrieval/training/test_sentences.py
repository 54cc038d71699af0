"""The cache of encoded sentences."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.stages import Vectors
from retrieval.training.sentences import CachedEncoder


class Lengths:
    """Encodes a text by its length, and counts how often it is asked."""

    dim = 1
    languages = ("en",)

    def __init__(self, identity: str = "lengths/1") -> None:
        self.identity = identity
        self.asked = 0

    def encode(self, texts: Sequence[str], language: str | None = None) -> Vectors:
        self.asked += 1
        return np.array([[len(text)] for text in texts], np.float32)


def test_the_same_texts_are_encoded_once(tmp_path: Path) -> None:
    lengths = Lengths()
    cached = CachedEncoder(lengths, tmp_path)
    assert cached.encode(["a", "bcd"]).tolist() == cached.encode(["a", "bcd"]).tolist() == [[1], [3]]
    assert lengths.asked == 1
    assert (cached.identity, cached.dim, cached.languages) == ("lengths/1", 1, ("en",))


def test_other_texts_languages_and_encoders_are_told_apart(tmp_path: Path) -> None:
    lengths, other = Lengths(), Lengths("lengths/2")
    cached = CachedEncoder(lengths, tmp_path)
    for texts, language in ((["ab", "c"], None), (["a", "bc"], None), (["ab", "c"], "de")):
        cached.encode(texts, language)
    assert lengths.asked == 3
    CachedEncoder(other, tmp_path).encode(["ab", "c"])
    assert other.asked == 1


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    lengths = Lengths()
    cached = CachedEncoder(lengths, tmp_path)
    cached.encode(["a"])
    next(tmp_path.glob("*.npy")).write_bytes(b"\x93NUMPY")
    assert cached.encode(["a"]).tolist() == [[1]]
    assert lengths.asked == 2
