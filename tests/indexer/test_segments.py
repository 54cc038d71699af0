from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import LibraryCorruptError
from indexer.segments import Segments
from indexer.stages import ImageSpace
from tests.indexer.shelf import DIM, SPACE

IDS = np.array([5, 2**62, 7], np.int64)
VECTORS = np.random.default_rng(0).standard_normal((3, DIM)).astype(np.float32)


@pytest.fixture
def segments(tmp_path: Path) -> Segments:
    made = Segments(tmp_path, SPACE, 42)
    made.folder.mkdir(parents=True)
    made.create(1, IDS[:2], VECTORS[:2])
    made.append(1, 2, IDS[2:], VECTORS[2:])
    return made


def test_records_come_back(segments: Segments) -> None:
    records = segments.read(1, 3)
    np.testing.assert_array_equal(records.ids, IDS)
    np.testing.assert_array_equal(records.vectors, VECTORS)
    assert records.intact.all() and segments.is_intact(1, 3)


def test_only_what_counts_is_read(segments: Segments) -> None:
    assert segments.read(1, 1).ids.tolist() == [5]
    assert segments.ids(1, 2).tolist() == [5, 2**62]
    assert segments.ids(1, 3).tolist() == IDS.tolist()
    assert segments.read(1, 3, np.array([False, True, False])).ids.tolist() == [2**62]


def test_appending_takes_the_place_of_a_tail_that_never_counted(segments: Segments) -> None:
    segments.append(1, 1, np.array([9]), VECTORS[2:])
    assert segments.read(1, 2).ids.tolist() == [5, 9]
    assert segments.path(1).stat().st_size == segments.length(1, 2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.data())
def test_no_flipped_bit_goes_unseen(segments: Segments, data: st.DataObject) -> None:
    whole = segments.path(1).read_bytes()
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    segments.path(1).write_bytes(whole[:at] + bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :])
    assert not segments.is_intact(1, 3) or not segments.read(1, 3).intact.all()
    assert len(segments.salvage(1, 3).ids) >= 2
    segments.path(1).write_bytes(whole)


@pytest.mark.parametrize("length", [0, 10, 100, -1])
def test_a_short_file_is_refused_and_its_whole_records_can_be_saved(segments: Segments, length: int) -> None:
    whole = segments.path(1).read_bytes()
    segments.path(1).write_bytes(whole[:length])
    with pytest.raises(LibraryCorruptError, match="damaged"):
        segments.read(1, 3)
    saved = segments.salvage(1, 3)
    np.testing.assert_array_equal(saved.ids, IDS[: len(saved.ids)])
    assert len(saved.ids) == (2 if length == -1 else 0)


def test_a_missing_file_is_told_from_a_damaged_one(segments: Segments) -> None:
    segments.remove(1)
    with pytest.raises(FileNotFoundError):
        segments.read(1, 3)
    assert segments.numbers() == []


@pytest.mark.parametrize("other", [Segments(Path(), SPACE, 43), Segments(Path(), ImageSpace("other", DIM), 42)])
def test_a_segment_of_another_library_or_space_is_refused(segments: Segments, other: Segments) -> None:
    other.folder = segments.folder
    assert not other.is_intact(1, 3)


def test_spaces_have_folders_of_their_own(tmp_path: Path) -> None:
    names = {Segments(tmp_path, ImageSpace(identity, 8), 1).folder.name for identity in ("a/b", "a b", "a-b")}
    assert len(names) == 3 and all("/" not in name for name in names)
