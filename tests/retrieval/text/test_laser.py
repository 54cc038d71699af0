"""LASER's network against a slow one written anew in numpy, its pooling, its sizes and its files."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the torch group brings the network")
pytest.importorskip("sacremoses", reason="the laser group brings the tokens")

from indexer.errors import ModelIntegrityError  # noqa: E402
from indexer.modelstore import ModelStore  # noqa: E402
from indexer.settings import Settings  # noqa: E402
from retrieval.text import load_text_encoder  # noqa: E402
from retrieval.text.laser import LaserEncoder, LaserNetwork, pool, read_checkpoint  # noqa: E402
from tests.retrieval.text.models import laser1_files, laser2_files, laser_checkpoint  # noqa: E402

SMALL = {"embed_dim": 6, "hidden_size": 5, "num_layers": 2}
TEXTS = ["A dog runs on the beach.", "", "a red car", "Ein Hund rennt.", "a dog", "собака"]


def imported(folder: Path, cache: Path) -> ModelStore:
    store = ModelStore(Settings(cache=cache, models=()))
    for file in sorted(folder.iterdir()):
        store.import_file(file)
    return store


def split(text: str, language: str | None) -> list[str]:
    return text.split()


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def one_direction(state: dict[str, np.ndarray], inputs: np.ndarray, suffix: str) -> np.ndarray:
    """An LSTM step by step, gates in the order input, forget, cell, output; inputs [T, d] to states [T, h]."""
    w, u = state[f"lstm.weight_ih_{suffix}"], state[f"lstm.weight_hh_{suffix}"]
    bias = state[f"lstm.bias_ih_{suffix}"] + state[f"lstm.bias_hh_{suffix}"]
    hidden, cell = np.zeros(u.shape[1]), np.zeros(u.shape[1])
    states = []
    for x in inputs:
        i, f, g, o = np.split(w @ x + u @ hidden + bias, 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        hidden = sigmoid(o) * np.tanh(cell)
        states.append(hidden)
    return np.array(states)


def reference(state: dict[str, np.ndarray], numbers: list[int], layers: int) -> np.ndarray:
    x = state["embed_tokens.weight"][numbers]
    for layer in range(layers):
        back = one_direction(state, x[::-1], f"l{layer}_reverse")[::-1]
        x = np.concatenate([one_direction(state, x, f"l{layer}"), back], axis=1)
    return x.max(axis=0)


def test_the_network_is_that_of_a_slow_one(tmp_path: Path) -> None:
    words = ["a", "b", "c", "d"]
    network, dictionary = read_checkpoint(laser_checkpoint(tmp_path / "n.pt", words, **SMALL))
    encoder = LaserEncoder(network, dictionary, split, "test", "cpu")
    state = {key: value.double().numpy() for key, value in network.state_dict().items()}
    texts = ["a b c", "", "d", "a unseen b d d c", "c b"]
    numbers = [[dictionary.get(word, 3) for word in text.split()] + [2] for text in texts]
    expected = np.stack([reference(state, row, 2) for row in numbers])
    np.testing.assert_allclose(encoder.encode(texts), expected, rtol=1e-3, atol=1e-6)


@pytest.mark.gpu
def test_a_gpu_gives_the_same_vectors(tmp_path: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    network, dictionary = read_checkpoint(laser_checkpoint(tmp_path / "n.pt", ["a", "b", "c"], **SMALL))
    texts = ["a b c", "", "c b"]
    expected = LaserEncoder(network, dictionary, split, "test", "cpu").encode(texts)
    vectors = LaserEncoder(network, dictionary, split, "test", "cuda").encode(texts)
    np.testing.assert_allclose(vectors, expected, atol=1e-4)


def test_padding_never_wins_the_maximum() -> None:
    states = torch.tensor([[[-1.0, -5.0], [-2.0, -3.0], [0.0, 0.0]]])
    assert pool(states, torch.tensor([[False, False, True]])).tolist() == [[-1.0, -3.0]]


def test_the_published_sizes_have_the_published_numbers_of_weights() -> None:
    with torch.device("meta"):
        network = LaserNetwork(50_004, 320, 512, 5, True)
        first = LaserNetwork(73_640, 320, 512, 5, True)
    assert sum(one.numel() for one in network.lstm.parameters()) == 28_614_656
    assert sum(one.numel() for one in network.parameters()) == 44_615_936
    assert sum(one.numel() for one in first.parameters()) == 52_179_456
    assert network.dim == 1024


@pytest.mark.parametrize("name", ["laser1", "laser2"])
def test_from_published_files_to_vectors(name: str, tmp_path: Path) -> None:
    make = laser1_files if name == "laser1" else laser2_files
    encoder = load_text_encoder(name, imported(make(tmp_path / "files", **SMALL), tmp_path / "cache"))
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (6, 10) and vectors.dtype == np.float32 and encoder.dim == 10
    assert encoder.identity.startswith(f"{name}/") and "de" in encoder.languages
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(vectors, alone, atol=1e-6)
    assert encoder.encode([]).shape == (0, 10)


def test_numbers_are_the_dictionarys_not_sentencepieces(tmp_path: Path) -> None:
    encoder = load_text_encoder("laser2", imported(laser2_files(tmp_path / "f", **SMALL), tmp_path / "cache"))
    assert isinstance(encoder, LaserEncoder)
    network, dictionary = read_checkpoint(tmp_path / "f" / "laser2.pt")
    pieces = encoder._tokenise("a dog", None)
    tokens = torch.tensor([[*(dictionary.get(piece, 3) for piece in pieces), 2]])
    with torch.inference_mode():
        expected = network.eval()(tokens, torch.tensor([tokens.shape[1]])).numpy()
    np.testing.assert_allclose(encoder.encode(["a dog"]), expected, atol=1e-6)


def test_foreign_checkpoints_are_refused(tmp_path: Path) -> None:
    torch.save({"cfg": {"arch": "laser_transformer"}, "model": {}}, tmp_path / "laser3-xxx.v1.pt")
    with pytest.raises(ModelIntegrityError, match="LASER3"):
        read_checkpoint(tmp_path / "laser3-xxx.v1.pt")
    torch.save({"cfg": Path("objects"), "model": {}}, tmp_path / "objects.pt")
    with pytest.raises(ModelIntegrityError, match="LASER3"):
        read_checkpoint(tmp_path / "objects.pt")
    torch.save({"model": {}}, tmp_path / "other.pt")
    with pytest.raises(ModelIntegrityError, match="LASER 1 or 2"):
        read_checkpoint(tmp_path / "other.pt")
    (tmp_path / "cut.pt").write_bytes((tmp_path / "other.pt").read_bytes()[:100])
    with pytest.raises(ModelIntegrityError):
        read_checkpoint(tmp_path / "cut.pt")


@pytest.fixture
def published() -> ModelStore:
    """The store of this machine, where LASER2's files have been imported; the test is skipped where they are not."""
    store = ModelStore(Settings())
    missing = [name for name in ("laser2", "laser2-pieces") if not store.has(name)]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not in the model store: photoveil models pull NAME")
    return store


FIRST_TEN = (1.0425e-2, 6.3254e-3, -3.0326e-5, 9.0335e-3, 2.9379e-4, 4.4892e-3, 2.3345e-3, -9.4273e-4, -1.5715e-4, 2.0958e-3)  # fmt: skip  # noqa: E501


def test_laser2_gives_the_published_vector(published: ModelStore) -> None:
    vector = load_text_encoder("laser2", published).encode(["This is a test sentence."])[0]
    np.testing.assert_allclose(vector[:10], FIRST_TEN, rtol=1e-3)
