"""What a training of the text encoder sees: pairs of sentences that mean the same, in batches of one kind."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.training.pairs import Pair, PhotoCaption, draw_weights, meaning_of
from retrieval.training.vocabulary import Sentences, load_sentences, piece_count, save_sentences, tokenise


@dataclass(frozen=True)
class Corpus:
    """All sentences, and how they pair. Rows of `sentences`: n texts, their n English sides, m captions of photos."""

    sentences: Sentences
    meanings: NDArray[np.int64]
    """[n + m] equal where two must not be each other's negatives."""
    weights: NDArray[np.float64]
    """[n] expected draws of a pair per epoch."""
    caption: NDArray[np.bool_]
    """[n] whether the pair describes a photo."""
    groups: list[tuple[NDArray[np.int64], NDArray[np.int64]]]
    """Numbers 0..m-1 of each photo's English captions and of its others."""
    vocabulary: int
    """Number of pieces."""

    @property
    def pairs(self) -> int:
        """n, the number of translation pairs."""
        return len(self.weights)

    @property
    def fingerprint(self) -> str:
        """Equal for equal sentences and pairs."""
        digest = hashlib.sha256(self.sentences.pieces.tobytes())
        for array in (self.sentences.starts, self.meanings, self.weights, self.caption):
            digest.update(array.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of `sentences` left and right, `meanings`, int64 [b]; `translation` bool [b], False for paraphrases."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    meanings: NDArray[np.int64]
    translation: NDArray[np.bool_]


def build_corpus(pairs: list[Pair], captions: dict[str, list[PhotoCaption]], model: bytes, cache: Path) -> Corpus:
    """Tokenise once; the piece ids are kept in `cache` and read from there the next time."""
    if not cache.exists():
        texts = [pair.text for pair in pairs] + [pair.english for pair in pairs]
        save_sentences(cache, tokenise(model, texts + [one.text for group in captions.values() for one in group]))
    sizes = [len(group) for group in captions.values()]
    ends = np.cumsum(sizes)
    photos = [meaning_of(photo) for photo in captions]
    return Corpus(
        load_sentences(cache),
        np.concatenate(
            [np.array([pair.meaning for pair in pairs], np.int64), np.repeat(np.array(photos, np.int64), sizes)]
        ),
        draw_weights(pairs),
        np.array([pair.caption for pair in pairs]),
        [_by_language(group, int(end)) for group, end in zip(captions.values(), ends, strict=True)],
        piece_count(model),
    )


def epoch_batches(corpus: Corpus, batch_size: int, seed: int, epoch: int) -> list[Batch]:
    """The batches of one epoch, fixed by seed and epoch.

    A batch is all captions or all other text: so its negatives are hard.
    """
    rng = np.random.default_rng([seed, epoch])
    drawn = np.repeat(np.arange(corpus.pairs), np.floor(corpus.weights + rng.random(corpus.pairs)).astype(np.int64))
    general, described = drawn[~corpus.caption[drawn]], drawn[corpus.caption[drawn]]
    left, right = _paraphrases(corpus, rng)
    offset = 2 * corpus.pairs
    whole = [
        Batch(general, general + corpus.pairs, corpus.meanings[general], np.ones(len(general), bool)),
        Batch(
            np.concatenate([described, offset + left]),
            np.concatenate([described + corpus.pairs, offset + right]),
            corpus.meanings[np.concatenate([described, corpus.pairs + left])],
            np.arange(len(described) + len(left)) < len(described),
        ),
    ]
    batches = [batch for part in whole for batch in _split(part, batch_size, rng)]
    return [batches[row] for row in rng.permutation(len(batches))]


def _by_language(group: list[PhotoCaption], end: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the English captions of a photo and of its others; the last of them all is number `end` - 1."""
    numbers = np.arange(end - len(group), end)
    english = np.array([one.language == "en" for one in group])
    return numbers[english], numbers[~english]


def _paraphrases(corpus: Corpus, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """English captions of a photo in a random circle, and each caption in another language with one of them."""
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for english, others in corpus.groups:
        circle = rng.permutation(english) if len(english) > 1 else english[:0]
        left += [circle, others]
        right += [np.roll(circle, 1), rng.choice(english, len(others))]
    return np.concatenate(left), np.concatenate(right)


def _split(part: Batch, size: int, rng: np.random.Generator) -> list[Batch]:
    order = rng.permutation(len(part.left))
    size = min(size, len(order))
    starts = range(0, len(order) - size + 1, size) if size else range(0)
    rows = [order[start : start + size] for start in starts]
    return [Batch(part.left[r], part.right[r], part.meanings[r], part.translation[r]) for r in rows]
