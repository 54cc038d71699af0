"""Translations held back from the training of the text encoder, to see how it is doing."""

import zlib
from collections import defaultdict

import numpy as np

from retrieval.text import TextEncoder
from retrieval.training.exclusions import folded
from retrieval.training.pairs import Pair

ONE_IN = 50
MOST = 1000
"""Translations per language that are looked at."""


def hold_back(pairs: list[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Pairs to train on, and those of one English sentence in fifty, chosen by what it says: in whatever language."""
    held = [zlib.crc32(folded(pair.english).encode()) % ONE_IN == 0 for pair in pairs]
    return [p for p, out in zip(pairs, held, strict=True) if not out], [
        p for p, out in zip(pairs, held, strict=True) if out
    ]


def translation_recall(encoder: TextEncoder, pairs: list[Pair], seed: int = 0) -> dict[str, float]:
    """Recall@1 per language: is a sentence nearest to its English side among up to 1,000? Ties count against it."""
    by_language: dict[str, dict[str, Pair]] = defaultdict(dict)
    for row in np.random.default_rng(seed).permutation(len(pairs)):
        by_language[pairs[row].language].setdefault(folded(pairs[row].english), pairs[row])
    return {
        code: _recall_at_1(encoder, list(distinct.values())[:MOST]) for code, distinct in sorted(by_language.items())
    }


def _recall_at_1(encoder: TextEncoder, pairs: list[Pair]) -> float:
    scores = encoder.encode([pair.text for pair in pairs]) @ encoder.encode([pair.english for pair in pairs]).T
    return float(((scores >= scores.diagonal()[:, None]).sum(axis=1) <= 1).mean())
