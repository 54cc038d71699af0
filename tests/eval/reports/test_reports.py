import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.caption_report import Beside, CaptionReport
from eval.metrics.summary import summarise
from eval.reports.captions import columns, markdown, rows, to_json, write_report
from eval.reports.compare import cells, read_runs, write_comparison
from eval.reports.compare import columns as headings
from eval.reports.published import MULTI30K, XTD10, beside, published_for, same_setting
from indexer.errors import DataError

PAPER = {"profile": "paper", "space": "resnet152/394f9c45", "text": "muse/12345678", "loss": "m3l"}
STARTER = {"profile": "starter", "space": "starter/1", "text": "starter-text/1", "loss": "infonce"}


def report(dataset: str = "xtd10", **setting: object) -> CaptionReport:
    ranks = {"en": np.array([1.0, 2, 30]), "de": np.array([1.0, 50, 9])}
    return CaptionReport(
        dataset=dataset,
        gallery=50,
        missing=("lost|1.jpg",),
        unsupported=["cs"],
        languages={code: summarise(found) for code, found in ranks.items()},
        setting={**PAPER, **setting},
        image_to_text={"en": summarise(np.array([1.0, 11.0]))},
        served=Beside({"en": 0.5, "de": 0.7}, 0.06),
        clear=Beside({"en": 0.8, "de": 0.9}, 0.18),
    )


def test_the_published_tables_hold() -> None:
    """Means and corners of Tables 2 and 3, added up by hand."""
    assert len(XTD10) == 4 and all(len(row.recall_at_10) == 11 for row in XTD10)
    assert sum(XTD10[3].recall_at_10.values()) == pytest.approx(8.241) and XTD10[3].recall_at_10["ko"] == 0.707
    assert XTD10[0].recall_at_10["ko"] == 0.518 and XTD10[1].name == "mUSE + PATR"
    assert [tuple(row.recall_at_10.values()) for row in MULTI30K][3] == (0.591, 0.488, 0.548)


def test_the_same_setting_is_encoders_and_loss() -> None:
    systems = [("laser1/a", "patr"), ("muse/a", "patr"), ("laser1/a", "m3l"), ("muse/a", "m3l")]
    assert [same_setting(XTD10, {**PAPER, "text": text, "loss": loss}) for text, loss in systems] == list(XTD10)
    assert same_setting(XTD10, {**PAPER, "text": "laser2/a"}) is None
    assert same_setting(XTD10, {**PAPER, "space": "resnet50/1"}) is None
    assert beside("xtd10", STARTER) == (XTD10[3], False)
    test = {"data": "Multi30K task 1", "split": "test_2016_flickr"}
    assert published_for("multi30k", test) == MULTI30K and beside("multi30k", {**PAPER, **test}) == (MULTI30K[3], True)
    assert published_for("multi30k", {**test, "split": "val"}) == () == published_for("captions", {})


def test_published_figures_stand_beside_ours_and_say_so() -> None:
    assert columns(report())[-3:] == ("R@10 served", "R@10 not anonymised", "R@10 published, mUSE + M3L")
    assert rows(report())[1][-3:] == ("0.700", "0.900", "0.735") and rows(report())[0][4] == "0.667"
    other = columns(report(text="starter-text/1"))[-1]
    assert other == "R@10 published, mUSE + M3L (another system)"
    assert "published" not in "".join(columns(report("captions")))
    said = to_json(report())["published"]
    assert (
        said["same_setting"] is True and said["recall@10"] == {"en": 0.853, "de": 0.735} and "Table 2" in said["source"]
    )


def test_the_text_names_what_is_missing_and_what_is_lost() -> None:
    text = markdown(report())
    assert "1 captioned photos missing" in text and "- lost|1.jpg" in text and "none of our languages: cs" in text
    assert "anonymisation costs +0.180" in text and "a loss of +0.060" in text and "worst: en 0.667" in text
    assert "## Image to text" in text and "| en | 2 | 0.500 |" in text and "Published figures: Aggarwal" in text


def test_languages_are_compared_with_english() -> None:
    made = report()
    assert made.relative_to_english["de"][0] == 1.0 and set(made.to_json()["relative_to_english"]) == {"de"}
    assert "| de | 100% |" in markdown(made)
    lost = replace(made, languages={"en": summarise(np.array([np.inf])), "de": summarise(np.array([1.0]))})
    assert lost.to_json()["relative_to_english"] == {} and "relative to English" not in markdown(lost)


def test_a_report_is_files_that_agree(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the optional group 'report' draws the chart")
    written = write_report(report(), tmp_path)
    assert [path.name for path in written] == ["report.json", "report.md", "report.csv", "chart.png"]
    fields = json.loads(written[0].read_text())
    assert fields["languages"]["en"]["recall@5"] == pytest.approx(2 / 3) and fields["missing_images"] == ["lost|1.jpg"]
    table = list(csv.DictReader(written[2].read_text().splitlines()))
    assert [(row["direction"], row["language"]) for row in table] == [
        ("text to image", "en"),
        ("text to image", "de"),
        ("image to text", "en"),
    ]
    assert float(table[0]["recall@5"]) == fields["languages"]["en"]["recall@5"] and table[2]["R@10 served"] == ""
    assert float(table[1]["R@10 published, mUSE + M3L"]) == 0.735
    assert written[3].read_bytes().startswith(b"\x89PNG") and written[3].stat().st_size > 5000


def test_runs_are_compared_in_one_table(tmp_path: Path) -> None:
    for name, made in (("m3l", report()), ("patr", report(loss="patr")), ("other", report("captions"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text(json.dumps(to_json(made)))
    runs = read_runs([tmp_path / "m3l" / "report.json", tmp_path / "patr", tmp_path / "other"])
    assert [row.name for row in runs[:3]] == ["m3l", "patr", "other"]
    assert [row.name for row in runs[3:]] == [row.name for row in XTD10] and all(row.published for row in runs[3:])
    assert headings(runs)[:3] == ["run", "en", "de"] and headings(runs)[-1] == "mean" and len(headings(runs)) == 13
    assert cells(runs)[0][:4] == ["m3l", "0.667", "0.667", "–"] and cells(runs)[6][0] == "mUSE + M3L (published)"
    written = write_comparison(runs, tmp_path / "out")
    assert [file.name for file in written] == ["comparison.json", "comparison.md", "comparison.csv"]
    assert json.loads(written[0].read_text())["runs"][0]["published"] is None
    assert written[1].read_text().count("(published)") == 4 and len(written[2].read_text().splitlines()) == 8


def test_what_is_no_report_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(DataError, match=r"a\.json is no report"):
        read_runs([tmp_path / "a.json"])
