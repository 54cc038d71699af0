"""The published system, whole: ResNet-152, mUSE, a head trained by M3L; index, search, XTD10, Multi30K.

The weights are random, so the figures say nothing; that all parts fit, and that everything is counted, they do say.
"""

import pytest

from eval.reports.published import MULTI30K, XTD10
from tests.eval.datasets.shelf import LANGUAGES
from tests.systems.conftest import World


@pytest.fixture(scope="module")
def paper(world: World) -> World:
    """The world, with the head of the profile `paper` trained for two epochs."""
    card = world.train("muse", "m3l", "paper")
    assert card["loss"] == "m3l" and card["photos"] == 32 and card["text"].startswith("muse/")
    return world


def test_a_photo_is_found_by_words_in_any_language(paper: World) -> None:
    stats = paper.run("stats", "--library", paper.library, "--json").json
    assert stats["photos"] == 1040 and stats["locations"] == 2040
    for question in ("a dog runs on the beach", "собака бежит по пляжу", "浜辺の犬"):
        hits = paper.run("search", question, "--library", paper.library, "-k", 3, "--json").json["hits"]
        assert [hit["rank"] for hit in hits] == [1, 2, 3] and hits[0]["score"] >= hits[2]["score"]
        assert hits[0]["score"] <= 0, "minus a squared distance"


def test_xtd10_is_measured_in_eleven_languages(paper: World) -> None:
    words = ["--data", paper.folder / "xtd10", "--library", paper.library, "--image-to-text"]
    fields = paper.run("eval", "xtd10", *words, "--out", paper.folder / "runs" / "xtd10", "--json").json
    assert (fields["gallery"], fields["missing"], fields["unsupported"]) == (1000, 0, [])
    assert tuple(fields["languages"]) == LANGUAGES
    assert {result["queries"] for result in fields["languages"].values()} == {1000}
    assert tuple(fields["image_to_text"]["languages"]) == LANGUAGES
    assert fields["published"]["same_setting"] and fields["published"]["name"] == "mUSE + M3L"
    assert fields["published"]["recall@10"] == XTD10[3].recall_at_10
    assert fields["setting"]["profile"] == "paper" and fields["setting"]["metric"] == "l2"
    assert abs(fields["served"]["loss"]) < 0.01
    table = (paper.folder / "runs" / "xtd10" / "report.md").read_text()
    assert "R@10 published, mUSE + M3L |" in table and "| ko | 1,000 |" in table


def test_multi30k_is_measured_in_three_and_compared(paper: World) -> None:
    words = ["--data", paper.folder / "multi30k", "--library", paper.library]
    fields = paper.run("eval", "multi30k", *words, "--out", paper.folder / "runs" / "multi30k", "--json").json
    assert tuple(fields["languages"]) == ("en", "de", "fr") and fields["unsupported"] == ["cs"]
    assert (fields["gallery"], fields["missing"]) == (1000, 0)
    assert fields["published"]["recall@10"] == MULTI30K[3].recall_at_10 and fields["published"]["same_setting"]
    runs = paper.run("eval", "compare", paper.folder / "runs" / "multi30k", "--json").json["runs"]
    assert [run["published"] is None for run in runs] == [True, False, False, False, False]
