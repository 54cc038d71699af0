"""How reports about many photos are printed: counts, and the photos that did not make it with their reasons."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ui.cli.output import err, print_json, print_pairs, print_rows

if TYPE_CHECKING:
    from indexer.anonymise_tree import TreeReport
    from indexer.pipeline import Failure, IngestReport

SHOWN = 20


def print_report(title: str, report: "IngestReport | TreeReport", as_json: bool) -> None:
    """One JSON object with everything, or a table of counts and the first failures."""
    if as_json:
        print_json(asdict(report))
        return
    counts: dict[str, Any] = asdict(report)
    counts.pop("failures")
    print_pairs(title, counts)
    _print_failures(report.failures)


def _print_failures(failures: Sequence["Failure"]) -> None:
    if failures:
        shown = [(failure.photo, failure.reason) for failure in failures[:SHOWN]]
        print_rows("Held back", ["photo", "reason"], shown)
    if len(failures) > SHOWN:
        err.print(f"… and {len(failures) - SHOWN} more: --json lists all of them.", highlight=False)
