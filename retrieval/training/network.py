"""The trainable form of a head; `retrieval.head.Head` is what it becomes."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from retrieval.head import LEAST_NORM, WIDTHS, Architecture

DROPOUT: dict[str, tuple[float, ...]] = {"compact": (0.4, 0.0), "paper": (0.2, 0.1, 0.0)}


class HeadNetwork(nn.Module):
    """`paper`: FC, dropout, ReLU, L2 per layer, the last without the L2. `compact`: FC, ReLU, dropout, FC."""

    def __init__(self, inputs: int, outputs: int, architecture: Architecture) -> None:
        super().__init__()
        widths = (inputs, *WIDTHS[architecture], outputs)
        self.architecture = architecture
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, sentences: Tensor) -> Tensor:
        """float [n, inputs] to float [n, outputs]."""
        points = sentences
        for number, (layer, rate) in enumerate(zip(self.layers, DROPOUT[self.architecture], strict=True)):
            last = number == len(self.layers) - 1
            points = layer(points)
            if self.architecture == "paper":
                points = F.relu(F.dropout(points, rate, self.training))
                points = points if last else F.normalize(points, dim=1, eps=LEAST_NORM)
            elif not last:
                points = F.dropout(F.relu(points), rate, self.training)
        return points

    def tensors(self) -> dict[str, NDArray[np.float16]]:
        """Weights and biases as a head's file holds them."""
        return half({name.removeprefix("layers."): value for name, value in self.state_dict().items()})


def half(state: Mapping[str, Tensor]) -> dict[str, NDArray[np.float16]]:
    """Tensors to float16 arrays."""
    return {name: value.detach().to("cpu", torch.float16).contiguous().numpy() for name, value in state.items()}
