from pathlib import Path

import pytest

from indexer import durable
from indexer.errors import LibraryCorruptError, LibraryNotFoundError
from indexer.library import Library
from indexer.manifest import NAME
from indexer.parts import CATALOG
from indexer.stages import State
from tests.indexer.shelf import (
    COSINE,
    L2,
    content,
    found_traces,
    ids_of,
    nearest,
    new_library,
    photo,
    photos,
    place,
    vector,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with new_library(tmp_path / "a") as library:
        library.commit(photos(range(3)))
        library.publish(L2)
        library.commit(photos(range(3, 6)))
        library.publish(L2)
    return tmp_path / "a"


def segment(path: Path) -> Path:
    [found] = path.glob("segments/*/*.seg")
    return found


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


def quarantined(path: Path) -> list[str]:
    return [file.name for file in path.rglob("*") if durable.QUARANTINE in file.name]


def test_leftovers_are_removed(path: Path) -> None:
    (path / "library.json.tmp").write_text("{")
    (path / "thumbs" / ("0" * 64 + ".jpg.tmp")).write_bytes(b"half")
    (path / "thumbs" / ("0" * 64 + ".jpg")).write_bytes(b"nobody's")
    (path / "index" / "000009.tmp").mkdir()
    (path / "index" / "000009.tmp" / "index.faiss").write_bytes(b"half")
    with segment(path).open("ab") as file:
        file.write(b"a tail that never counted")
    segment(path).with_name("000007.seg").write_bytes(segment(path).read_bytes())
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file() and CATALOG not in file.name}
    with Library.open(path) as library:
        assert len(library.search(vector(0)[None], 9, L2)[0]) == 6 and library.verify() == []
    assert {file: file.read_bytes() for file in before} == before
    with Library.open(path, writable=True) as library:
        assert library.verify() == []
    assert (
        sorted(p.name for p in path.rglob("*") if p.name.startswith(("000009", "000007", "0000000", NAME + "."))) == []
    )
    assert b"never counted" not in segment(path).read_bytes()


def test_a_damaged_record_costs_one_photo_until_it_is_indexed_again(path: Path) -> None:
    at = segment(path).read_bytes().index(vector(4).tobytes())
    flip(segment(path), at + 5)
    with Library.open(path) as reader:
        assert [problem.kind for problem in reader.verify()] == ["segment"]
        assert len(reader.search(vector(4)[None], 9, L2)[0]) == 6
        with pytest.raises(LibraryCorruptError, match="photoveil compact"):
            reader.search(vector(4)[None], 9, COSINE)
    with Library.open(path, writable=True) as library:
        assert library.stats().states == {"anonymised": 5, "failed": 1}
        assert library.find(content(4)) is None and not library.is_known(place(4)) and library.is_known(place(3))
        [again] = library.commit([photo(4)])
        assert again.outcome == "added" and nearest(library, 4) == again.photo_id
        assert library.photos([again.photo_id])[0].state == State.ANONYMISED
        assert library.verify() == [] and ids_of(library).keys() == set(range(6))
    assert [name.split(".corrupt-")[0] for name in quarantined(path)] == ["000001.seg"]


@pytest.mark.parametrize("damage", ["header", "short", "gone"])
def test_a_damaged_segment_gives_what_it_still_holds(path: Path, damage: str) -> None:
    size = segment(path).stat().st_size
    if damage == "header":
        flip(segment(path), 3)
    elif damage == "short":
        segment(path).write_bytes(segment(path).read_bytes()[: size - 50])
    else:
        segment(path).unlink()
    with Library.open(path, writable=True) as library:
        saved = {"header": 6, "short": 4, "gone": 0}[damage]
        assert library.stats().states.get("anonymised", 0) == saved and library.verify() == []
        library.commit(photos(range(6)))
        assert library.verify() == [] and [nearest(library, n) for n in range(6)] == list(ids_of(library).values())
    assert len(quarantined(path)) == (damage != "gone")


def test_evidence_is_kept_and_the_next_open_does_nothing_more(path: Path) -> None:
    damaged = segment(path).read_bytes()[:-9]
    segment(path).write_bytes(damaged)
    for _ in range(2):
        Library.open(path, writable=True).close()
    [name] = quarantined(path)
    assert next(path.rglob(name)).read_bytes() == damaged


@pytest.mark.parametrize("name", ["index.faiss", "ids.npy", "manifest.json"])
@pytest.mark.parametrize("generations", [[2], [1, 2]])
def test_a_damaged_index_falls_back_to_the_one_before_and_then_to_the_segments(
    path: Path, name: str, generations: list[int]
) -> None:
    for number in generations:
        flip(path / "index" / f"{number:06d}" / name, 20)
    with Library.open(path) as reader:
        assert [nearest(reader, n) for n in range(6)] == list(ids_of(reader).values())
        assert {problem.kind for problem in reader.verify()} == {"generation"}
    with Library.open(path, writable=True) as library:
        assert [nearest(library, n) for n in range(6)] == list(ids_of(library).values())
        assert library.publish(L2) == 3 and library.verify() == []
    assert len(quarantined(path)) == len(generations)


def test_an_index_that_is_missing_altogether_is_built_anew(path: Path) -> None:
    durable.remove_tree(path / "index")
    with Library.open(path, writable=True) as library:
        assert [nearest(library, n) for n in range(6)] == list(ids_of(library).values())


def test_a_damaged_library_json_is_restored_from_the_catalog(path: Path) -> None:
    whole = (path / NAME).read_bytes()
    flip(path / NAME, 40)
    with Library.open(path) as reader:
        assert [problem.kind for problem in reader.verify()] == ["manifest"]
    with Library.open(path, writable=True) as library:
        assert library.verify() == []
    assert (path / NAME).read_bytes() == whole and len(quarantined(path)) == 1


def test_a_damaged_catalog_is_refused_and_left_alone(path: Path) -> None:
    (path / CATALOG).write_bytes(b"not a database" * 1000)
    before = sorted(file.name for file in path.rglob("*"))
    for writable in (False, True):
        with pytest.raises(LibraryCorruptError, match="backup"):
            Library.open(path, writable=writable)
    assert sorted(file.name for file in path.rglob("*")) == before


def test_a_missing_catalog_is_not_taken_for_an_empty_one(path: Path) -> None:
    (path / CATALOG).unlink()
    with pytest.raises(LibraryCorruptError, match="missing"):
        Library.open(path, writable=True)
    (path / CATALOG).touch()
    with pytest.raises(LibraryNotFoundError, match="empty"):
        Library.open(path, writable=True)
    assert segment(path).exists() and len(list(path.glob("thumbs/*"))) == 6


def test_the_catalog_of_another_library_is_refused_before_anything_is_removed(path: Path, tmp_path: Path) -> None:
    new_library(tmp_path / "b").close()
    (path / CATALOG).write_bytes((tmp_path / "b" / CATALOG).read_bytes())
    with pytest.raises(LibraryCorruptError, match="does not know"):
        Library.open(path, writable=True)
    assert segment(path).exists() and len(list(path.glob("thumbs/*"))) == 6


def test_a_creation_that_was_interrupted_is_begun_again(tmp_path: Path) -> None:
    with new_library(tmp_path / "a") as library:
        library.commit([photo(1)])
    (tmp_path / "a" / NAME).unlink()
    with new_library(tmp_path / "a") as library:
        assert library.stats().photos == 0 and library.verify() == []
    assert found_traces(tmp_path / "a", 1) == []
