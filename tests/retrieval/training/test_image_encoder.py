import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from indexer.embed.resnet import ARCHITECTURES, ResNet
from indexer.errors import DataError
from indexer.modelstore import ModelStore
from retrieval.training.image_encoder import (
    ImageRecipe,
    distillation_loss,
    principal_components,
    train_image_encoder,
)
from retrieval.training.student import Student, Tail, Trunk, to_onnx
from tests.conftest import picture

RECIPE = ImageRecipe(side=32, resize=36, dim=8, epochs=2, batch=4)


class OneNet(ModelStore):
    """A model store with one random ResNet-50."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def path(self, name: str) -> Path:
        return self._file

    def sha256(self, name: str) -> str:
        return "0" * 64


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> OneNet:
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("teacher") / "resnet50.safetensors"
    save_file(ResNet(ARCHITECTURES["resnet50-v1"]).state_dict(), file)
    return OneNet(file)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(9):
        Image.fromarray(picture(number)).save(folder / f"{100 + number}_x.png")
    return folder


def test_equal_neighbourhoods_cost_nothing() -> None:
    target = torch.randn(6, 4)
    assert distillation_loss(3 * target, target, 0.1).item() == pytest.approx(0, abs=1e-5)
    assert distillation_loss(torch.randn(6, 4), target, 0.1).item() > 0.1


def test_principal_components_keep_distances_when_all_are_kept() -> None:
    features = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    reduced = principal_components(features, 5)
    assert np.allclose(np.linalg.norm(reduced[0] - reduced[1]), np.linalg.norm(features[0] - features[1]), atol=1e-4)
    variances = reduced.var(axis=0)
    assert (np.diff(variances) <= 1e-4).all()


def test_onnx_sees_what_torch_sees() -> None:
    torch.manual_seed(0)
    teacher = ResNet(ARCHITECTURES["resnet50-v1"]).eval()
    student = Student(Trunk(teacher), Tail(teacher, 8)).eval()
    session = onnxruntime.InferenceSession(to_onnx(student, 32))
    batch = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    with torch.inference_mode():
        expected = student(torch.from_numpy(batch)).numpy()
    assert np.allclose(session.run(None, {"pictures": batch})[0], expected, atol=0.01 * np.abs(expected).max())


def test_a_stopped_training_ends_as_one_that_was_not(store: OneNet, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("999999\n")
    lists = [tmp_path / "none.txt"]

    def stop(phase: str, done: int, total: int, loss: float) -> None:
        if phase == "training" and done == 3:
            raise KeyboardInterrupt

    whole = train_image_encoder([photos], lists, tmp_path / "whole", store, recipe=RECIPE)
    with pytest.raises(KeyboardInterrupt):
        train_image_encoder([photos], lists, tmp_path / "stopped", store, recipe=RECIPE, report=stop)
    resumed = train_image_encoder([photos], lists, tmp_path / "stopped", store, recipe=RECIPE)
    assert resumed.sha256 == whole.sha256 and resumed.loss == whole.loss > 0


def test_excluded_photos_are_left_out_and_counted(store: OneNet, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "held.txt").write_text("100\n101\n")
    report = train_image_encoder([photos], [tmp_path / "held.txt"], tmp_path / "out", store, recipe=RECIPE)
    card = json.loads((tmp_path / "out" / "starter-image.json").read_text())
    assert (report.photos, report.excluded_rows, card["data"]) == (7, 2, {"photos": 7})


def test_too_few_photos_are_an_error(store: OneNet, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="too few"):
        train_image_encoder([tmp_path], [], tmp_path / "out", store)
