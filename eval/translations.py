"""Translation retrieval: a sentence in another language looks for its English one. A text encoder alone, no photos.

The gallery of a language holds the English sentences of all its pairs, in their order; nothing is dropped or merged.
Scores are cosines, ties pessimistic: where two pairs have the same English sentence, each is a wrong answer for the
other, so that figures never are too good (Artetxe and Schwenk 2019 measure the error rate 1 - Recall@1 on Tatoeba).
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.datasets import Dataset, open_dataset
from eval.datasets.files import read_lines
from eval.metrics.summary import LanguageResult, mean_recall_at_10, summarise
from eval.scores import photo_ranks
from indexer.errors import DataError
from indexer.views import View
from retrieval.text import TextEncoder
from retrieval.text.language import ALIASES, LANGUAGES

COLUMNS = ("id", "language", "text", "english")
Pairs = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class TranslationReport:
    """Results by language, how many English sentences were searched in each, and codes that are none of the eleven."""

    languages: Mapping[str, LanguageResult]
    gallery: Mapping[str, int]
    unsupported: list[str]
    setting: Mapping[str, Any]

    @property
    def mean_recall_at_10(self) -> float:
        """Mean over the languages, each counting once."""
        return mean_recall_at_10(self.languages.values())

    def to_json(self) -> dict[str, Any]:
        """The fields under their public names."""
        languages = {
            code: {"gallery": self.gallery[code], **result.to_json()} for code, result in self.languages.items()
        }
        recall_at_1 = float(np.mean([result.recall_at_1 for result in self.languages.values()]))
        means = {"mean_recall@1": recall_at_1, "mean_recall@10": self.mean_recall_at_10}
        return {"unsupported": self.unsupported, "languages": languages, **means, "setting": dict(self.setting)}


def read_pairs(path: Path) -> Pairs:
    """Pairs of a sentence and its English by language: from TSV (id, language, text, english), or a folder.

    The TSV may be gzip and may begin with those four names. A folder is a data set whose captions are translations,
    line by line: XTD10 or Multi30K. Raises `DataError`.
    """
    return _aligned(open_dataset(path)) if path.is_dir() else _from_tsv(path)


def _aligned(dataset: Dataset) -> Pairs:
    if not dataset.aligned or "en" not in dataset.questions:
        raise DataError("The captions of this data set are no translations: give XTD10, Multi30K or a TSV of pairs.")
    english = [question.text for question in dataset.questions["en"]]
    return {
        code: [(question.text, right) for question, right in zip(questions, english, strict=True)]
        for code, questions in dataset.questions.items()
        if code != "en"
    }


def _from_tsv(path: Path) -> Pairs:
    pairs: dict[str, list[tuple[str, str]]] = {}
    reader = csv.reader(read_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE)
    for number, row in enumerate(reader, start=1):
        if number == 1 and tuple(row) == COLUMNS:
            continue
        if len(row) != len(COLUMNS):
            raise DataError(f"Line {number} of {path.name} has not four columns: id, language, text, english.")
        pairs.setdefault(ALIASES.get(row[1], row[1]), []).append((row[2].strip(), row[3].strip()))
    return pairs


def evaluate_translations(encoder: TextEncoder, pairs: Pairs, name: str) -> TranslationReport:
    """Ask every sentence for its English one. `name` says in the report where the pairs are from.

    Raises `DataError` when none is in a language of ours other than English.
    """
    codes = [code for code in LANGUAGES if code in pairs and code != "en"]
    if not codes:
        raise DataError("There are no pairs of English and another of the eleven languages: check the second column.")
    return TranslationReport(
        languages={code: _measure(encoder, code, pairs[code]) for code in codes},
        gallery={code: len(pairs[code]) for code in codes},
        unsupported=sorted(set(pairs) - set(LANGUAGES)),
        setting={"pairs": name, "text": encoder.identity, "metric": "cosine", "ties": "pessimistic"},
    )


def _measure(encoder: TextEncoder, code: str, pairs: Sequence[tuple[str, str]]) -> LanguageResult:
    view = View("cosine")
    asked = view.prepare_queries(encoder.encode([text for text, _ in pairs], code))
    english = view.prepare(encoder.encode([right for _, right in pairs], "en"))
    return summarise(photo_ranks(asked, np.arange(len(pairs)), english, view))
