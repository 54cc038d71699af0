"""An image encoder in ONNX, run by ONNX Runtime: what the starter profile uses, with no torch."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from indexer.devices import cpu_count
from indexer.embed.preprocess import ResizeCrop
from indexer.stages import ImageSpace, Vectors


class OnnxEncoder:
    """uint8 pictures to vectors; sizes and space are those of the card (JSON) beside the weights."""

    def __init__(self, weights: Path, device: str) -> None:
        card = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
        self.space = ImageSpace(card["space"], card["dim"])
        self.preprocess = ResizeCrop(card["resize"], card["side"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cpu_count()
        # Idle threads must sleep: the cores are shared with the processes that decode and anonymise.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        wanted = ["CUDAExecutionProvider"] if device == "cuda" else []
        available = [name for name in wanted if name in onnxruntime.get_available_providers()]
        self._session = onnxruntime.InferenceSession(weights, options, providers=[*available, "CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def encode(self, batch: NDArray[np.uint8]) -> Vectors:
        """uint8 [n, side, side, 3] to float32 [n, dim]."""
        return np.asarray(self._session.run(None, {self._input: batch})[0], np.float32)
