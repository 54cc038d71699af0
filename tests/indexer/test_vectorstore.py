from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import SpaceMismatchError
from indexer.vectorstore import FlatStore, Found, gpu_available

Metric = Literal["l2", "cosine"]
METRICS: list[Metric] = ["l2", "cosine"]


def points(n: int, d: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def brute_force(metric: Metric, ids: np.ndarray, rows: np.ndarray, queries: np.ndarray, k: int) -> list[list[int]]:
    wide, asked = rows.astype(np.float64), queries.astype(np.float64)
    scores = asked @ wide.T if metric == "cosine" else -((asked[:, None] - wide[None]) ** 2).sum(axis=2)
    return [[int(ids[at]) for at in np.lexsort((ids, -row))[:k]] for row in scores]


def filled(metric: Metric, ids: np.ndarray, rows: np.ndarray, *, gpu: bool = False) -> FlatStore:
    store = FlatStore(rows.shape[1], metric, gpu=gpu)
    store.add(ids, rows)
    return store


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("queries", [1, 40])
def test_it_finds_what_brute_force_finds(metric: Metric, queries: int) -> None:
    rows, ids = points(500, 24), np.random.default_rng(1).permutation(10_000)[:500]
    asked = points(queries, 24, seed=2)
    assert filled(metric, ids, rows).search(asked, 10).ids.tolist() == brute_force(metric, ids, rows, asked, 10)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_removed_and_filtered_rows_never_come_and_k_hits_come_when_k_exist(data: st.DataObject) -> None:
    metric = data.draw(st.sampled_from(METRICS))
    rows, ids = points(120, 6, data.draw(st.integers(0, 5))), np.arange(1000, 1120)
    removed = data.draw(st.sets(st.integers(1000, 1119), max_size=100))
    wanted = data.draw(st.sets(st.integers(1000, 1119), max_size=120))
    store = filled(metric, ids, rows)
    store.remove(np.array(sorted(removed), np.int64))
    left = np.array([i for i in ids if i in wanted and i not in removed], np.int64)
    k = data.draw(st.integers(1, 130))
    found = store.search(rows[:3], k, np.isin(store.ids, left))
    expected = brute_force(metric, left, rows[left - 1000], rows[:3], k)
    assert found.ids.tolist() == expected and found.ids.shape[1] == min(k, len(left))


@pytest.mark.parametrize("metric", METRICS)
def test_ties_go_by_id_however_many_there_are(metric: Metric) -> None:
    same = np.repeat(points(1, 5), 300, axis=0)
    ids = np.random.default_rng(3).permutation(300)
    found = filled(metric, ids, same).search(same[:1], 7)
    assert found.ids.tolist() == [list(range(7))] and len(set(found.scores[0])) == 1


def test_scores_are_minus_the_squared_distance_or_the_cosine() -> None:
    rows = np.array([[3, 4], [0, 0]], np.float32)
    assert filled("l2", np.array([1, 2]), rows).search(np.zeros((1, 2), np.float32), 2).scores.tolist() == [[0, -25]]
    found = filled("cosine", np.array([1, 2]), points(2, 2)).search(points(2, 2)[:1], 1)
    assert found.scores[0, 0] == pytest.approx(1, abs=1e-6)


def test_the_size_of_a_batch_decides_nothing() -> None:
    rows = points(400, 32)
    store = filled("l2", np.arange(400), rows)
    whole = store.search(rows, 20)
    single = [store.search(row[None], 20) for row in rows]
    np.testing.assert_array_equal(whole.ids, np.concatenate([found.ids for found in single]))
    np.testing.assert_array_equal(whole.scores, np.concatenate([found.scores for found in single]))


def test_an_empty_store_and_an_empty_filter_answer_nothing() -> None:
    assert FlatStore(4, "l2", gpu=False).search(points(2, 4), 5).ids.shape == (2, 0)
    store = filled("l2", np.arange(3), points(3, 4))
    assert store.search(points(2, 4), 5, np.zeros(3, bool)).ids.shape == (2, 0)


def test_a_snapshot_does_not_move_and_a_store_goes_on_from_it() -> None:
    rows = points(10, 4)
    store = filled("cosine", np.arange(10), rows)
    snapshot = store.snapshot()
    store.remove(np.arange(5))
    assert store.count() == 5 and snapshot.index.ntotal == len(snapshot.ids) == 10
    again = FlatStore.restored(snapshot, "cosine", gpu=False)
    again.add(np.array([99]), rows[:1])
    assert again.search(rows[:1], 2).ids.tolist() == [[0, 99]]


def test_vectors_of_another_space_are_refused() -> None:
    with pytest.raises(SpaceMismatchError, match="4 dimensions"):
        FlatStore(4, "l2", gpu=False).search(points(1, 5), 1)


@pytest.mark.parametrize("metric", METRICS)
def test_an_index_that_ignores_selectors_is_over_fetched_and_filtered(
    metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faiss.StandardGpuResources", object, raising=False)
    monkeypatch.setattr("faiss.index_cpu_to_gpu", lambda resources, device, index: index, raising=False)
    rows, ids, asked = points(5000, 16), np.arange(5000), points(20, 16, seed=5)
    cpu, over_fetching = filled(metric, ids, rows), filled(metric, ids, rows, gpu=True)
    for store in (cpu, over_fetching):
        store.remove(ids[::7])
    same(cpu.search(asked, 10), over_fetching.search(asked, 10))
    for share in (0.5, 0.02, 0.008, 0.001):
        allowed = np.random.default_rng(4).random(cpu.count()) < share
        same(cpu.search(asked, 10, allowed), over_fetching.search(asked, 10, allowed))


@pytest.mark.gpu
@pytest.mark.skipif(not gpu_available(), reason="needs faiss-gpu and a CUDA device")
@pytest.mark.parametrize("metric", METRICS)
def test_a_gpu_returns_the_same_ids_for_1000_queries_also_after_erase_and_under_filters(metric: Metric) -> None:
    rows, ids, asked = points(20_000, 64), np.arange(20_000) * 7, points(1000, 64, seed=9)
    cpu, gpu = filled(metric, ids, rows), filled(metric, ids, rows, gpu=True)
    same(cpu.search(asked, 10), gpu.search(asked, 10))
    for store in (cpu, gpu):
        store.remove(ids[::3])
    same(cpu.search(asked, 10), gpu.search(asked, 10))
    for share in (0.5, 0.05, 0.0005):
        allowed = np.random.default_rng(4).random(cpu.count()) < share
        same(cpu.search(asked, 10, allowed), gpu.search(asked, 10, allowed))


def same(one: Found, other: Found) -> None:
    np.testing.assert_array_equal(one.ids, other.ids)
    np.testing.assert_array_equal(one.scores, other.scores)
