"""What every reader of a data set returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from indexer.errors import DataError
from retrieval.text.language import ALIASES


@dataclass(frozen=True, slots=True)
class Question:
    """One sentence and the file name of the image that it describes."""

    text: str
    image: str


@dataclass(frozen=True)
class Dataset:
    """Images by file name in the official order, and for each language code its questions in the official order.

    `aligned` says that question i is about the same image in every language, and a translation (or a caption of the
    same image) of question i in English. `setting` says which part of the data it is, for the report. Codes may be none
    of the eleven; `jp` is `ja` already. Raises `DataError` without questions.
    """

    name: str
    gallery: tuple[str, ...]
    questions: Mapping[str, Sequence[Question]]
    aligned: bool = False
    setting: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not any(self.questions.values()):
            raise DataError("The data set has no captions: check --split and the files.")

    def longest(self) -> "Dataset":
        """One question per image and language: the one with the most code points, the first of equal ones."""
        kept = {code: _longest(questions) for code, questions in self.questions.items()}
        return replace(self, questions=kept, setting={**self.setting, "per_photo": "longest"})


def dataset(
    name: str,
    captions: Sequence[tuple[str, Question]],
    setting: Mapping[str, Any],
    gallery: Sequence[str] | None = None,
) -> Dataset:
    """A data set from pairs of language code and question; without a gallery it is the images asked for, in order."""
    questions: dict[str, list[Question]] = {}
    for code, question in captions:
        questions.setdefault(ALIASES.get(code, code), []).append(question)
    images = [question.image for _, question in captions] if gallery is None else gallery
    return Dataset(name, tuple(dict.fromkeys(images)), questions, setting=setting)


def _longest(questions: Sequence[Question]) -> list[Question]:
    longest: dict[str, Question] = {}
    for question in questions:
        if question.image not in longest or len(question.text) > len(longest[question.image].text):
            longest[question.image] = question
    return list(longest.values())
