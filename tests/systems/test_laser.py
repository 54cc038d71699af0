"""The system with LASER2: index, search, and XTD10 on a library that lacks most of its photos and on a whole one."""

from pathlib import Path

import pytest

from tests.eval.datasets.shelf import LANGUAGES
from tests.systems.conftest import World


@pytest.fixture(scope="module")
def laser(world: World) -> World:
    """The world, with the head of the profile `laser2` trained for two epochs."""
    world.train("laser2", "patr", "laser2")
    return world


@pytest.fixture(scope="module")
def library(laser: World) -> Path:
    folder = laser.folder / "few.library"
    fields = laser.run("index", laser.few, "--library", folder, "--profile", "laser2", "--json").json
    assert (fields["found"], fields["indexed"]) == (10, 10)
    return folder


def test_a_photo_is_found_by_words(laser: World, library: Path) -> None:
    words = ["un chien court sur la plage", "--library", library, "-k", 4, "--lang", "fr"]
    fields = laser.run("search", *words, "--json").json
    assert fields["language"] == "fr" and len({hit["photo"] for hit in fields["hits"]}) == 4


def test_photos_that_are_missing_are_named_and_their_captions_are_misses(laser: World, library: Path) -> None:
    fields = laser.run("eval", "xtd10", "--data", laser.folder / "xtd10", "--library", library, "--json").json
    assert (fields["gallery"], fields["missing"], len(fields["missing_images"])) == (10, 990, 990)
    assert {result["recall@10"] for result in fields["languages"].values()} == {0.01}, "all ten of ten are found"
    assert {result["queries"] for result in fields["languages"].values()} == {1000}
    assert fields["languages"]["ko"]["median_rank"] is None


def test_xtd10_is_measured_in_eleven_languages(laser: World) -> None:
    words = ["--data", laser.folder / "xtd10", "--library", laser.library, "--head", "laser2", "--text", "laser2"]
    fields = laser.run("eval", "xtd10", *words, "--json").json
    assert (fields["gallery"], fields["missing"]) == (1000, 0) and tuple(fields["languages"]) == LANGUAGES
    assert fields["setting"]["text"].startswith("laser2/") and fields["setting"]["loss"] == "patr"
    assert not fields["published"]["same_setting"], "the paper's LASER is the first one"
