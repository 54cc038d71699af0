"""The report of a measurement on captions: report.json, report.md, report.csv and chart.png, and the other figures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.caption_report import CaptionReport
from eval.metrics.summary import LanguageResult, mean_recall_at_10
from eval.reports.chart import recall_chart
from eval.reports.published import Published, beside
from eval.reports.run import Run
from eval.reports.tables import csv_table, fraction, markdown_table
from indexer.durable import write_atomic

COLUMNS = ("language", "queries", "R@1", "R@5", "R@10", "95 %", "median rank", "MRR")


def write_report(report: CaptionReport, out: Path, run: Run | None = None) -> list[Path]:
    """Write the report into `out` and return the paths; with a run its figures too.

    Raises `MissingExtraError` without matplotlib.
    """
    out.mkdir(parents=True, exist_ok=True)
    recall_chart(report, out / "chart.png")
    write_atomic(out / "report.json", (json.dumps(to_json(report), indent=2) + "\n").encode())
    write_atomic(out / "report.md", markdown(report).encode())
    write_atomic(out / "report.csv", table(report))
    written = [out / name for name in ("report.json", "report.md", "report.csv", "chart.png")]
    return written + ([] if run is None else _figures(report, run, out))


def _figures(report: CaptionReport, run: Run, out: Path) -> list[Path]:
    from eval.reports.figures import Series, write_figures

    recall = {code: result.recall_at_10 for code, result in report.languages.items()}
    intervals = {code: result.ci95 for code, result in report.languages.items()}
    series = [Series(str(report.setting.get("profile", "ours")), recall, intervals)]
    if (found := beside(report.dataset, report.setting)) is not None:
        series.append(Series(found[0].name, found[0].recall_at_10, published=True))
    return write_figures(run, out, series)


def to_json(report: CaptionReport) -> dict[str, Any]:
    """The fields of the report, and the published figures for the same data set."""
    found = beside(report.dataset, report.setting)
    if found is None:
        return report.to_json()
    row, same = found
    recall = {code: value for code, value in row.recall_at_10.items() if code in report.languages}
    said = {"name": row.name, "source": row.source, "same_setting": same, "recall@10": recall}
    return {**report.to_json(), "published": said}


def columns(report: CaptionReport) -> tuple[str, ...]:
    """Headings of the table; the published figures' says so."""
    more = [name for name, values in _more(report).items() if values]
    return (*COLUMNS, *more)


def rows(report: CaptionReport) -> list[tuple[str, ...]]:
    """The table, one row a language, as text."""
    more = [values for values in _more(report).values() if values]
    return [
        (*_cells(code, result), *(fraction(values.get(code)) for values in more))
        for code, result in report.languages.items()
    ]


def _more(report: CaptionReport) -> dict[str, Mapping[str, float]]:
    """What stands beside Recall@10, by column."""
    found = beside(report.dataset, report.setting)
    return {
        "R@10 served": report.served.recall_at_10 if report.served else {},
        "R@10 not anonymised": report.clear.recall_at_10 if report.clear else {},
        "R@10 M3L": report.m3l.recall_at_10 if report.m3l else {},
        _published_name(*found) if found else "": found[0].recall_at_10 if found else {},
    }


def _published_name(row: Published, same: bool) -> str:
    return f"R@10 published, {row.name}" + ("" if same else " (another system)")


def _cells(code: str, result: LanguageResult) -> tuple[str, ...]:
    return (
        code,
        f"{result.queries:,}",
        fraction(result.recall_at_1),
        fraction(result.recall_at_5),
        fraction(result.recall_at_10),
        f"{result.ci95[0]:.3f}–{result.ci95[1]:.3f}",
        "–" if result.median_rank is None else f"{result.median_rank:g}",
        fraction(result.mrr),
    )


def table(report: CaptionReport) -> bytes:
    """report.csv: full precision, a row per direction and language."""
    more = {name: values for name, values in _more(report).items() if values}
    head = ["direction", "language", "queries", "recall@1", "recall@5", "recall@10"]
    head += ["ci95_low", "ci95_high", "median_rank", "mrr", *more]
    lines = [
        ["text to image", *_numbers(code, result), *(values.get(code) for values in more.values())]
        for code, result in report.languages.items()
    ]
    for code, result in (report.image_to_text or {}).items():
        lines.append(["image to text", *_numbers(code, result), *(None for _ in more)])
    return csv_table(head, lines)


def _numbers(code: str, result: LanguageResult) -> list[object]:
    recall = [result.recall_at_1, result.recall_at_5, result.recall_at_10]
    return [code, result.queries, *recall, *result.ci95, result.median_rank, result.mrr]


def markdown(report: CaptionReport) -> str:
    """The tables with their setting; every figure in them was measured in this run, but for published ones."""
    lines = ["# Text to image retrieval", "", *summary(report), ""]
    lines += markdown_table(columns(report), rows(report))
    if (found := beside(report.dataset, report.setting)) is not None:
        lines += ["", f"Published figures: {found[0].source}."]
    lines += _relative(report)
    if report.image_to_text is not None:
        lines += ["", "## Image to text", "", "A photo looks for one of its captions among all of a language.", ""]
        lines += markdown_table(COLUMNS, [_cells(code, result) for code, result in report.image_to_text.items()])
    if report.missing:
        lines += ["", "## Missing images", "", *(f"- {name}" for name in report.missing)]
    lines += ["", "## Setting", "", *(f"- {name}: {value}" for name, value in report.setting.items())]
    return "\n".join(lines) + "\n"


def _relative(report: CaptionReport) -> list[str]:
    ratios = report.relative_to_english
    if not ratios:
        return []
    cells = [(code, f"{ratio:.0%}", f"{low:.0%}–{high:.0%}") for code, (ratio, (low, high)) in ratios.items()]
    return ["", "## Recall@10 relative to English", "", *markdown_table(("language", "ratio", "95 %"), cells)]


def summary(report: CaptionReport) -> list[str]:
    """What the table amounts to, a sentence each."""
    worst = report.languages[report.worst].recall_at_10
    lines = [
        f"{report.gallery:,} photos searched, {len(report.missing):,} captioned photos missing (counted as misses).",
        f"Mean Recall@10 over {len(report.languages)} languages: {report.mean_recall_at_10:.3f}; "
        f"worst: {report.worst} {worst:.3f}.",
    ]
    if report.served is not None:
        lines.append(f"Through the served index {report.served.mean:.3f}: a loss of {report.served.loss:+.3f}.")
    if report.clear is not None:
        lines.append(f"Not anonymised {report.clear.mean:.3f}: anonymisation costs {report.clear.loss:+.3f}.")
    if report.m3l is not None:
        lines.append(f"By the profile's M3L head {report.m3l.mean:.3f}: {report.m3l.loss:+.3f} lower.")
    if report.image_to_text is not None:
        lines.append(f"Image to text, mean Recall@10: {mean_recall_at_10(report.image_to_text.values()):.3f}.")
    if report.unsupported:
        lines.append(f"Not measured, none of our languages: {', '.join(report.unsupported)}.")
    return lines
