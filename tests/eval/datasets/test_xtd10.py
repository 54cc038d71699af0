from pathlib import Path

import pytest

from eval.datasets import Question, xtd10
from indexer.errors import DataError
from tests.eval.datasets.shelf import LANGUAGES, coco_names, write_xtd10

NAMES = coco_names()


def test_all_eleven_languages_in_the_order_of_the_images(tmp_path: Path) -> None:
    data = xtd10.read(write_xtd10(tmp_path, NAMES))
    assert tuple(data.questions) == LANGUAGES and data.gallery == tuple(NAMES) and data.aligned
    assert all(len(questions) == 1000 for questions in data.questions.values())
    assert data.questions["ru"][999] == Question("ru 999", NAMES[999])
    assert data.questions["ja"][0] == Question("ja 0", NAMES[0])


def test_rows_stay_whatever_is_in_them_and_only_a_line_feed_ends_one(tmp_path: Path) -> None:
    lines = [f"Satz {number}" for number in range(1000)]
    lines[147], lines[261], lines[262] = "Could not translate", "?", "?"
    lines[5], lines[6] = "  zwei  Worte .  ", "ein\u2028Satz\x85mit\u200bZeichen"
    german = xtd10.read(write_xtd10(tmp_path, NAMES, {"de": lines})).questions["de"]
    assert [german[row].text for row in (147, 261, 262)] == ["Could not translate", "?", "?"]
    assert german[5].text == "zwei  Worte ." and german[6].text == lines[6]


@pytest.mark.parametrize("change", [lambda text: text + "one more\n", lambda text: text.partition("\n")[2]])
def test_any_other_number_of_lines_is_an_error(tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]
    write_xtd10(tmp_path, NAMES)
    file = tmp_path / "MIC" / "test_1kcaptions_fr.txt"
    file.write_text(change(file.read_text()))
    with pytest.raises(DataError, match=r"test_1kcaptions_fr.txt has (1,001|999) lines instead of 1,000"):
        xtd10.read(tmp_path)


def test_english_is_found_where_it_was_before_it_moved(tmp_path: Path) -> None:
    write_xtd10(tmp_path, NAMES)
    (tmp_path / "XTD10" / "test_1kcaptions_en.txt").rename(tmp_path / "MIC" / "test_1kcaptions_en.txt")
    assert xtd10.read(tmp_path).questions["en"][3].text == "en 3"


def test_a_language_that_is_missing_is_an_error(tmp_path: Path) -> None:
    write_xtd10(tmp_path, NAMES)
    (tmp_path / "STAIR" / "test_1kcaptions_jp.txt").unlink()
    with pytest.raises(DataError, match=r"test_1kcaptions_jp\.txt is missing"):
        xtd10.read(tmp_path)


def test_an_image_named_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="names an image twice"):
        xtd10.read(write_xtd10(tmp_path, [*NAMES[:-1], NAMES[0]]))


@pytest.mark.shared
def test_the_official_files(shared: Path) -> None:
    data = xtd10.read(shared / "data" / "xtd10")
    assert len(data.questions) == 11 and {len(questions) for questions in data.questions.values()} == {1000}
    german = [question.text for question in data.questions["de"]]
    assert [german[line - 1] for line in (148, 241, 727, 262, 768, 939)] == [
        *["Could not translate"] * 3,
        "?",
        "?",
        "dfgdfg",
    ]
    repeated = {code: 1000 - len({q.text for q in data.questions[code]}) for code in ("de", "fr", "es", "zh", "ja")}
    assert all(repeated.values()) and sum("\u200b" in q.text for q in data.questions["fr"])
