"""The pieces of the starter text encoder: a unigram model (Kudo 2018), the languages in balance."""

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from retrieval.text.starter import MOST_PIECES
from retrieval.training.pairs import Pair


@dataclass(frozen=True)
class Sentences:
    """Piece ids of many sentences, end to end: int32 [all pieces], and where each begins, int64 [n + 1]."""

    pieces: NDArray[np.int32]
    starts: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pieces of the chosen sentences, end to end, and where each begins there (without the end)."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        offsets = np.cumsum(lengths) - lengths
        index = np.arange(lengths.sum()) + np.repeat(self.starts[rows] - offsets, lengths)
        return self.pieces[index].astype(np.int64), offsets


def train_pieces(pairs: list[Pair], english: Sequence[str], size: int, per_language: int, seed: int) -> bytes:
    """A SentencePiece model of `size` pieces, case-folded, NFKC-normalised; captions are sampled first."""
    sample = _sample(pairs, english, per_language, np.random.default_rng(seed))
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sample),
        model_writer=model,
        vocab_size=size,
        model_type="unigram",
        character_coverage=0.9998,
        normalization_rule_name="nmt_nfkc_cf",
        max_sentence_length=2000,
        num_threads=2,
        bos_id=-1,
        eos_id=-1,
        unk_id=0,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def _sample(pairs: list[Pair], english: Sequence[str], per_language: int, rng: np.random.Generator) -> list[str]:
    by_language: dict[str, list[str]] = {"en": list(english)}
    for row in np.argsort(rng.random(len(pairs)) + np.array([not pair.caption for pair in pairs])):
        by_language.setdefault(pairs[row].language, []).append(pairs[row].text)
        by_language["en"].append(pairs[row].english)
    return [text for texts in by_language.values() for text in texts[:per_language]]


def tokenise(model: bytes, texts: Sequence[str], *, alpha: float, seed: int) -> Sentences:
    """Piece ids of every text, at most 64 each; a text without a known piece becomes the unknown piece.

    With `alpha` above 0 a text is cut at random, likelier cuts more often, the more so the larger `alpha` (subword
    regularisation, Kudo 2018): words learn from their stems and endings, too.
    """
    # Every thread draws from a generator of its own: only one thread, a new one, makes the draws repeatable.
    with ThreadPoolExecutor(1) as fresh:
        encoded = fresh.submit(_encode, model, list(texts), alpha, seed).result()
    lengths = np.fromiter((len(ids) for ids in encoded), np.int64, len(encoded))
    pieces = np.fromiter((piece for ids in encoded for piece in ids), np.int32, int(lengths.sum()))
    return Sentences(pieces, np.concatenate([[0], np.cumsum(lengths)]))


def _encode(model: bytes, texts: list[str], alpha: float, seed: int) -> list[list[int]]:
    sentencepiece.set_random_generator_seed(seed)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    cut = processor.encode(texts, enable_sampling=alpha > 0, alpha=alpha, nbest_size=-1, num_threads=1)
    return [ids[:MOST_PIECES] or [0] for ids in cut]


def piece_count(model: bytes) -> int:
    """How many pieces a SentencePiece model has."""
    return int(sentencepiece.SentencePieceProcessor(model_proto=model).get_piece_size())
