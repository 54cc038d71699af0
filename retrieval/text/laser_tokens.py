"""Sentences to the tokens of LASER, as the two published models were trained on them.

Artetxe and Schwenk 2019, "Massively Multilingual Sentence Embeddings" (LASER1): no control characters, Moses'
punctuation and tokens, jieba for Chinese and MeCab for Japanese, lower case, byte pairs. Heffernan et al. 2022, "Bitext
Mining Using Distilled Sentence Representations" (LASER2): no control characters, Moses' punctuation, lower case,
SentencePiece.
"""

import unicodedata
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import ipadic
import MeCab
import sentencepiece
from sacremoses import MosesPunctNormalizer, MosesTokenizer

from indexer.errors import ModelIntegrityError
from retrieval.text.bpe import FastBpe
from retrieval.text.language import detect_language

ESCAPES = {
    "&bar;": "|", "&#124;": "|", "&lt;": "<", "&gt;": ">", "&bra;": "[", "&ket;": "]",
    "&quot;": '"', "&apos;": "'", "&#91;": "[", "&#93;": "]", "&amp;": "&",
}  # fmt: skip
"""What Moses writes for its reserved characters; the ampersand comes last."""


class Laser1Tokens:
    """LASER1's own tokens. The language decides on abbreviations and segmentation; it is detected where not given."""

    def __init__(self, codes: Path, vocabulary: Path) -> None:
        self._bpe = FastBpe(codes, vocabulary)

    def __call__(self, text: str, language: str | None = None) -> list[str]:
        """A sentence to byte pair tokens; no token at all for an empty one."""
        words = laser1_words(text, language or detect_language(text) or "en")
        return [piece for word in words for piece in self._bpe.pieces(word)]


class Laser2Tokens:
    """LASER2's SentencePiece pieces (not their numbers: the network has its own dictionary)."""

    def __init__(self, pieces: Path) -> None:
        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=pieces.read_bytes())
        except RuntimeError as error:
            raise ModelIntegrityError(f"The file {pieces.name} is no SentencePiece model: get it anew.") from error

    def __call__(self, text: str, language: str | None = None) -> list[str]:
        """A sentence of any language to pieces; blanks inside a piece part it, as they do in the published reader."""
        return " ".join(self._processor.encode(laser2_text(text), out_type=str)).split()


def laser1_words(text: str, language: str) -> list[str]:
    """Words in lower case, as they go into LASER1's byte pairs."""
    clean = unescape(normaliser(language).normalize(printable(text)))
    line = tokeniser(language).tokenize(clean, aggressive_dash_splits=False, return_str=True, escape=False)
    if language == "zh":
        line = " ".join(_jieba().cut(line))
    elif language == "ja":
        line = _mecab().parse(line)
    return str(line).lower().split()


def laser2_text(text: str) -> str:
    """The line that LASER2's SentencePiece model reads."""
    return str(normaliser("en").normalize(printable(text))).lower()


def printable(text: str) -> str:
    """A space for every character of Unicode's categories C (control, format, surrogate, private, unassigned)."""
    return "".join(" " if unicodedata.category(character)[0] == "C" else character for character in text)


def unescape(text: str) -> str:
    """Moses' escapes as the characters that they stand for."""
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    return text


@cache
def normaliser(language: str) -> Any:
    """Moses' normalize-punctuation.perl of release 4.0, where single quotes become double ones, as apostrophes do."""
    found = MosesPunctNormalizer(language, perl_parity=True)
    quotes = {"‘": '"', "‚": '"'}
    found.substitutions = [(pattern, quotes.get(pattern, text)) for pattern, text in found.substitutions]
    return found


@cache
def tokeniser(language: str) -> Any:
    """Moses' tokenizer.perl; a language without a list of abbreviations has the English one."""
    return MosesTokenizer(language)


@cache
def _jieba() -> Any:
    with warnings.catch_warnings():
        # Its source has old escapes, and it asks setuptools for what it no longer needs.
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel("ERROR")
    return jieba.Tokenizer()


@cache
def _mecab() -> Any:
    return MeCab.Tagger(f"{ipadic.MECAB_ARGS} -O wakati")
