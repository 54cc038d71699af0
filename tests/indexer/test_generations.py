from pathlib import Path

import numpy as np
import pytest

from indexer.errors import LibraryError
from indexer.generations import Generations
from indexer.vectorstore import FlatStore, Snapshot

ROWS = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
IDS = np.array([3, 1, 4, 15, 9], np.int64)


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    made = Generations(tmp_path, "space")
    made.folder.mkdir()
    return made


def snapshot() -> Snapshot:
    store = FlatStore(4, "l2", gpu=False)
    store.add(IDS, ROWS)
    return store.snapshot()


def test_what_is_written_is_found_and_read(generations: Generations) -> None:
    assert generations.write(snapshot(), "l2", "l2", 7) == 1
    [found] = generations.of_view("l2")
    assert (found.number, found.rows, found.dim, found.metric, found.applied_seq) == (1, 5, 4, "l2", 7)
    opened = generations.open(found)
    assert opened is not None and opened.ids.tolist() == IDS.tolist() and opened.index.ntotal == 5
    assert sorted(path.name for path in generations.path(1).iterdir()) == ["ids.npy", "index.faiss", "manifest.json"]


@pytest.mark.parametrize("name", ["index.faiss", "ids.npy", "manifest.json"])
def test_damage_to_any_file_is_seen_before_it_is_read(generations: Generations, name: str) -> None:
    generations.write(snapshot(), "l2", "l2", 7)
    path = generations.path(1) / name
    for at in range(0, path.stat().st_size - 1, 17):
        whole = path.read_bytes()
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert not any(generations.open(found) for found in generations.of_view("l2")), at
        path.write_bytes(whole)
    path.write_bytes(path.read_bytes()[:-2])
    assert not any(generations.open(found) for found in generations.of_view("l2"))
    path.unlink()
    assert not any(generations.open(found) for found in generations.of_view("l2"))


def test_the_two_newest_of_each_view_are_kept(generations: Generations) -> None:
    for view in ("l2", "l2", "cosine", "l2", "l2", "cosine"):
        generations.write(snapshot(), view, "l2", 1)
    generations.prune()
    assert generations.numbers() == [6, 5, 4, 3]


def test_numbers_are_not_given_twice_while_evidence_lies_there(generations: Generations) -> None:
    generations.write(snapshot(), "l2", "l2", 1)
    generations.put_aside(1)
    assert generations.numbers() == []
    assert generations.write(snapshot(), "l2", "l2", 1) == 2


def test_an_index_of_another_space_is_not_taken(generations: Generations) -> None:
    generations.write(snapshot(), "l2", "l2", 1)
    assert Generations(generations.folder.parent, "other").of_view("l2") == []


def test_a_write_that_fails_leaves_nothing(generations: Generations, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(index: object, path: str) -> None:
        raise RuntimeError("Error in write: No space left on device")

    monkeypatch.setattr("faiss.write_index", refuse)
    with pytest.raises(LibraryError, match="free some space"):
        generations.write(snapshot(), "l2", "l2", 1)
    assert list(generations.folder.iterdir()) == []
