"""Byte pair encoding as fastBPE applies it: merges by rank, then only pieces that the vocabulary has.

Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units". A word's last piece carries the end
mark `</w>` while it is built; in the result every other piece ends in `@@`.
"""

from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from indexer.errors import ModelIntegrityError

END = "</w>"
MORE = "@@"


class FastBpe:
    """Words to pieces. `codes` has one merge a line (`left right count`), `vocabulary` one piece (`piece count`)."""

    def __init__(self, codes: Path, vocabulary: Path) -> None:
        merges = [_columns(line, 3) for line in _lines(codes)]
        self._ranks: dict[tuple[str, str], int] = {}
        for left, right, _ in merges:
            self._ranks.setdefault((left, right), len(self._ranks))
        self._parts = {left + right: (left, right) for left, right in self._ranks}
        self._vocabulary = {_columns(line, 2)[0] for line in _lines(vocabulary)}
        self.pieces = lru_cache(maxsize=1 << 16)(self._pieces)

    def _pieces(self, word: str) -> tuple[str, ...]:
        """The pieces of one word (no blanks in it), joined again by leaving out `@@`."""
        symbols = [*word[:-1], word[-1] + END]
        while len(symbols) > 1 and (best := self._best_pair(symbols)) is not None:
            symbols = _merge(symbols, best)
        known = [part for symbol in symbols[:-1] for part in self._split(symbol, last=False)]
        known += self._split(symbols[-1], last=True)
        return (*(piece + MORE for piece in known[:-1]), known[-1].removesuffix(END))

    def _best_pair(self, symbols: list[str]) -> tuple[str, str] | None:
        pairs = [pair for pair in pairwise(symbols) if pair in self._ranks]
        return min(pairs, key=self._ranks.__getitem__, default=None)

    def _split(self, symbol: str, *, last: bool) -> list[str]:
        """The symbol where the vocabulary has it, else the two that it was merged from, and so on down to letters."""
        shown = symbol.removesuffix(END) if last else symbol + MORE
        if shown in self._vocabulary or symbol not in self._parts:
            return [symbol]
        left, right = self._parts[symbol]
        return [*self._split(left, last=False), *self._split(right, last=last)]


def _merge(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    position = 0
    while position < len(symbols):
        found = tuple(symbols[position : position + 2]) == pair
        merged.append("".join(pair) if found else symbols[position])
        position += 2 if found else 1
    return merged


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text(encoding="utf-8").split("\n") if line]
    except UnicodeDecodeError as error:
        raise ModelIntegrityError(f"The file {file.name} is no text in UTF-8: get it anew.") from error


def _columns(line: str, count: int) -> list[str]:
    # Some pieces are blanks of Unicode, which a bare split() would take for separators.
    columns = line.rstrip("\r").split(" ")
    if len(columns) != count:
        raise ModelIntegrityError("A file of byte pairs has a line that is none: get the codes and vocabulary anew.")
    return columns
