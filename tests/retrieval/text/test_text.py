"""Text encoders by name."""

from pathlib import Path

import pytest

from indexer.errors import UnknownModelError
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


def test_unknown_names_are_errors(store: ModelStore) -> None:
    with pytest.raises(UnknownModelError):
        load_text_encoder("muse", store)
    with pytest.raises(UnknownModelError):
        load_head("nobody", store)
