"""The report of `eval translations`: report.json, report.md and report.csv."""

import json
from pathlib import Path

from eval.reports.tables import csv_table, fraction, markdown_table
from eval.translations import TranslationReport
from indexer.durable import write_atomic

COLUMNS = ("language", "sentences", "R@1", "R@5", "R@10", "95 % of R@10", "MRR")


def write_report(report: TranslationReport, out: Path) -> list[Path]:
    """Write the three files into `out` and return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    write_atomic(out / "report.json", (json.dumps(report.to_json(), indent=2) + "\n").encode())
    write_atomic(out / "report.md", markdown(report).encode())
    write_atomic(out / "report.csv", csv_table(COLUMNS, rows(report)))
    return [out / name for name in ("report.json", "report.md", "report.csv")]


def rows(report: TranslationReport) -> list[tuple[str, ...]]:
    """The table, one row a language, as text."""
    return [
        (
            code,
            f"{report.gallery[code]}",
            fraction(result.recall_at_1),
            fraction(result.recall_at_5),
            fraction(result.recall_at_10),
            f"{result.ci95[0]:.3f}–{result.ci95[1]:.3f}",
            fraction(result.mrr),
        )
        for code, result in report.languages.items()
    ]


def markdown(report: TranslationReport) -> str:
    """The table with its setting, every figure of it measured in this run."""
    lines = ["# Translations found among English sentences", "", *markdown_table(COLUMNS, rows(report)), ""]
    lines += [f"- {name}: {value}" for name, value in report.setting.items()]
    return "\n".join(lines) + "\n"
