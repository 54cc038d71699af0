"""Several runs and the published ones as one picture; a published bar has the colour of our run of the same system."""

from collections.abc import Sequence
from pathlib import Path

from eval.reports.compare import Row
from eval.reports.figures.bars import Series, draw_bars
from eval.reports.published import published_for, same_setting


def draw_comparison(rows: Sequence[Row], path: Path) -> Path:
    """Rows as `read_runs` gives them, ours first. Raises `DataError` without rows, `MissingExtraError`."""
    partners: dict[str, str] = {}
    for row in rows:
        same = None if row.published else same_setting(published_for(row.dataset, row.setting), row.setting)
        if same is not None:
            partners.setdefault(same.name, row.name)
    series = [
        Series(row.name, row.recall_at_10, row.intervals, row.published is not None, partners.get(row.name))
        for row in rows
    ]
    return draw_bars(series, path, remark=", ".join(dict.fromkeys(row.dataset for row in rows)))
