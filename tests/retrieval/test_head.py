"""Heads in numpy: arithmetic, files, cards."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from indexer.errors import ModelIntegrityError, ModelMissingError, SpaceMismatchError
from retrieval.head import build_head, read_head
from retrieval.text.starter import StarterEncoder

WEIGHTS = Path(__file__).parents[2] / "retrieval" / "weights"
SENTENCES = [
    "A brown dog runs through the water.",
    "A man climbs a rock.",
    "Children play on a playground.",
    "Ein brauner Hund läuft durch das Wasser.",
    "Un homme escalade un rocher.",
    "Los niños juegan en un parque infantil.",
]

PAPER = {"architecture": "paper", "metric": "l2", "space": "space", "text": "text"}
COMPACT = {"architecture": "compact", "metric": "cosine", "space": "space", "text": "text"}
FIRST = {"0.weight": np.array([[1, -1], [2, 0]], np.float16), "0.bias": np.zeros(2, np.float16)}
SECOND = {"1.weight": np.array([[3, -4], [-1, -1]], np.float16), "1.bias": np.array([1, 0], np.float16)}


def test_paper_block_is_relu_then_l2_and_the_last_has_no_l2() -> None:
    head = build_head({**FIRST, **SECOND}, PAPER)
    # (1, 2) to (-1, 2), ReLU (0, 2), L2 (0, 1); then (-4 + 1, -1), ReLU (0, 0).
    np.testing.assert_allclose(head.project(np.array([[1, 2]], np.float32)), [[0, 0]])
    # (1, 0) to (1, 2) / sqrt 5, then (-5 / sqrt 5 + 1, -3 / sqrt 5), ReLU (0, 0); its opposite keeps only the bias.
    np.testing.assert_allclose(head.project(np.array([[-1, 0]], np.float32)), [[1, 0]])
    single = build_head(FIRST, PAPER)
    np.testing.assert_allclose(single.project(np.array([[1, 2]], np.float32)), [[0, 2]])


def test_the_last_relu_of_the_paper_can_be_left_out() -> None:
    head = build_head({**FIRST, **SECOND}, {**PAPER, "last_relu": False})
    np.testing.assert_allclose(head.project(np.array([[1, 2]], np.float32)), [[-3, -1]])


def test_a_projection_belongs_to_the_view_and_ends_where_the_head_ends() -> None:
    placed = {"centre": np.array([1, 1, 1], np.float32), "projection": np.array([[1, 0], [0, 2], [0, 0]], np.float16)}
    head = build_head({**FIRST, **SECOND, **placed}, {**PAPER, "metric": "l2"})
    np.testing.assert_allclose(head.view.prepare(np.array([[3, 4, 5]], np.float32)), [[2, 6]])
    wrong = {**placed, "projection": np.eye(3, dtype=np.float16)}
    with pytest.raises(ModelIntegrityError):
        build_head({**FIRST, **SECOND, **wrong}, COMPACT)


def test_compact_has_a_linear_last_layer() -> None:
    head = build_head({**FIRST, **SECOND, "centre": np.array([1, 1], np.float32)}, COMPACT)
    np.testing.assert_allclose(head.project(np.array([[1, 2]], np.float32)), [[-7, -2]])
    assert head.view.metric == "cosine"
    assert head.view.centre is not None


def test_another_sentence_length_is_refused() -> None:
    with pytest.raises(SpaceMismatchError):
        build_head(FIRST, PAPER).project(np.zeros((1, 3), np.float32))


def test_layers_that_do_not_fit_are_refused() -> None:
    wrong = {"1.weight": np.zeros((2, 3), np.float16), "1.bias": np.zeros(2, np.float16)}
    with pytest.raises(ModelIntegrityError):
        build_head({**FIRST, **wrong}, PAPER)
    with pytest.raises(ModelIntegrityError):
        build_head({}, PAPER)
    with pytest.raises(ModelIntegrityError):
        build_head(FIRST, COMPACT)


def test_file_and_card_come_back(tmp_path: Path) -> None:
    weights = _write(tmp_path, {**FIRST, **SECOND}, PAPER)
    head = read_head(weights)
    assert (head.space, head.text) == ("space", "text")
    np.testing.assert_allclose(head.project(np.array([[-1, 0]], np.float32)), [[1, 0]])


def test_a_flipped_bit_is_found(tmp_path: Path) -> None:
    weights = _write(tmp_path, FIRST, PAPER)
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelIntegrityError):
        read_head(weights)


def test_weights_without_a_card_are_refused(tmp_path: Path) -> None:
    weights = _write(tmp_path, FIRST, PAPER)
    weights.with_suffix(".json").unlink()
    with pytest.raises(ModelMissingError):
        read_head(weights)


@pytest.mark.parametrize("card", ["{", "[]", "{}"])
def test_a_damaged_card_is_refused(tmp_path: Path, card: str) -> None:
    weights = _write(tmp_path, FIRST, PAPER)
    weights.with_suffix(".json").write_text(card, encoding="utf-8")
    with pytest.raises(ModelIntegrityError):
        read_head(weights)


def _write(folder: Path, tensors: dict[str, np.ndarray], card: dict[str, Any]) -> Path:
    content = save(tensors)
    (folder / "h.safetensors").write_bytes(content)
    full = {**card, "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "h.json").write_text(json.dumps(full), encoding="utf-8")
    return folder / "h.safetensors"


def test_all_bundled_heads_together_stay_small() -> None:
    assert sum(weights.stat().st_size for weights in WEIGHTS.glob("head-*.safetensors")) <= 16e6


@pytest.mark.parametrize("card", sorted(WEIGHTS.glob("head-*.json")), ids=lambda path: path.stem)
def test_bundled_head_fits_the_bundled_text_encoder(card: Path) -> None:
    head = read_head(card.with_suffix(".safetensors"))
    encoder = StarterEncoder.load(WEIGHTS / "starter-text.safetensors")
    assert head.text == encoder.identity
    assert {"dev_ids.txt", "heldout_ids.txt", "xtd10_coco_ids.txt"} <= head.card["exclusions"].keys()
    assert card.with_suffix(".safetensors").stat().st_size <= 8e6
    points = head.view.prepare_queries(head.project(encoder.encode(SENTENCES)))
    scores = points[:3] @ points[3:].T
    assert (scores.argmax(axis=1) == np.arange(3)).all()
