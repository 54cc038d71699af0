import pytest

from indexer.pipeline import Progress
from ui.cli import output
from ui.cli.progress import count_progress, download_progress, ingest_progress, phase_progress


def test_ingest_shows_rate_remaining_time_and_counts_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.err, "width", 80)
    with ingest_progress() as show:
        show(Progress(found=0, indexed=0, skipped=0, duplicate=0, review=0, failed=0, seconds=0.0))
        show(Progress(found=100, indexed=40, skipped=5, duplicate=0, review=3, failed=2, seconds=9.0))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert all(part in printed.err for part in ("50/100", "5.0/s 0:00:10 left", "40 indexed", "3 review", "2 failed"))
    assert "duplicate" not in printed.err


def test_the_other_bars_count_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with count_progress("photos") as count:
        count(1, 4)
    with download_progress("yunet") as download:
        download(500_000, None)
        download(500_000, 1_000_000)
    with phase_progress() as phase:
        phase("features", 1, 2, 0.0)
        phase("training", 2, 8, 1.25)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert all(part in printed.err for part in ("1/4", "0.5/1.0 MB", "features", "2/8", "loss 1.250"))
