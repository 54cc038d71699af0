from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.reports.compare import Row
from eval.reports.figures import (
    Series,
    draw_bars,
    draw_comparison,
    draw_images_and_texts,
    draw_rank1_page,
    draw_translations,
    write_figures,
)
from eval.reports.figures.fonts import font_for
from eval.reports.figures.pairs import english_pairs, spread
from eval.reports.figures.rank1_page import typical_image, wrapped
from eval.reports.figures.tsne import tsne
from eval.reports.figures.tsne_translations import own_first, unit
from indexer.errors import DataError
from tests.eval.reports.figures.runs import pixels, small_run


def test_a_run_gives_every_figure_as_a_picture(tmp_path: Path) -> None:
    run = small_run(tmp_path)
    written = write_figures(run, tmp_path / "out", [Series("ours", {"en": 0.9, "de": 0.6})])
    assert [path.name for path in written] == [
        "tsne-images.png",
        "rank1.png",
        "tsne-translations-encoder.png",
        "tsne-translations-head.png",
        "bars.png",
    ]
    assert all(pixels(path).std() > 10 and min(pixels(path).shape[:2]) > 500 for path in written)


def test_without_english_there_are_no_translations_to_draw(tmp_path: Path) -> None:
    run = small_run(languages=("de",))
    assert [path.name for path in write_figures(run, tmp_path)] == ["tsne-images.png", "rank1.png"]
    with pytest.raises(DataError, match="English"):
        draw_translations(run, tmp_path / "no.png", space="head")


def test_equal_runs_give_equal_pictures(tmp_path: Path) -> None:
    first = draw_images_and_texts(small_run(), tmp_path / "a.png").read_bytes()
    assert first == draw_images_and_texts(small_run(), tmp_path / "b.png").read_bytes()


def test_a_map_keeps_neighbours_together() -> None:
    random = np.random.default_rng(0)
    groups = np.repeat(random.normal(size=(3, 80)) * 20, 30, axis=0) + random.normal(size=(90, 80))
    places = tsne(groups.astype(np.float32))
    assert places.shape == (90, 2)
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (distance.argmin(axis=1) // 30 == np.arange(90) // 30).all()
    with pytest.raises(DataError, match="at least"):
        tsne(groups[:3].astype(np.float32))


def test_partners_are_told_by_the_image_or_by_the_line() -> None:
    run = small_run()
    english, german = english_pairs(run, "de")
    assert (run.answers["en"][english] == run.answers["de"][german]).all() and len(english) == 24
    same = english_pairs(replace(run, aligned=True), "de")
    assert (same[0] == same[1]).all()
    assert spread(5, 9).tolist() == [0, 1, 2, 3, 4] and len(spread(1000, 10)) == 10 and not len(spread(0, 3))


def test_own_english_sentence_must_be_strictly_first() -> None:
    english = unit(np.array([[1, 0], [0, 2], [0, 3]], np.float32))
    assert own_first(np.array([[1, 0], [0, 1], [1, 1]], np.float32), english) == pytest.approx(1 / 3)


def test_the_nearest_image_follows_the_metric() -> None:
    run = small_run()
    run = replace(run, image_points=np.float32([[9, 9], [1, 0]]), points={"en": np.float32([[1, 1]])})
    assert run.nearest("en", np.array([0])).tolist() == [1]
    assert replace(run, metric="cosine").nearest("en", np.array([0])).tolist() == [0]


def test_the_typical_image_is_neither_never_found_nor_found_by_chance(tmp_path: Path) -> None:
    run = small_run()
    first = {code: run.nearest(code, np.arange(24)) == run.answers[code] for code in run.languages}
    found = sum(int(first[code][run.answers[code] == typical_image(run)].sum()) for code in run.languages)
    assert 1 <= found <= 3
    nowhere = replace(run, answers={code: np.full(24, -1) for code in run.languages})
    with pytest.raises(DataError, match="asks for an image"):
        typical_image(nowhere)
    with pytest.raises(DataError, match="asks for an image"):
        draw_images_and_texts(nowhere, tmp_path / "no.png")


def test_no_caption_is_drawn_as_boxes(tmp_path: Path) -> None:
    latin, cyrillic = font_for("Łódź, ğüşiöç"), font_for("Собака бежит")
    assert latin is not None and latin == cyrillic
    assert font_for("A犬\U00012000\U00010600") is None, "no one font has all of these scripts"
    draw_rank1_page(small_run(tmp_path), tmp_path / "page.png", image=2)  # a letter without a glyph warns


def test_a_long_caption_is_cut_and_wide_letters_take_two_columns() -> None:
    assert wrapped("word " * 60).count("\n") == 2 and wrapped("word " * 60).endswith(" …")
    assert max(len(line) for line in wrapped("犬" * 50).split("\n")) == 20


def test_published_bars_are_hollow(tmp_path: Path) -> None:
    ours = Series("ours", {"en": 0.5, "ko": 0.2}, {"en": (0.45, 0.55)})
    published = Series("mUSE and M3L", {"en": 0.853, "de": 0.735}, published=True)
    full = draw_bars([ours], tmp_path / "one.png")
    both = draw_bars([ours, published], tmp_path / "two.png")
    blue = [(np.abs(pixels(path).astype(int) - (59, 111, 182)).sum(axis=2) < 12).mean() for path in (full, both)]
    assert blue[0] > 0.05 and blue[1] < blue[0]
    with pytest.raises(DataError, match="at least one language"):
        draw_bars([Series("nothing", {})], tmp_path / "no.png")


def test_a_published_bar_has_the_colour_of_our_run_of_the_same_system(tmp_path: Path) -> None:
    setting = {"space": "resnet152/x", "text": "muse/x", "loss": "m3l"}
    published = Row("mUSE + M3L", "xtd10", {"en": 0.853}, published="a paper")
    orange: list[int] = []
    for place, fields in enumerate((setting, {})):
        ours = [Row("starter", "xtd10", {"en": 0.5}), Row("muse-m3l", "xtd10", {"en": 0.8}, setting=fields)]
        picture = pixels(draw_comparison([*ours, published], tmp_path / f"{place}.png")).astype(int)
        orange.append((np.abs(picture - (217, 130, 43)).sum(axis=2) < 12).sum())
    assert orange[0] > orange[1] + 300
