import json
from pathlib import Path

import pytest

from tests.ui.cli.conftest import photoveil

CAPTIONS = """image\tsplit\tlang\tsource\ttext
red.png\tdev\ten\tdrawn\ta red ball
red.png\tdev\ten\tdrawn\ta big red ball on a white ground
green.png\tdev\ten\tdrawn\ta green ball
green.png\tdev\tjp\tdrawn\t緑のボール
blue.png\ttrain\ten\tdrawn\ta blue ball
gone.png\tdev\tde\tdrawn\tein Ball, der fehlt
red.png\tdev\tcs\tdrawn\tčervený míč
"""


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    file = tmp_path / "captions.tsv"
    file.write_text(CAPTIONS, encoding="utf-8")
    return file


def test_the_report_is_as_the_contract_pins_it(library: Path, captions: Path) -> None:
    words = ["--captions", captions, "--split", "dev", "--per-photo", "longest", "--json"]
    fields = photoveil("eval", "captions", "--library", library, *words).json
    assert (fields["gallery"], fields["missing"], fields["unsupported"]) == (2, 1, ["cs"])
    assert set(fields["languages"]) == {"en", "ja", "de"}
    assert fields["languages"]["en"]["queries"] == 2
    assert set(fields["languages"]["en"]) == {
        "queries",
        "recall@1",
        "recall@5",
        "recall@10",
        "ci95",
        "median_rank",
        "mrr",
    }
    assert fields["languages"]["en"]["recall@10"] == 1.0
    assert fields["languages"]["de"]["recall@10"] == 0.0 and fields["languages"]["de"]["median_rank"] is None
    assert fields["mean_recall@10"] == pytest.approx(2 / 3)


def test_a_table_on_the_screen_and_three_files(library: Path, captions: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the optional group 'report' draws the chart")
    words = ["--captions", captions, "--out", tmp_path / "report"]
    done = photoveil("eval", "captions", "--library", library, *words)
    assert done.code == 0
    assert "R@10" in done.out and "ja" in done.out and "cs" in done.err
    assert {file.name for file in (tmp_path / "report").iterdir()} == {"report.json", "report.md", "chart.png"}
    assert json.loads((tmp_path / "report" / "report.json").read_text())["languages"]["en"]["queries"] == 4


def test_a_split_without_captions_is_exit_1(library: Path, captions: Path) -> None:
    done = photoveil("eval", "captions", "--library", library, "--captions", captions, "--split", "test", "--json")
    assert (done.code, done.out) == (1, "") and "--split" in done.err
