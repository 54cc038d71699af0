"""The trainable form of a head; `retrieval.head.Head` is what it becomes."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from retrieval.head import LEAST_NORM, WIDTHS, Architecture

DROPOUT: dict[str, tuple[float, ...]] = {"compact": (0.4,), "paper": (0.2, 0.1)}
"""Rates of the layers before the last, which has none."""


class HeadNetwork(nn.Module):
    """`paper`: FC, dropout, ReLU, L2 per layer, the last without the L2, and without the ReLU if not `last_relu`.

    `compact`: FC, ReLU, dropout, FC.
    """

    def __init__(self, inputs: int, outputs: int, architecture: Architecture, *, last_relu: bool = True) -> None:
        super().__init__()
        widths = (inputs, *WIDTHS[architecture], outputs)
        self.architecture = architecture
        self.last_relu = last_relu
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def start_at(self, point: NDArray[np.float32]) -> None:
        """Let all texts start around one point, float32 [outputs]: from the photos' mean it is not far to any photo."""
        last = self.layers[-1]
        assert isinstance(last, nn.Linear)
        with torch.no_grad():
            last.bias.copy_(torch.from_numpy(point))

    def forward(self, sentences: Tensor) -> Tensor:
        """float [n, inputs] to float [n, outputs]."""
        points, block = sentences, self._paper if self.architecture == "paper" else self._compact
        rates = DROPOUT[self.architecture]
        for layer, rate in zip(self.layers[:-1], rates, strict=True):
            points = block(layer(points), rate)
        points = self.layers[-1](points)
        return F.relu(points) if self.architecture == "paper" and self.last_relu else points

    def _paper(self, points: Tensor, rate: float) -> Tensor:
        return F.normalize(F.relu(F.dropout(points, rate, self.training)), dim=1, eps=LEAST_NORM)

    def _compact(self, points: Tensor, rate: float) -> Tensor:
        return F.dropout(F.relu(points), rate, self.training)


def half_layers(state: Mapping[str, Tensor]) -> dict[str, NDArray[np.float16]]:
    """A network's state as a head's file holds it."""
    return half({name.removeprefix("layers."): value for name, value in state.items()})


def half(state: Mapping[str, Tensor]) -> dict[str, NDArray[np.float16]]:
    """Tensors to float16 arrays."""
    return {name: value.detach().to("cpu", torch.float16).contiguous().numpy() for name, value in state.items()}
