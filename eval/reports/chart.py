"""Recall@10 per language as a bar chart."""

from pathlib import Path

from eval.caption_report import CaptionReport
from indexer.errors import MissingExtraError

BAR, WHISKER, GRID, TEXT = "#3b6fb6", "#1d2b3a", "#d9dee5", "#1d2b3a"


def recall_chart(report: CaptionReport, path: Path) -> None:
    """Bars sorted by recall with their 95 % intervals, as PNG. Raises `MissingExtraError` without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("report", "Drawing the chart") from error
    ordered = sorted(report.languages.items(), key=lambda item: -item[1].recall_at_10)
    values = [result.recall_at_10 for _, result in ordered]
    reach = [[r.recall_at_10 - r.ci95[0] for _, r in ordered], [r.ci95[1] - r.recall_at_10 for _, r in ordered]]
    figure = Figure(figsize=(9, 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.bar(range(len(values)), values, width=0.62, color=BAR, zorder=2)
    axes.errorbar(range(len(values)), values, yerr=reach, fmt="none", ecolor=WHISKER, capsize=4, lw=1.2, zorder=3)
    for place, (_, result) in enumerate(ordered):
        axes.text(place, result.ci95[1] + 0.015, f"{result.recall_at_10:.3f}", ha="center", color=TEXT, fontsize=10)
    labels = [f"{code}\n{result.queries:,}" for code, result in ordered]
    axes.set_xticks(range(len(values)), labels, color=TEXT)
    axes.set_ylim(0, min(1.0, max(result.ci95[1] for _, result in ordered) + 0.08))
    axes.set_ylabel("Recall@10", color=TEXT)
    axes.set_xlabel("language and number of queries", color=TEXT)
    axes.grid(axis="y", color=GRID, lw=0.8, zorder=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    title = f"Photos found by description: {report.gallery:,} photos, profile {report.setting['profile']}"
    axes.set_title(title, loc="left", color=TEXT, fontsize=13, pad=12)
    figure.savefig(path, dpi=150, metadata={"Software": "photoveil"})
