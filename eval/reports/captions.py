"""The report of `eval captions`: report.json, report.md and chart.png."""

import json
from pathlib import Path

from eval.captions import CaptionReport
from eval.reports.chart import recall_chart
from indexer.durable import write_atomic

COLUMNS = ("language", "queries", "R@1", "R@5", "R@10", "95 %", "median rank", "MRR")


def write_report(report: CaptionReport, out: Path) -> list[Path]:
    """Write the three files into `out` and return their paths. Raises `MissingExtraError` without matplotlib."""
    out.mkdir(parents=True, exist_ok=True)
    recall_chart(report, out / "chart.png")
    write_atomic(out / "report.json", (json.dumps(report.to_json(), indent=2) + "\n").encode())
    write_atomic(out / "report.md", markdown(report).encode())
    return [out / name for name in ("report.json", "report.md", "chart.png")]


def rows(report: CaptionReport) -> list[tuple[str, ...]]:
    """The table, one row a language, as text."""
    return [
        (
            code,
            f"{result.queries:,}",
            f"{result.recall_at_1:.3f}",
            f"{result.recall_at_5:.3f}",
            f"{result.recall_at_10:.3f}",
            f"{result.ci95[0]:.3f}–{result.ci95[1]:.3f}",
            "–" if result.median_rank is None else f"{result.median_rank:g}",
            f"{result.mrr:.3f}",
        )
        for code, result in report.languages.items()
    ]


def markdown(report: CaptionReport) -> str:
    """The table with its setting, every figure of it measured in this run."""
    lines = ["# Text to image retrieval", ""]
    lines += [f"{report.gallery:,} photos searched, {report.missing:,} captioned photos missing (counted as misses)."]
    lines += [f"Mean Recall@10 over {len(report.languages)} languages: **{report.mean_recall_at_10:.3f}**.", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows(report)]
    if report.unsupported:
        lines += ["", f"Not measured, none of our languages: {', '.join(report.unsupported)}."]
    lines += ["", "## Setting", "", *(f"- {name}: {value}" for name, value in report.setting.items())]
    return "\n".join(lines) + "\n"
