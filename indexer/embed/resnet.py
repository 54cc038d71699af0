"""ResNet-50/101/152 and ResNeXt-50 32x4d in one page, and their pool5 features.

He et al. 2016, "Deep Residual Learning for Image Recognition" (table 1); Xie et al. 2017, "Aggregated Residual
Transformations" (ResNeXt). Checkpoints of torchvision, timm and Hugging Face load alike. The stride of a stage lies in
the 3x3 convolution (v1.5: torchvision, timm, Hugging Face) or in the first 1x1 (v1: the paper and Caffe).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from indexer.errors import ModelIntegrityError

EXPANSION = 4


@dataclass(frozen=True)
class Architecture:
    """Blocks a stage, groups and width per group of the 3x3 convolutions, and where the stride lies."""

    blocks: tuple[int, int, int, int]
    groups: int = 1
    width_per_group: int = 64
    stride_in_1x1: bool = False


ARCHITECTURES = {
    "resnet50": Architecture((3, 4, 6, 3)),
    "resnet50-v1": Architecture((3, 4, 6, 3), stride_in_1x1=True),
    "resnet101": Architecture((3, 4, 23, 3)),
    "resnet152": Architecture((3, 8, 36, 3)),
    "resnext50_32x4d": Architecture((3, 4, 6, 3), groups=32, width_per_group=4),
}


class Bottleneck(nn.Module):
    """1x1 reduce, 3x3, 1x1 expand, and the shortcut."""

    def __init__(self, inputs: int, planes: int, stride: int, arch: Architecture) -> None:
        super().__init__()
        width = planes * arch.width_per_group // 64 * arch.groups
        outputs = planes * EXPANSION
        first, second = (stride, 1) if arch.stride_in_1x1 else (1, stride)
        self.conv1 = nn.Conv2d(inputs, width, 1, first, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, second, 1, groups=arch.groups, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """[n, inputs, h, w] to [n, 4 planes, h / stride, w / stride]."""
        shortcut = x if self.downsample is None else self.downsample(x)
        y: Tensor = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y)) + shortcut
        return torch.relu(y)


class ResNet(nn.Module):
    """The whole network; `features` stops at the pooling, `forward` gives the logits."""

    def __init__(self, arch: Architecture, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = 64
        for stage, count in enumerate(arch.blocks, start=1):
            planes = 64 * 2 ** (stage - 1)
            self.add_module(f"layer{stage}", _stage(inputs, planes, count, 1 if stage == 1 else 2, arch))
            inputs = planes * EXPANSION
        self.fc = nn.Linear(inputs, classes)

    def maps(self, pictures: Tensor) -> Tensor:
        """Normalised pictures [n, 3, h, w] to the last feature maps [n, 2048, h / 32, w / 32]."""
        x: Tensor = self.maxpool(self.relu(self.bn1(self.conv1(pictures))))
        for stage in range(1, 5):
            x = self.get_submodule(f"layer{stage}")(x)
        return x

    def features(self, x: Tensor) -> Tensor:
        """pool5: the mean over each feature map, [n, 2048], never negative."""
        return self.maps(x).mean(dim=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Normalised pictures [n, 3, h, w] to logits [n, classes]."""
        logits: Tensor = self.fc(self.features(x))
        return logits


def _stage(inputs: int, planes: int, count: int, stride: int, arch: Architecture) -> nn.Sequential:
    rest = [Bottleneck(planes * EXPANSION, planes, 1, arch) for _ in range(count - 1)]
    return nn.Sequential(Bottleneck(inputs, planes, stride, arch), *rest)


HUGGING_FACE = (
    (re.compile(r"^resnet\."), ""),
    (re.compile(r"^embedder\.embedder\.convolution\."), "conv1."),
    (re.compile(r"^embedder\.embedder\.normalization\."), "bn1."),
    (re.compile(r"^encoder\.stages\.(\d+)\.layers\.(\d+)\."), lambda m: f"layer{int(m[1]) + 1}.{m[2]}."),
    (re.compile(r"\.layer\.(\d)\.convolution\."), lambda m: f".conv{int(m[1]) + 1}."),
    (re.compile(r"\.layer\.(\d)\.normalization\."), lambda m: f".bn{int(m[1]) + 1}."),
    (re.compile(r"\.shortcut\.convolution\."), ".downsample.0."),
    (re.compile(r"\.shortcut\.normalization\."), ".downsample.1."),
    (re.compile(r"^classifier\.1\."), "fc."),
)


def standard_keys(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint of torchvision, timm, Hugging Face or DataParallel under torchvision's names."""
    renamed = {}
    for key, value in state.items():
        key = key.removeprefix("module.")
        for pattern, name in HUGGING_FACE:
            key = pattern.sub(name, key)
        renamed[key] = value
    return renamed


def load_resnet(arch: Architecture, state: Mapping[str, Tensor]) -> ResNet:
    """The network with these weights, float32, in eval mode. Raises `ModelIntegrityError` for weights of another shape.

    A checkpoint without classifier (features only) or without `num_batches_tracked` is accepted.
    """
    weights = standard_keys(state)
    network = ResNet(arch, classes=weights["fc.weight"].shape[0] if "fc.weight" in weights else 1000)
    try:
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        raise ModelIntegrityError(
            "The weights are of another network: check which architecture they belong to."
        ) from error
    lacking = [key for key in missing if not key.startswith("fc.") and not key.endswith("num_batches_tracked")]
    if lacking or unexpected:
        raise ModelIntegrityError(
            f"The weights do not fit: {len(lacking)} tensors are missing and {len(unexpected)} unknown; "
            "check which architecture they belong to."
        )
    return network.eval()
