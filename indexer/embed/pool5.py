"""The public ResNets as image encoders: pool5 features through torch."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from indexer.embed.preprocess import ResizeCrop
from indexer.embed.resnet import ARCHITECTURES, load_resnet
from indexer.stages import ImageSpace, Vectors

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
DIM = 2048


class ResNetEncoder:
    """pool5 of a ResNet at 224 pixels: computed in bfloat16 on a CPU and in float16 on a GPU, float32 vectors out."""

    def __init__(self, architecture: str, weights: Path, sha256: str, device: str) -> None:
        self.space = ImageSpace(f"{architecture}/{sha256[:8]}/pool5/224", DIM)
        self.preprocess = ResizeCrop(256, 224)
        self._device = torch.device(device)
        network = load_resnet(ARCHITECTURES[architecture], read_checkpoint(weights))
        self._network = network.to(self._device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._mean = torch.tensor(MEAN, device=self._device).view(1, 3, 1, 1) * 255
        self._std = torch.tensor(STD, device=self._device).view(1, 3, 1, 1) * 255
        self._dtype = torch.float16 if device == "cuda" else torch.bfloat16

    @torch.inference_mode()
    def encode(self, batch: NDArray[np.uint8]) -> Vectors:
        """uint8 [n, 224, 224, 3] to float32 [n, 2048]."""
        pictures = torch.from_numpy(batch).to(self._device).permute(0, 3, 1, 2).float()
        normalised = ((pictures - self._mean) / self._std).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, self._dtype):
            maps = self._network.maps(normalised)
        return np.asarray(maps.float().mean(dim=(2, 3)).cpu().numpy(), np.float32)

    @torch.inference_mode()
    def classify(self, vectors: Vectors) -> Vectors:
        """Features float32 [n, 2048] to the network's own logits [n, classes]."""
        logits: Vectors = self._network.fc(torch.from_numpy(vectors).to(self._device)).cpu().numpy()
        return logits


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A state dict from safetensors or a published .pth, never through pickled objects."""
    if path.suffix == ".safetensors":
        return dict(load_file(path))
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    weights: dict[str, Any] = state.get("state_dict", state)
    return weights
