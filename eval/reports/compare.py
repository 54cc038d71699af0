"""Several runs in one table: Recall@10 per language, with the published rows for the same data set below ours."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from eval.reports.published import published_for
from eval.reports.tables import csv_table, fraction, markdown_table
from indexer.durable import write_atomic
from indexer.errors import DataError
from retrieval.text.language import LANGUAGES


@dataclass(frozen=True)
class Row:
    """One run, or a published one, by language; `name` is the folder of its report.json."""

    name: str
    dataset: str
    recall_at_10: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    setting: Mapping[str, Any] = field(default_factory=dict)
    published: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The fields under their public names; `published` is the source, null for ours."""
        setting = {"setting": dict(self.setting)} if self.setting else {}
        mean = {"mean_recall@10": fmean(self.recall_at_10.values())}
        named = {"name": self.name, "dataset": self.dataset, "published": self.published}
        return {**named, "recall@10": dict(self.recall_at_10), **mean, **setting}


def read_runs(files: Sequence[Path]) -> list[Row]:
    """Rows of reports in the order given, then the published ones for their data sets. Raises `DataError`."""
    ours = [_read(file) for file in files]
    rows = {row.name: (row, run.dataset) for run in ours for row in published_for(run.dataset, run.setting)}
    theirs = [Row(row.name, dataset, row.recall_at_10, published=row.source) for row, dataset in rows.values()]
    return [*ours, *theirs]


def _read(file: Path) -> Row:
    file = file / "report.json" if file.is_dir() else file
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        languages: dict[str, Any] = fields["languages"]
        recall = {code: float(result["recall@10"]) for code, result in languages.items()}
        intervals = {code: (result["ci95"][0], result["ci95"][1]) for code, result in languages.items()}
        dataset, setting = fields.get("dataset", "translations"), fields["setting"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{file.name} is no report: give report.json files that `photoveil eval` wrote.") from error
    if not recall:
        raise DataError(f"{file.name} holds no language: measure at least one.")
    name = file.parent.name if file.stem == "report" else file.stem
    return Row(name or file.stem, dataset, recall, intervals, setting)


def columns(rows: Sequence[Row]) -> list[str]:
    """Headings: the languages that any run has, in the order of the eleven."""
    return ["run", *(code for code in LANGUAGES if any(code in row.recall_at_10 for row in rows)), "mean"]


def cells(rows: Sequence[Row]) -> list[list[str]]:
    """The table as text."""
    codes = columns(rows)[1:-1]
    return [
        [
            f"{row.name} (published)" if row.published else row.name,
            *(fraction(row.recall_at_10.get(code)) for code in codes),
            fraction(fmean(row.recall_at_10.values())),
        ]
        for row in rows
    ]


def write_comparison(rows: Sequence[Row], out: Path) -> list[Path]:
    """comparison.json, comparison.md and comparison.csv in `out`; returns their paths."""
    out.mkdir(parents=True, exist_ok=True)
    fields = {"runs": [row.to_json() for row in rows]}
    write_atomic(out / "comparison.json", (json.dumps(fields, indent=2) + "\n").encode())
    write_atomic(out / "comparison.md", markdown(rows).encode())
    write_atomic(out / "comparison.csv", csv_table(columns(rows), cells(rows)))
    return [out / f"comparison.{ending}" for ending in ("json", "md", "csv")]


def markdown(rows: Sequence[Row]) -> str:
    """The table, and where the published rows are from."""
    lines = ["# Recall@10", "", *markdown_table(columns(rows), cells(rows))]
    sources = dict.fromkeys(row.published for row in rows if row.published)
    lines += ["", *(f"Published: {source}." for source in sources)] if sources else []
    return "\n".join(lines) + "\n"
