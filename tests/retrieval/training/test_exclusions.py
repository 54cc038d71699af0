"""Excluded photos never enter a training."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import DataError, LeakError
from retrieval.training.exclusions import Exclusions, photo_id


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1000268201_693b08cb0e.jpg", 1000268201),
        ("1000268201", 1000268201),
        ("COCO_train2014_000000436698.jpg", 436698),
        ("000000061844.jpg", 61844),
        ("holiday.jpg", None),
    ],
)
def test_photo_id(name: str, expected: int | None) -> None:
    assert photo_id(name) == expected


def test_excluded_rows_are_held_back_and_counted(tmp_path: Path) -> None:
    exclusions = Exclusions.read([_list(tmp_path / "a.txt", 1, 2), _list(tmp_path / "b.txt", 5)])
    kept = exclusions.keep(
        [("1_x.jpg", "a"), ("3_x.jpg", "b"), ("", "c"), ("5_y.jpg", "d")], lambda row: row[0], "rows"
    )
    assert [text for _, text in kept] == ["b", "c"]
    assert exclusions.excluded_rows == 2


@given(st.sets(st.integers(1, 50), min_size=1), st.lists(st.integers(1, 50)))
def test_what_is_kept_passes_the_gate(excluded: set[int], photos: list[int]) -> None:
    exclusions = Exclusions({"list": frozenset(excluded)})
    kept = exclusions.keep([f"{photo}_a.jpg" for photo in photos], str, "rows")
    exclusions.refuse(kept)
    assert len(kept) + exclusions.excluded_rows == len(photos)


def test_gate_refuses_an_excluded_photo_and_one_without_id() -> None:
    exclusions = Exclusions({"list": frozenset({7})})
    with pytest.raises(LeakError, match="1 excluded"):
        exclusions.refuse(["3_a.jpg", "7_b.jpg"])
    with pytest.raises(LeakError, match="no id"):
        exclusions.refuse(["holiday.jpg"])


def test_sentences_of_other_photos_are_held_back_word_for_word() -> None:
    exclusions = Exclusions({})
    rows = [("Ein Hund.", "A dog."), ("Eine Katze", "A cat")]
    assert exclusions.keep_unseen(rows, lambda row: row, ["a DOG"], "pairs") == rows[1:]
    assert exclusions.excluded_rows == 1


def test_photos_to_choose_by_are_wholly_on_a_list_or_not_at_all() -> None:
    exclusions = Exclusions({"dev": frozenset({1, 2, 3}), "blind": frozenset({8})})
    exclusions.refuse_validation(["1_a.jpg", "2_a.jpg"])
    with pytest.raises(LeakError, match="Some photos"):
        exclusions.refuse_validation(["1_a.jpg", "8_a.jpg"])


def test_coco_is_not_trained_on_without_the_list_of_xtd10(tmp_path: Path) -> None:
    some = Exclusions.read([_list(tmp_path / "a.txt", 61844)])
    some.refuse_coco_without_xtd10(["1000268201_693b08cb0e.jpg", "holiday.jpg"])
    for name in ("COCO_train2014_000000000009.jpg", "000000000009.jpg", "COCO_val2014_000000000042"):
        with pytest.raises(LeakError, match="XTD10"):
            some.refuse_coco_without_xtd10([name])


@pytest.mark.shared
def test_the_list_of_xtd10_is_known_as_ids_and_as_its_file_of_names(shared: Path) -> None:
    for file in ("xtd10_coco_ids.txt", "xtd10/XTD10/test_image_names.txt"):
        exclusions = Exclusions.read([shared / "data" / file])
        exclusions.refuse_coco_without_xtd10(["COCO_train2014_000000000009.jpg"])
        with pytest.raises(LeakError, match="1 excluded"):
            exclusions.refuse(["COCO_train2014_000000436698.jpg"])


@pytest.mark.parametrize("content", ["", "1\nabc\n"])
def test_a_list_that_excludes_nothing_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "list.txt").write_text(content, encoding="utf-8")
    with pytest.raises(DataError):
        Exclusions.read([tmp_path / "list.txt"])


def test_a_list_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        Exclusions.read([tmp_path / "list.txt"])


def _list(path: Path, *ids: int) -> Path:
    path.write_text("".join(f"{number}\n" for number in ids), encoding="utf-8")
    return path
