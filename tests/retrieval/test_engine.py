from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.errors import PhotoError, PhotoNotFoundError, SpaceMismatchError, UnknownLanguageError, UsageError
from indexer.library import Filter
from retrieval.engine import Engine, Query
from tests.conftest import picture
from tests.eval.shelf import library_of, opened

WORDS = {
    "dog.jpg": "A brown dog runs on the beach.",
    "car.jpg": "A red car stands in front of a house.",
    "ski.jpg": "A man is skiing down a snowy mountain.",
}
QUESTIONS = {
    "en": "a dog at the beach",
    "de": "ein Hund am Strand",
    "fr": "un chien sur la plage",
    "it": "un cane sulla spiaggia",
    "es": "un perro en la playa",
    "ru": "собака на пляже",
    "ja": "浜辺の犬",
    "zh": "海滩上的狗",
    "pl": "pies na plaży",
    "tr": "plajda bir köpek",
    "ko": "해변의 개",
}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return opened(library_of(tmp_path / "l", WORDS))


@pytest.mark.parametrize("code", QUESTIONS)
def test_a_photo_is_found_in_every_language(engine: Engine, code: str) -> None:
    result = engine.search(Query(QUESTIONS[code], language=code))
    assert (result.hits[0].path, result.language) == ("some/dog.jpg", code)
    assert [hit.rank for hit in result.hits] == [1, 2, 3]
    assert result.hits[0].score > result.hits[1].score


def test_a_photo_like_another_is_never_that_one(engine: Engine) -> None:
    dog = engine.search(Query("dog", k=1)).hits[0].photo
    assert dog not in [hit.photo for hit in engine.search(Query(like=(dog,))).hits]


def test_words_and_an_example_count_together(engine: Engine) -> None:
    ids = {hit.path: hit.photo for hit in engine.search(Query("dog")).hits}
    hits = engine.search(Query("a dog on the beach", like=(ids["some/ski.jpg"],), k=2)).hits
    assert hits[0].path == "some/dog.jpg" and len(hits) == 2


def test_filters_and_least_scores_restrict(engine: Engine) -> None:
    assert engine.search(Query("dog", filters=Filter(folder="elsewhere"))).hits == []
    scores = [hit.score for hit in engine.search(Query("dog")).hits]
    assert len(engine.search(Query("dog", min_score=scores[1])).hits) == 2


def test_questions_without_sense_are_wrong_usage(engine: Engine) -> None:
    with pytest.raises(UsageError):
        engine.search(Query())
    with pytest.raises(UsageError):
        engine.search(Query("dog", k=0))
    with pytest.raises(UnknownLanguageError):
        engine.search(Query("dog", language="cs"))
    with pytest.raises(PhotoNotFoundError):
        engine.search(Query(like=(12345,)))


def test_a_head_of_another_space_is_refused(engine: Engine) -> None:
    with pytest.raises(SpaceMismatchError, match="resnet50"):
        engine.search(Query("dog", head="resnet50"))


def test_erased_by_path_and_forgotten(tmp_path: Path) -> None:
    library = library_of(tmp_path / "l", WORDS)
    with Engine.open(library, writable=True, device="cpu") as engine:
        assert engine.erase(path="*/dog.*").photos == 1
        assert "some/dog.jpg" not in [hit.path for hit in engine.search(Query("dog")).hits]
        with pytest.raises(PhotoNotFoundError):
            engine.erase(path="*/dog.*")
        with pytest.raises(UsageError):
            engine.erase()


def test_from_files_to_hits(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        coarse = Image.fromarray(picture(number, 6, 6)).resize((96, 96), Image.Resampling.BICUBIC)
        coarse.save(folder / f"{number}.png")
    (folder / "broken.png").write_bytes(b"no")
    with Engine.create(tmp_path / "l", "starter", device="cpu") as engine:
        report = engine.ingest([folder])
        assert (report.indexed, report.failed) == (3, 1)
        hits = engine.search(Query(like=(folder / "1.png",))).hits
        assert hits[0].path == "1.png" and hits[0].score == pytest.approx(1, abs=1e-3)
        assert hits[0].thumbnail is not None and hits[0].thumbnail.is_file()
        with pytest.raises(PhotoError):
            engine.search(Query(like=(folder / "broken.png",)))
        assert engine.verify() == [] and engine.stats().photos == 4


def test_an_export_holds_what_can_be_found(engine: Engine, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    manifest = engine.export(tmp_path / "out")
    table = parquet.read_table(tmp_path / "out" / "photos.parquet").to_pylist()
    vectors = np.load(tmp_path / "out" / "vectors.npy", allow_pickle=False)
    assert manifest["photos"] == len(table) == len(vectors) == 3
    assert {row["path"] for row in table} == {f"some/{name}" for name in WORDS}
    assert np.array_equal(vectors, engine.library.vectors([row["photo"] for row in table])[1])
