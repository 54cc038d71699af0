"""Real photos in a real library: how captions are joined to them, and what they were before they were anonymised."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from eval.captions import evaluate
from eval.clear import clear_vectors
from eval.datasets import Dataset, Question, dataset
from eval.gallery import gallery_of
from eval.system import of_library
from indexer.errors import DataError
from indexer.stages import Pixels
from retrieval.engine import Engine
from tests.conftest import picture

PICTURES = {"a/first.png": 1, "b/twin.png": 1, "a/second.png": 2, "b/third.png": 3, "b/third/second.png": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`first` and `twin` have one content; two photos are called second.png."""
    folder = tmp_path_factory.mktemp("gallery")
    for name, seed in PICTURES.items():
        (folder / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(seed)).save(folder / "photos" / name)
    with Engine.create(folder / "l", "starter", device="cpu") as engine:
        assert engine.ingest([folder / "photos"]).indexed == 4
    return folder


def asking(*images: str) -> Dataset:
    return dataset("made-up", [("en", Question(f"a picture called {image}", image)) for image in images], {})


def test_one_photo_answers_to_all_its_names(folder: Path) -> None:
    with Engine.open(folder / "l") as engine:
        gallery = gallery_of(of_library(engine), asking("third.png", "twin.png", "gone.png", "first.png"))
    assert gallery.names == ("third.png", "twin.png") and gallery.missing == ("gone.png",)
    assert gallery.answers(["first.png", "twin.png", "third.png", "gone.png"]).tolist() == [1, 1, 0, -1]


def test_of_photos_with_one_name_the_first_goes_by_it(folder: Path) -> None:
    with Engine.open(folder / "l") as engine:
        gallery = gallery_of(of_library(engine), asking("second.png"))
        ids = [photo for name, photo in engine.library.file_names() if name == "second.png"]
    assert len(ids) == 2 and gallery.ids is not None and gallery.ids.tolist() == [min(ids)]


def test_a_photo_with_nothing_to_hide_is_the_same_before_and_after(folder: Path) -> None:
    data = asking("first.png", "third.png")
    with Engine.open(folder / "l", device="cpu") as engine:
        report, _ = evaluate(of_library(engine), data, clear=folder / "photos")
        with pytest.raises(DataError, match="1 photos of the gallery are not below"):
            evaluate(of_library(engine), asking("third.png"), clear=folder / "photos" / "a")
    assert report.clear is not None
    assert report.clear.loss == 0 and report.to_json()["clear"]["recall@10"] == {"en": 1.0}


def test_a_face_changes_the_vector_and_nothing_clear_is_kept(tmp_path: Path, astronaut: Pixels) -> None:
    (tmp_path / "photos").mkdir()
    Image.fromarray(astronaut).save(tmp_path / "photos" / "face.png")
    with Engine.create(tmp_path / "l", "starter", device="cpu") as engine:
        engine.ingest([tmp_path / "photos"])
    before = digests(tmp_path)
    with Engine.open(tmp_path / "l", device="cpu") as engine:
        clear = clear_vectors(engine, ["face.png"], tmp_path / "photos")
        (stored,) = engine.library.vectors()[1]
    assert clear.shape == (1, len(stored)) and not np.allclose(clear[0], stored, rtol=1e-2)
    assert digests(tmp_path) == before


def digests(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(("-shm", "-wal"))]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
