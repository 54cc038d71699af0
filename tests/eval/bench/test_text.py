"""The yardstick has the shape that its name says."""

from pathlib import Path

import pytest

pytest.importorskip("sentence_transformers", reason="the yardstick is a sentence-transformers model")

from eval.bench.text import random_minilm


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_yardstick_is_six_layers_of_width_384(tmp_path: Path) -> None:
    minilm = random_minilm(tmp_path, ["Two dogs run.", "A red ball."])
    assert minilm.encode(["Two dogs run."]).shape == (1, 384)
    assert len(minilm[0].auto_model.encoder.layer) == 6
    assert sum(weights.numel() for weights in minilm.parameters()) == pytest.approx(22.7e6, rel=0.02)
