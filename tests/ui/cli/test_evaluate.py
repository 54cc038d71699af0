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


def test_a_table_on_the_screen_and_four_files(library: Path, captions: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the optional group 'report' draws the chart")
    words = ["--captions", captions, "--out", tmp_path / "report"]
    done = photoveil("eval", "captions", "--library", library, *words)
    assert done.code == 0
    assert "R@10" in done.out and "ja" in done.out and "cs" in done.err
    written = {file.name for file in (tmp_path / "report").iterdir()}
    assert written == {"report.json", "report.md", "report.csv", "chart.png"}
    assert json.loads((tmp_path / "report" / "report.json").read_text())["languages"]["en"]["queries"] == 4


def test_a_split_without_captions_is_exit_1(library: Path, captions: Path) -> None:
    done = photoveil("eval", "captions", "--library", library, "--captions", captions, "--split", "test", "--json")
    assert (done.code, done.out) == (1, "") and "--split" in done.err


def test_both_directions_and_the_photos_before_they_were_anonymised(
    library: Path, captions: Path, photos: Path
) -> None:
    words = ["--captions", captions, "--split", "dev", "--image-to-text", "--clear", photos, "--json"]
    fields = photoveil("eval", "captions", "--library", library, *words).json
    assert fields["missing_images"] == ["gone.png"] and fields["worst"] == {"language": "de", "recall@10": 0.0}
    assert fields["served"]["mean_recall@10"] == fields["mean_recall@10"] and fields["served"]["loss"] == 0.0
    assert fields["clear"]["loss"] == 0.0 and set(fields["clear"]["recall@10"]) == {"en", "ja", "de"}
    assert fields["image_to_text"]["languages"]["en"]["queries"] == 2


def test_photos_are_named_once(library: Path, captions: Path, tmp_path: Path) -> None:
    for words in ([], ["--library", library, "--features", tmp_path]):
        done = photoveil("eval", "captions", "--captions", captions, *words)
        assert done.code == 2 and "--library or --features" in done.err
    assert photoveil("eval", "captions", "--captions", captions, "--library", library, "--figures").code == 2


def test_an_export_and_a_comparison_of_runs(library: Path, captions: Path, tmp_path: Path) -> None:
    for extra in ("pyarrow", "matplotlib", "sklearn"):
        pytest.importorskip(extra, reason="optional groups write exports and draw charts")
    assert photoveil("export", tmp_path / "e", "--library", library).code == 0
    for place, name in (("--library", library), ("--features", tmp_path / "e")):
        words = ["--captions", captions, "--figures", "--out", tmp_path / place.strip("-")]
        assert photoveil("eval", "captions", place, name, *words).code == 0
    assert {"rank1.png", "bars.png"} <= {file.name for file in (tmp_path / "library").iterdir()}
    runs = [tmp_path / "library" / "report.json", tmp_path / "features"]
    fields = photoveil("eval", "compare", *runs, "--out", tmp_path / "both", "--json").json
    assert [run["name"] for run in fields["runs"]] == ["library", "features"]
    assert fields["runs"][0]["recall@10"] == fields["runs"][1]["recall@10"]
    written = {file.name for file in (tmp_path / "both").iterdir()}
    assert written == {"comparison.json", "comparison.md", "comparison.csv", "comparison.png"}
    assert "library" in photoveil("eval", "compare", *runs).out


def test_translations_are_as_the_contract_pins_them(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("\tde\tEin Hund.\tA dog.\n\tde\tEin Haus.\tA house.\n\tcs\tPes\tA dog\n")
    words = ["--pairs", tmp_path / "pairs.tsv", "--encoder", "starter"]
    german = photoveil("eval", "translations", *words, "--json").json["languages"]["de"]
    assert (german["gallery"], german["queries"], german["recall@1"]) == (2, 2, 1.0)
    done = photoveil("eval", "translations", *words, "--out", tmp_path / "out")
    assert done.code == 0 and "de" in done.out and "cs" in done.err and (tmp_path / "out" / "report.csv").exists()
    assert photoveil("eval", "translations", "--pairs", tmp_path / "none.tsv", "--encoder", "starter").code == 1
