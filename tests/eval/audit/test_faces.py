from pathlib import Path

import pytest

from eval.audit.faces import audit_faces
from indexer.anonymise import build_anonymiser, default_policy
from indexer.find import find
from indexer.modelstore import ModelStore
from indexer.settings import Settings
from tests.indexer.stand_ins import PassesAll


@pytest.fixture
def store(shared: Path, settings: Settings) -> ModelStore:
    return ModelStore(Settings(cache=settings.cache, models=(shared / "models",)))


@pytest.fixture
def faces(shared: Path) -> list[Path]:
    return [found.path for found in find([shared / "data" / "faces" / "lfw"])][::30]


@pytest.mark.shared
def test_faces_are_gone_and_little_else(store: ModelStore, faces: list[Path]) -> None:
    audit = audit_faces(faces, build_anonymiser(default_policy(store), store), store)
    assert audit.photos == 20 and audit.yunet_before == audit.ultralight_before == 1
    assert audit.yunet_after == 0 and audit.ultralight_after <= 0.05
    assert audit.review <= 0.05 and audit.covered < 0.5


@pytest.mark.shared
def test_the_audit_sees_an_anonymiser_that_does_nothing(store: ModelStore, faces: list[Path]) -> None:
    audit = audit_faces(faces[:3], PassesAll(), store)
    assert audit.yunet_after == audit.ultralight_after == 1 and audit.covered == 0
