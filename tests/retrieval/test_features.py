"""Photo vectors from a library and from an export of it."""

from pathlib import Path

import numpy as np
import pytest

from indexer.errors import DataError, LibraryError
from indexer.library import Library
from retrieval.export import export
from retrieval.features import load_features
from tests.indexer.shelf import new_library, photo, vector


@pytest.fixture
def library(tmp_path: Path) -> Path:
    with new_library(tmp_path / "library") as library:
        library.commit([photo(number) for number in range(5)])
    return tmp_path / "library"


def test_a_library_gives_names_and_raw_vectors(library: Path) -> None:
    features = load_features(library)
    assert features.names == tuple(f"name-of-{number:04d}.jpg" for number in range(5))
    np.testing.assert_array_equal(features.vectors, np.stack([vector(number) for number in range(5)]))


def test_an_export_gives_the_same(library: Path, tmp_path: Path) -> None:
    with Library.open(library) as opened:
        export(opened, tmp_path / "export")
    ours, theirs = load_features(tmp_path / "export"), load_features(library)
    assert (ours.names, ours.space) == (theirs.names, theirs.space)
    np.testing.assert_array_equal(ours.vectors, theirs.vectors)


def test_a_changed_export_is_refused(library: Path, tmp_path: Path) -> None:
    with Library.open(library) as opened:
        export(opened, tmp_path / "export")
    np.save(tmp_path / "export" / "vectors.npy", np.zeros((5, 8), np.float32))
    with pytest.raises(DataError):
        load_features(tmp_path / "export")


def test_photos_without_paths_are_refused(tmp_path: Path) -> None:
    with new_library(tmp_path / "library", paths="none") as library:
        library.commit([photo(1)])
    with pytest.raises(DataError):
        load_features(tmp_path / "library")


def test_a_folder_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError):
        load_features(tmp_path)
