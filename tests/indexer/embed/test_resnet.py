import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from indexer.embed import load_encoder
from indexer.embed.pool5 import ResNetEncoder
from indexer.embed.resnet import ARCHITECTURES, ResNet, load_resnet, standard_keys
from indexer.errors import ModelIntegrityError, UnknownModelError
from indexer.modelstore import ModelStore
from indexer.settings import Settings


def parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_parameter_counts_are_the_published_ones() -> None:
    with torch.device("meta"):
        assert parameters(ResNet(ARCHITECTURES["resnet152"])) == 60_192_808
        assert parameters(ResNet(ARCHITECTURES["resnet50"])) == 25_557_032
        assert parameters(ResNet(ARCHITECTURES["resnet50"], classes=365)) == 24_255_917
        assert parameters(ResNet(ARCHITECTURES["resnext50_32x4d"])) == 25_028_904


def test_equals_the_transformers_resnet_on_shared_weights() -> None:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.ResNetConfig(embedding_size=64, depths=[3, 4, 6, 3], layer_type="bottleneck")
    theirs = transformers.ResNetModel(config).eval()
    for module in theirs.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    ours = load_resnet(ARCHITECTURES["resnet50"], theirs.state_dict())
    pictures = torch.randn(2, 3, 96, 96)
    with torch.inference_mode():
        expected = theirs(pictures).pooler_output.flatten(1)
        assert (ours.features(pictures) - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_keys_of_all_publishers_become_one() -> None:
    names = {
        "module.conv1.weight": "conv1.weight",
        "resnet.embedder.embedder.normalization.bias": "bn1.bias",
        "resnet.encoder.stages.1.layers.0.shortcut.convolution.weight": "layer2.0.downsample.0.weight",
        "encoder.stages.3.layers.2.layer.1.normalization.weight": "layer4.2.bn2.weight",
        "classifier.1.weight": "fc.weight",
    }
    assert list(standard_keys({name: torch.zeros(1) for name in names})) == list(names.values())


def test_the_stride_lies_where_it_is_said() -> None:
    block = ResNet(ARCHITECTURES["resnet50-v1"]).get_submodule("layer2.0")
    assert block.get_submodule("conv1").stride == (2, 2) and block.get_submodule("conv2").stride == (1, 1)  # type: ignore[comparison-overlap]


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ModelIntegrityError):
        load_resnet(ARCHITECTURES["resnet50"], {"conv1.weight": torch.zeros(64, 3, 7, 7)})


def test_a_random_resnet152_gives_pool5_features(tmp_path: Path) -> None:
    torch.manual_seed(0)
    torch.save({"state_dict": ResNet(ARCHITECTURES["resnet152"]).state_dict()}, tmp_path / "r.pth")
    encoder = ResNetEncoder("resnet152", tmp_path / "r.pth", "0" * 64, "cpu")
    batch = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    vectors = encoder.encode(batch)
    assert vectors.shape == (2, 2048) and vectors.dtype == np.float32 and (vectors >= 0).all()
    assert np.array_equal(vectors, encoder.encode(batch))


def test_an_unknown_encoder_lists_the_known_ones(settings: Settings) -> None:
    with pytest.raises(UnknownModelError, match="resnet152"):
        load_encoder("no-such-encoder", ModelStore(settings), "cpu")


@pytest.mark.shared
def test_the_public_resnet50_classifies_as_well_as_its_record(shared: Path, settings: Settings) -> None:
    store = ModelStore(Settings(cache=settings.cache, models=(shared / "models",)))
    encoder = load_encoder("resnet50", store, "cpu")
    assert isinstance(encoder, ResNetEncoder)
    folder = shared / "data" / "imagenet_val"
    rows = list(csv.DictReader((folder / "labels.csv").read_text(encoding="utf-8").splitlines()))
    truth = np.array([int(row["class_index"]) for row in rows])
    vectors = np.concatenate([encoder.encode(batch) for batch in _batches(encoder, folder, rows)])
    ranked = np.argsort(-encoder.classify(vectors), axis=1)
    assert abs((ranked[:, 0] == truth).mean() - 0.718) <= 0.04
    assert abs((ranked[:, :5] == truth[:, None]).any(axis=1).mean() - 0.912) <= 0.04


def _batches(encoder: ResNetEncoder, folder: Path, rows: list[dict[str, str]]) -> list[np.ndarray]:  # type: ignore[type-arg]
    pictures = []
    for row in rows:
        with Image.open(next(folder.rglob(row["image"]))) as image:
            pictures.append(encoder.preprocess(np.asarray(image.convert("RGB"))))
    return [np.stack(pictures[start : start + 50]) for start in range(0, len(pictures), 50)]
