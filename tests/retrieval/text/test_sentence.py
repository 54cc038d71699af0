"""sentence-transformers models: words alone, and words and pictures in one space, from a folder to hits."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("sentence_transformers", reason="the torch group brings sentence-transformers")

from indexer import embed
from indexer.embed.joint import JointEncoder
from indexer.embed.preprocess import Resize, ResizeCrop
from indexer.embed.sentence_model import picture_size
from indexer.errors import ModelIntegrityError, ModelMissingError, UnknownModelError
from indexer.modelstore import ModelStore
from indexer.settings import Settings, get_settings
from retrieval.engine import Engine, Query
from retrieval.text import load_text_encoder
from tests.conftest import picture
from tests.retrieval.text.models import SENTENCES, clip_folder, sentence_folder


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_folder(tmp_path_factory.mktemp("models"))


def test_a_sentence_model_by_folder_and_by_name(tmp_path: Path) -> None:
    folder = sentence_folder(tmp_path / "models" / "tiny")
    encoder = load_text_encoder(f"sentence:{folder}", ModelStore(Settings(cache=tmp_path / "cache", models=())))
    vectors = encoder.encode(SENTENCES, language="en")
    assert vectors.shape == (8, encoder.dim) and vectors.dtype == np.float32
    assert encoder.encode([]).shape == (0, encoder.dim)
    store = ModelStore(Settings(cache=tmp_path / "cache", models=(tmp_path / "models",)))
    assert load_text_encoder("sentence:tiny", store).identity == encoder.identity
    assert encoder.identity.startswith("sentence/tiny/")


def test_pictures_come_out_as_the_model_itself_makes_them(clip: Path, settings: Settings) -> None:
    from sentence_transformers import SentenceTransformer

    pixels = picture(1, 100, 100)
    store = ModelStore(settings)
    expected = SentenceTransformer(str(clip), device="cpu").encode([Image.fromarray(pixels)])
    encoder = embed.load_encoder(f"joint:{clip}", store, "cpu")
    vectors = encoder.encode(np.stack([encoder.preprocess(pixels)] * 2))
    np.testing.assert_allclose(vectors, np.repeat(expected, 2, axis=0), atol=1e-5)
    assert encoder.space.dim == 8 and encoder.space.identity.startswith("joint/clip/")
    assert pickle.loads(pickle.dumps(encoder.preprocess)) == encoder.preprocess  # noqa: S301 (our own, for workers)


def test_the_size_is_that_of_the_models_processor() -> None:
    from transformers import CLIPImageProcessorPil, SiglipImageProcessorPil

    assert picture_size(CLIPImageProcessorPil()) == ResizeCrop(224, 224, Image.Resampling.BICUBIC)
    assert picture_size(SiglipImageProcessorPil(size={"height": 64, "width": 64})).side == 64
    with pytest.raises(UnknownModelError):
        picture_size(SiglipImageProcessorPil(size={"height": 64, "width": 32}))
    assert Resize(8)(picture(0, 30, 20)).shape == (8, 8, 3)


def test_a_model_without_pictures_is_refused(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(UnknownModelError, match="no pictures"):
        JointEncoder(str(sentence_folder(tmp_path / "tiny")), ModelStore(settings), "cpu")


def test_what_is_no_model_is_told(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelIntegrityError, match="empty"):
        load_text_encoder(f"sentence:{tmp_path / 'empty'}", ModelStore(settings))
    with pytest.raises(ModelMissingError):
        load_text_encoder("sentence:./no/such/folder", ModelStore(settings))


def test_from_photos_to_hits_with_one_model_for_both(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOVEIL_MODELS", str(clip.parent))
    monkeypatch.setenv("PHOTOVEIL_CACHE", str(tmp_path / "cache"))
    get_settings.cache_clear()
    (tmp_path / "photos").mkdir()
    for number in range(3):
        coarse = Image.fromarray(picture(number, 6, 6)).resize((96, 96), Image.Resampling.BICUBIC)
        coarse.save(tmp_path / "photos" / f"{number}.png")
    with Engine.create(tmp_path / "l", "joint:clip", device="cpu") as engine:
        assert engine.ingest([tmp_path / "photos"]).indexed == 3
        hits = engine.search(Query("a dog", language="en")).hits
        points = engine.text_encoder.encode(["a dog"])[0]
        ids, vectors = engine.library.vectors()
        cosines = vectors @ points / np.linalg.norm(vectors, axis=1) / np.linalg.norm(points)
        expected = dict(zip(ids.tolist(), cosines.tolist(), strict=True))
        assert {hit.photo: hit.score for hit in hits} == pytest.approx(expected, abs=1e-5)
        like = engine.search(Query(like=(tmp_path / "photos" / "1.png",))).hits
        assert like[0].path == "1.png" and like[0].score == pytest.approx(1, abs=1e-4)
    get_settings.cache_clear()
