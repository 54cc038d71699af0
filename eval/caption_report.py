"""What a measurement on captions says: the fields of `eval captions --json` and of report.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from eval.metrics.bootstrap import ratio_interval
from eval.metrics.summary import LanguageResult, mean_recall_at_10


@dataclass(frozen=True)
class Beside:
    """Recall@10 by language, measured another way on the same questions, and what is lost between the two."""

    recall_at_10: Mapping[str, float]
    loss: float

    @property
    def mean(self) -> float:
        """Mean over the languages."""
        return float(np.mean(list(self.recall_at_10.values())))

    def to_json(self) -> dict[str, Any]:
        """The fields under their public names."""
        return {"recall@10": dict(self.recall_at_10), "mean_recall@10": self.mean, "loss": self.loss}


@dataclass(frozen=True)
class CaptionReport:
    """A measurement and what it was made of.

    `gallery` counts the photos searched; `missing` names the captioned images that cannot be found. `unsupported` lists
    languages of the data that are none of the eleven. `image_to_text` is the other direction: a photo looks for one of
    its captions. `served` is measured through the index of the library (loss: how much lower it is), `clear` with the
    photos as they were before they were anonymised (loss: how much higher it is), `m3l` with the profile's head by the
    published objective (loss: how much lower it is).
    """

    dataset: str
    gallery: int
    missing: tuple[str, ...]
    unsupported: list[str]
    languages: Mapping[str, LanguageResult]
    setting: Mapping[str, Any]
    image_to_text: Mapping[str, LanguageResult] | None = None
    served: Beside | None = None
    clear: Beside | None = None
    m3l: Beside | None = None

    @cached_property
    def mean_recall_at_10(self) -> float:
        """Mean over the languages, each counting once."""
        return mean_recall_at_10(self.languages.values())

    @property
    def worst(self) -> str:
        """The language with the lowest Recall@10."""
        return min(self.languages, key=lambda code: self.languages[code].recall_at_10)

    @property
    def relative_to_english(self) -> dict[str, tuple[float, tuple[float, float]]]:
        """Recall@10 over that of English, and its 95 % interval; empty where English finds nothing."""
        english = self.languages.get("en")
        if english is None:
            return {}
        found = {code: _ratio(result, english) for code, result in self.languages.items() if code != "en"}
        return {code: ratio for code, ratio in found.items() if ratio is not None}

    def to_json(self) -> dict[str, Any]:
        """The fields under their public names; what was not measured is left out."""
        return {
            "dataset": self.dataset,
            "gallery": self.gallery,
            "missing": len(self.missing),
            "missing_images": list(self.missing),
            "unsupported": self.unsupported,
            "languages": _by_language(self.languages),
            "mean_recall@10": self.mean_recall_at_10,
            "worst": {"language": self.worst, "recall@10": self.languages[self.worst].recall_at_10},
            "relative_to_english": {code: _fields(*found) for code, found in self.relative_to_english.items()},
            "setting": dict(self.setting),
            **self._more(),
        }

    def _more(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.image_to_text is not None:
            mean = mean_recall_at_10(self.image_to_text.values())
            found["image_to_text"] = {"languages": _by_language(self.image_to_text), "mean_recall@10": mean}
        if self.served is not None:
            found["served"] = self.served.to_json()
        if self.clear is not None:
            found["clear"] = self.clear.to_json()
        if self.m3l is not None:
            found["m3l"] = self.m3l.to_json()
        return found


def _ratio(result: LanguageResult, english: LanguageResult) -> tuple[float, tuple[float, float]] | None:
    interval = ratio_interval(result.recall_at_10, result.queries, english.recall_at_10, english.queries)
    return None if interval is None else (result.recall_at_10 / english.recall_at_10, interval)


def _fields(ratio: float, ci95: tuple[float, float]) -> dict[str, Any]:
    return {"recall@10": ratio, "ci95": list(ci95)}


def _by_language(results: Mapping[str, LanguageResult]) -> dict[str, Any]:
    return {code: result.to_json() for code, result in results.items()}
