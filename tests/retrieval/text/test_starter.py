"""The starter encoder on a tiny model made here, and the bundled weights on a few sentences."""

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from indexer.errors import ModelIntegrityError
from retrieval.text.starter import StarterEncoder, pack

WEIGHTS = Path(__file__).parents[3] / "retrieval" / "weights" / "starter-text.safetensors"
WORDS = ["dog", "cat", "red", "ball", "runs", "sleeps", "Hund", "Katze", "rot", "läuft"]


@pytest.fixture(scope="module")
def pieces() -> bytes:
    model = io.BytesIO()
    rng = np.random.default_rng(0)
    sentences = [" ".join(rng.choice(WORDS, 5)) for _ in range(200)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=model, vocab_size=60, hard_vocab_limit=False, minloglevel=2
    )
    return model.getvalue()


@pytest.fixture(scope="module")
def table(pieces: bytes) -> np.ndarray:
    size = sentencepiece.SentencePieceProcessor(model_proto=pieces).get_piece_size()
    return np.random.default_rng(1).normal(size=(size, 16)).astype(np.float32)


@pytest.fixture(scope="module")
def encoder(pieces: bytes, table: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> StarterEncoder:
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    path.write_bytes(pack(table, pieces))
    return StarterEncoder.load(path)


@pytest.fixture(scope="module")
def bundled() -> StarterEncoder:
    return StarterEncoder.load(WEIGHTS)


def test_a_sentence_is_the_sum_of_its_pieces(encoder: StarterEncoder, pieces: bytes, table: np.ndarray) -> None:
    ids = sentencepiece.SentencePieceProcessor(model_proto=pieces).encode("red dog runs")
    expected = table[ids].sum(axis=0)
    np.testing.assert_allclose(encoder.encode(["red dog runs"])[0], expected / np.linalg.norm(expected), atol=0.01)


@given(st.permutations(["dog", "cat", "red", "ball"]))
def test_word_order_does_not_matter(encoder: StarterEncoder, words: list[str]) -> None:
    np.testing.assert_allclose(encoder.encode([" ".join(words)]), encoder.encode(["dog cat red ball"]), atol=1e-5)


@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_text_becomes_a_unit_vector_or_zero(encoder: StarterEncoder, texts: list[str]) -> None:
    vectors = encoder.encode(texts)
    assert vectors.shape == (len(texts), 16)
    assert vectors.dtype == np.float32
    norms = np.linalg.norm(vectors, axis=1)
    assert np.all((np.abs(norms - 1) < 1e-4) | (norms == 0))


def test_no_text_is_the_zero_vector(encoder: StarterEncoder) -> None:
    assert not encoder.encode(["", "  "]).any()


def test_batching_changes_nothing(encoder: StarterEncoder) -> None:
    np.testing.assert_array_equal(encoder.encode(["dog", "red cat"])[1:], encoder.encode(["red cat"]))


def test_identity_names_the_weights(encoder: StarterEncoder, pieces: bytes, table: np.ndarray) -> None:
    assert encoder.identity == f"starter-text/{hashlib.sha256(pack(table, pieces)).hexdigest()[:8]}"


@pytest.mark.parametrize("damage", ["cut", "dtype", "rows", "missing"])
def test_damaged_weights_are_refused(damage: str, pieces: bytes, table: np.ndarray, tmp_path: Path) -> None:
    content = pack(table, pieces)
    tensors = load(content)
    if damage == "dtype":
        tensors["rows"] = tensors["rows"].astype(np.float32)
    if damage == "rows":
        tensors["rows"], tensors["scales"] = tensors["rows"][1:], tensors["scales"][1:]
    if damage == "missing":
        del tensors["scales"]
    (tmp_path / "bad.safetensors").write_bytes(content[:100] if damage == "cut" else save(tensors))
    with pytest.raises(ModelIntegrityError):
        StarterEncoder.load(tmp_path / "bad.safetensors")


def test_bundled_weights_are_small_and_those_of_their_card() -> None:
    card = json.loads(WEIGHTS.with_suffix(".json").read_text(encoding="utf-8"))
    content = WEIGHTS.read_bytes()
    assert hashlib.sha256(content).hexdigest() == card["sha256"]
    assert len(content) <= 16e6
    assert {"dev_ids.txt", "heldout_ids.txt", "xtd10_coco_ids.txt"} <= card["exclusions"].keys()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ein brauner Hund springt ins Wasser."),
        ("fr", "Un chien brun saute dans l'eau."),
        ("it", "Un cane marrone salta nell'acqua."),
        ("es", "Un perro marrón salta al agua."),
        ("ru", "Коричневая собака прыгает в воду."),
        ("ja", "茶色の犬が水に飛び込む。"),
        ("zh", "一只棕色的狗跳进水里。"),
        ("pl", "Brązowy pies skacze do wody."),
        ("tr", "Kahverengi bir köpek suya atlıyor."),
        ("ko", "갈색 개가 물에 뛰어든다."),
    ],
)
def test_a_translation_is_nearer_than_other_sentences(bundled: StarterEncoder, language: str, text: str) -> None:
    english = [
        "A brown dog jumps into the water.",
        "A woman in a red dress reads a book.",
        "Two men play football in the street.",
        "Children build a castle of sand on the beach.",
    ]
    scores = bundled.encode(english) @ bundled.encode([text])[0]
    assert language in bundled.languages
    assert scores[0] > scores[1:].max() + 0.1


def test_encoding_imports_no_torch() -> None:
    code = "import sys, retrieval.text.starter, retrieval.head; print({'torch', 'transformers'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=WEIGHTS.parents[2], capture_output=True, text=True
    )
    assert done.stdout == "set()\n"
