"""What a training of the text encoder sees: pairs of sentences that mean the same, in batches of one kind."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.training.exclusions import folded
from retrieval.training.pairs import Pair, PhotoCaption, draw_weights, meaning_of, photo_key
from retrieval.training.vocabulary import Sentences, piece_count, tokenise


@dataclass(frozen=True)
class Corpus:
    """All sentences, and how they pair: n texts, their n English sides, m captions of photos."""

    texts: list[str]
    """[2 n + m] in this order."""
    model: bytes
    """The SentencePiece model that cuts them."""
    meanings: NDArray[np.int64]
    """[2 n + m] equal where two must not be each other's negatives."""
    weights: NDArray[np.float64]
    """[n] expected draws of a pair per epoch."""
    caption: NDArray[np.bool_]
    """[n] whether the pair describes a photo."""
    groups: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
    """Rows of `texts` that describe one photo: in English, and in the other languages."""

    @property
    def vocabulary(self) -> int:
        """Number of pieces."""
        return piece_count(self.model)

    @property
    def pairs(self) -> int:
        """n, the number of translation pairs."""
        return len(self.weights)

    @property
    def fingerprint(self) -> str:
        """Equal for equal sentences and pairs."""
        digest = hashlib.sha256(self.model)
        for array in (self.meanings, self.weights, self.caption):
            digest.update(array.tobytes())
        for text in self.texts:
            digest.update(text.encode())
        return digest.hexdigest()

    def sentences(self, alpha: float, seed: int) -> Sentences:
        """Piece ids of `texts`, cut at random as `alpha` and `seed` say (0: as the encoder will cut them)."""
        return tokenise(self.model, self.texts, alpha=alpha, seed=seed)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of `texts` left and right, `meanings`, int64 [b]; `translation` bool [b], False for paraphrases."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    meanings: NDArray[np.int64]
    translation: NDArray[np.bool_]


def build_corpus(pairs: list[Pair], captions: list[PhotoCaption], model: bytes) -> Corpus:
    """What is trained on, with the weights and meanings of every sentence."""
    meanings = [pair.meaning for pair in pairs] * 2 + [meaning_of(photo_key(one.photo)) for one in captions]
    return Corpus(
        [pair.text for pair in pairs] + [pair.english for pair in pairs] + [one.text for one in captions],
        model,
        np.array(meanings, np.int64),
        draw_weights(pairs),
        np.array([pair.caption for pair in pairs]),
        list(_groups(pairs, captions)),
    )


def _groups(pairs: list[Pair], captions: list[PhotoCaption]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Of each photo the rows that describe it in English and in other languages, each sentence once."""
    rows = [(pair.describes, pair.language, pair.text, row) for row, pair in enumerate(pairs)]
    rows += [(pair.describes, "en", pair.english, len(pairs) + row) for row, pair in enumerate(pairs)]
    rows += [(photo_key(one.photo), one.language, one.text, 2 * len(pairs) + row) for row, one in enumerate(captions)]
    photos: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for photo, language, text, row in rows:
        if photo:
            photos.setdefault(photo, ({}, {}))[language != "en"].setdefault(folded(text), row)
    for english, others in photos.values():
        if english:
            yield np.array(list(english.values()), np.int64), np.array(list(others.values()), np.int64)


def epoch_batches(corpus: Corpus, batch_size: int, seed: int, epoch: int) -> list[Batch]:
    """The batches of one epoch, fixed by seed and epoch.

    A batch is all captions or all other text: so its negatives are hard.
    """
    rng = np.random.default_rng([seed, epoch])
    drawn = np.repeat(np.arange(corpus.pairs), np.floor(corpus.weights + rng.random(corpus.pairs)).astype(np.int64))
    general, described = drawn[~corpus.caption[drawn]], drawn[corpus.caption[drawn]]
    left, right = _paraphrases(corpus, rng)
    described_left = np.concatenate([described, left])
    whole = [
        Batch(general, general + corpus.pairs, corpus.meanings[general], np.ones(len(general), bool)),
        Batch(
            described_left,
            np.concatenate([described + corpus.pairs, right]),
            corpus.meanings[described_left],
            np.arange(len(described_left)) < len(described),
        ),
    ]
    batches = [batch for part in whole for batch in _split(part, batch_size, rng)]
    return [batches[row] for row in rng.permutation(len(batches))]


def _paraphrases(corpus: Corpus, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """English captions of a photo in a random circle, and as many in other languages, each with an English one."""
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for english, others in corpus.groups:
        circle = rng.permutation(english) if len(english) > 1 else english[:0]
        drawn = rng.permutation(others)[: len(english)]
        left += [circle, drawn]
        right += [np.roll(circle, 1), rng.choice(english, len(drawn))]
    return np.concatenate(left), np.concatenate(right)


def _split(part: Batch, size: int, rng: np.random.Generator) -> list[Batch]:
    order = rng.permutation(len(part.left))
    size = min(size, len(order))
    starts = range(0, len(order) - size + 1, size) if size else range(0)
    rows = [order[start : start + size] for start in starts]
    return [Batch(part.left[r], part.right[r], part.meanings[r], part.translation[r]) for r in rows]
