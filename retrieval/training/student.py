"""The starter image encoder as a network: the first half of a ResNet-50, two blocks more, and one linear layer."""

import io
import warnings
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from indexer.embed.pool5 import MEAN, STD
from indexer.embed.resnet import ARCHITECTURES, EXPANSION, Bottleneck, ResNet

BLOCKS = 2
OPSET = 17


class Trunk(nn.Module):
    """The teacher's stem and first two stages: uint8 [n, side, side, 3] to [n, 512, side / 8, side / 8]."""

    def __init__(self, teacher: ResNet) -> None:
        super().__init__()
        self.stem = nn.Sequential(teacher.conv1, teacher.bn1, teacher.relu, teacher.maxpool)
        self.stages = nn.Sequential(teacher.get_submodule("layer1"), teacher.get_submodule("layer2"))
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1) * 255, persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1) * 255, persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """The maps that the tail is trained on."""
        x = (pictures.permute(0, 3, 1, 2).float() - self.get_buffer("mean")) / self.get_buffer("std")
        maps: Tensor = self.stages(self.stem(x))
        return maps


class Tail(nn.Module):
    """Two bottlenecks that begin as the teacher's, mean pooling, linear: maps [n, 512, h, w] to vectors [n, dim]."""

    def __init__(self, teacher: ResNet, dim: int) -> None:
        super().__init__()
        arch = ARCHITECTURES["resnet50-v1"]
        inputs, planes = 512, 256
        blocks = [
            Bottleneck(inputs if i == 0 else planes * EXPANSION, planes, 2 if i == 0 else 1, arch)
            for i in range(BLOCKS)
        ]
        self.blocks = nn.Sequential(*blocks)
        self.blocks.load_state_dict(
            {
                k: v
                for k, v in teacher.get_submodule("layer3").state_dict().items()
                if int(k[0]) < BLOCKS and k[1] == "."
            }
        )
        self.project = nn.Linear(planes * EXPANSION, dim)

    def forward(self, maps: Tensor) -> Tensor:
        """Unnormalised vectors."""
        vectors: Tensor = self.project(self.blocks(maps).mean(dim=(2, 3)))
        return vectors


class Student(nn.Module):
    """Trunk and tail: uint8 [n, side, side, 3] to float32 [n, dim]."""

    def __init__(self, trunk: Trunk, tail: Tail) -> None:
        super().__init__()
        self.trunk, self.tail = trunk, tail

    def forward(self, pictures: Tensor) -> Tensor:
        """One vector per picture."""
        vectors: Tensor = self.tail(self.trunk(pictures))
        return vectors


def to_onnx(student: Student, side: int) -> bytes:
    """The network as ONNX with dynamic batch; weights stored as float16, computed as float32."""
    buffer: Any = io.BytesIO()
    example = torch.zeros(2, side, side, 3, dtype=torch.uint8)
    with warnings.catch_warnings():
        # The newer exporter needs one package more and gives the same graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            student.eval(),
            (example,),
            buffer,
            input_names=["pictures"],
            output_names=["vectors"],
            dynamic_axes={"pictures": {0: "n"}, "vectors": {0: "n"}},
            opset_version=OPSET,
            dynamo=False,
        )
    return bytes(_halved(onnx.load_from_string(buffer.getvalue())).SerializeToString())


def _halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Large float32 weights become float16 behind a Cast."""
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type == TensorProto.FLOAT and values.size > 1024:
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), name + "_half"))
            casts.append(helper.make_node("Cast", [name + "_half"], [name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        model.graph.node.insert(0, node)
    onnx.checker.check_model(model)
    return model
