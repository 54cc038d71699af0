from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from indexer.catalog.select import Filter
from indexer.library import Library
from indexer.stages import State
from tests.indexer.shelf import failed, new_library, photo, place


def day(month: int, number: int) -> datetime:
    return datetime(2020, month, number)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with new_library(tmp_path / "a") as made:
        made.commit(
            [
                photo(0, tags={"cat": 0.9, "dog": 0.2}, location=place(0, path="2020/may/a.jpg"), taken_at=day(5, 1)),
                photo(1, tags={"cat": 0.4}, location=place(1, path="2020/june/b.jpg"), taken_at=day(6, 1)),
                photo(2, tags={"dog": 0.8}, location=place(2, path="2021/100%_off/c.png"), taken_at=None),
                photo(3, tags={}, location=place(3, root="other-9", path="2020x/d.jpg"), taken_at=day(5, 31)),
                photo(4, tags={"cat": 1.0}, state=State.REVIEW, vector=None, location=place(4, path="2020/e.jpg")),
                failed(5),
            ]
        )
        made.commit([photo(2, location=place(2, root="other-9", path="copies/c.png"))])
        yield made


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), {0, 1, 2, 3}),
        (Filter(states=None), {0, 1, 2, 3, 4, 5}),
        (Filter(states=(State.REVIEW, State.FAILED)), {4, 5}),
        (Filter(tags=("cat",)), {0, 1}),
        (Filter(tags=("cat",), min_score=0.5), {0}),
        (Filter(tags=("cat", "dog")), {0}),
        (Filter(tags=("cow",)), set()),
        (Filter(not_tags=("dog",)), {1, 3}),
        (Filter(not_tags=("dog",), min_score=0.5), {0, 1, 3}),
        (Filter(tags=("cat",), not_tags=("dog",)), {1}),
        (Filter(folder="2020"), {0, 1}),
        (Filter(folder="2020/may/"), {0}),
        (Filter(folder="2021/100%_off"), {2}),
        (Filter(folder="20"), set()),
        (Filter(folder="other-9"), {2, 3}),
        (Filter(folder="other-9/copies"), {2}),
        (Filter(path_glob="*.png"), {2}),
        (Filter(path_glob="2020/*"), {0, 1}),
        (Filter(path_glob="*/C.png"), set()),
        (Filter(since=day(5, 31)), {1, 3}),
        (Filter(until=day(6, 1)), {0, 3}),
        (Filter(since=day(5, 2), until=day(6, 1), tags=("cat",)), set()),
    ],
)
def test_a_filter_selects(library: Library, wanted: Filter, expected: set[int]) -> None:
    ids = library.select(Filter(states=None)).tolist()
    assert library.select(wanted).tolist() == [ids[n] for n in sorted(expected)]


def test_the_answered_path_is_the_first_by_root_and_path(library: Library) -> None:
    [found] = library.photos(library.select(Filter(tags=("dog",), not_tags=("cat",))).tolist())
    assert (found.root, found.path) == ("other-9", "copies/c.png")


def test_tags_come_best_first(library: Library) -> None:
    [found] = library.photos(library.select(Filter(tags=("dog", "cat"))).tolist())
    assert list(found.tags.items()) == [("cat", 0.9), ("dog", 0.2)]


def test_photos_come_in_the_order_asked_for_also_twice(library: Library) -> None:
    first, second, *_ = library.select(Filter()).tolist()
    assert [found.id for found in library.photos([second, first, second])] == [second, first, second]
    assert library.photos([]) == []
