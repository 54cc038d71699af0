from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.library import Filter, Library
from indexer.pipeline import IngestReport, Progress, ingest
from indexer.prepare import Limits
from indexer.stages import ImageEncoder, State
from tests.conftest import picture
from tests.indexer.stand_ins import MeanColours, PassesAll

LIMITS = Limits(1_000_000, 30)


def make(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        Image.fromarray(picture(number)).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "photos.library", space=MeanColours.space, profile="starter", policy={})


def run(library: Library, *sources: Path, seen: list[Progress] | None = None) -> IngestReport:
    show = seen.append if seen is not None else None
    return ingest(sources, library, PassesAll, MeanColours, LIMITS, workers=1, on_progress=show)


def test_every_photo_gets_an_outcome(tmp_path: Path, library: Library) -> None:
    folder = make(tmp_path / "in", 5)
    (folder / "broken.jpg").write_bytes(b"no picture")
    Image.new("RGB", (64, 64)).save(folder / "dark.png")
    (folder / "same.png").write_bytes((folder / "00.png").read_bytes())
    seen: list[Progress] = []
    report = run(library, folder, seen=seen)
    assert (report.found, report.indexed, report.duplicate, report.review, report.failed) == (8, 5, 1, 1, 1)
    assert [failure.photo for failure in report.failures] == ["broken.jpg", "dark.png"]
    assert seen[-1].done == seen[-1].found == 8 and seen[-1].remaining == 0


def test_vectors_are_those_of_the_encoder(tmp_path: Path, library: Library) -> None:
    run(library, make(tmp_path / "in", 3))
    ids, vectors = library.vectors()
    for photo, vector in zip(library.photos(ids.tolist()), vectors, strict=True):
        assert photo.path is not None
        pixels = np.asarray(Image.open(tmp_path / "in" / photo.path))
        expected = MeanColours().encode(MeanColours.preprocess(pixels)[None])[0]
        assert np.array_equal(vector, expected)


def test_a_second_run_does_no_work(tmp_path: Path, library: Library) -> None:
    folder = make(tmp_path / "in", 3)
    run(library, folder)

    def never() -> ImageEncoder:
        raise AssertionError("the encoder must not be loaded")

    report = ingest([folder], library, PassesAll, never, LIMITS)
    assert (report.found, report.skipped, report.indexed) == (3, 3, 0)


def test_only_what_is_new_is_taken_in(tmp_path: Path, library: Library) -> None:
    folder = make(tmp_path / "in", 3)
    run(library, folder)
    Image.fromarray(picture(99)).save(folder / "new.png")
    report = run(library, folder)
    assert (report.skipped, report.indexed) == (3, 1)


def test_without_paths_a_photo_is_known_by_its_content(tmp_path: Path) -> None:
    folder = make(tmp_path / "in", 2)
    (folder / "secret-name.jpg").write_bytes(b"no picture")
    library = Library.create(
        tmp_path / "l.library", space=MeanColours.space, profile="starter", policy={}, paths="none"
    )
    first, second = run(library, folder), run(library, folder)
    assert first.indexed == 2 and second.skipped >= 2
    assert "secret" not in first.failures[0].photo


def test_ctrl_c_keeps_what_was_committed(tmp_path: Path, library: Library) -> None:
    folder = make(tmp_path / "in", 70)

    def interrupt(progress: Progress) -> None:
        if progress.indexed:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest([folder], library, PassesAll, MeanColours, LIMITS, workers=1, on_progress=interrupt)
    kept = len(library.select(Filter()))
    assert kept >= 32
    assert run(library, folder).indexed == 70 - kept


def test_a_failed_photo_stays_out_of_every_search(tmp_path: Path, library: Library) -> None:
    folder = make(tmp_path / "in", 1)
    (folder / "broken.jpg").write_bytes(b"no picture")
    run(library, folder)
    assert len(library.select(Filter(states=(State.FAILED,)))) == 1 and len(library.vectors()[0]) == 1
