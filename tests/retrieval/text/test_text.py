"""Text encoders by name."""

import sys
from pathlib import Path

import pytest

from indexer.errors import MissingExtraError, ModelMissingError, UnknownModelError
from indexer.modelstore import ModelStore
from indexer.settings import Settings
from retrieval.head import load_head
from retrieval.text import load_text_encoder


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(Settings(models=(), cache=tmp_path))


def test_starter_comes_with_the_code(store: ModelStore) -> None:
    encoder = load_text_encoder("starter", store)
    assert encoder.dim == 384
    assert set(encoder.languages) == {"en", "de", "fr", "it", "es", "ru", "ja", "zh", "pl", "tr", "ko"}


def test_head_by_name_fits_it(store: ModelStore) -> None:
    assert load_head("resnet50", store).text == load_text_encoder("starter", store).identity


@pytest.mark.parametrize(
    ("name", "weights"), [("muse", "muse-large"), ("muse-cnn", "muse-cnn"), ("laser1", "laser1"), ("laser2", "laser2")]
)
def test_published_weights_that_are_not_here_are_named(store: ModelStore, name: str, weights: str) -> None:
    with pytest.raises(ModelMissingError, match=f"models pull {weights}`"):
        load_text_encoder(name, store)


def test_unknown_names_are_errors(store: ModelStore) -> None:
    with pytest.raises(UnknownModelError, match="choose one of starter"):
        load_text_encoder("bert", store)
    with pytest.raises(UnknownModelError, match="LASER3"):
        load_text_encoder("laser3", store)
    with pytest.raises(UnknownModelError):
        load_head("nobody", store)


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("muse:.", "tensorflow_text", "muse"),
        ("laser2", "sacremoses", "laser"),
        ("sentence:.", "sentence_transformers", "torch"),
    ],
)
def test_an_absent_group_is_named(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, name: str, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    for module in ("retrieval.text.laser", "retrieval.text.laser_tokens"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(MissingExtraError) as caught:
        load_text_encoder(name, store)
    assert caught.value.extra == extra
