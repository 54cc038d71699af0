"""mUSE on a SavedModel of the same signature, made here; in one process with torch and faiss."""

import http.server
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow_text", reason="the muse group brings TensorFlow")

from indexer.errors import DownloadError, ModelIntegrityError, ModelMissingError
from indexer.modelstore import ModelStore
from indexer.settings import Settings
from retrieval.text import load_text_encoder
from retrieval.text.muse import import_tensorflow
from tests.retrieval.text.models import SENTENCES, saved_model

FILE = "universal-sentence-encoder-multilingual-large_3.tar.gz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_model(tmp_path_factory.mktemp("models") / "muse")


@pytest.fixture(scope="module")
def archive(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("archive") / FILE
    with tarfile.open(file, "w:gz") as tar:
        tar.add(folder, ".")
    return file


def test_a_folder_encodes_raw_sentences(folder: Path, settings: Settings) -> None:
    encoder = load_text_encoder(f"muse:{folder}", ModelStore(settings))
    vectors = encoder.encode(SENTENCES, language="de")
    assert vectors.shape == (8, 512) and vectors.dtype == np.float32 and encoder.dim == 512
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert "ko" in encoder.languages and encoder.encode([]).shape == (0, 512)


def test_more_than_a_batch_is_the_same_one_by_one(folder: Path, settings: Settings) -> None:
    encoder = load_text_encoder(f"muse:{folder}", ModelStore(settings))
    texts = [f"a dog {number}" for number in range(150)]
    np.testing.assert_allclose(encoder.encode(texts)[[0, 63, 64, 149]], encoder.encode([texts[i] for i in (0, 63, 64, 149)]), atol=1e-5)  # fmt: skip  # noqa: E501


def test_beside_torch_and_faiss(folder: Path, settings: Settings) -> None:
    faiss, torch = pytest.importorskip("faiss"), pytest.importorskip("torch")
    vectors = load_text_encoder(f"muse:{folder}", ModelStore(settings)).encode(SENTENCES)
    index = faiss.IndexFlatIP(512)
    index.add(vectors)
    best = torch.from_numpy(vectors @ vectors.T).argmax(dim=1)
    assert index.search(vectors, 1)[1][:, 0].tolist() == best.tolist() == list(range(8))


def test_identity_is_the_content_not_the_place(folder: Path, archive: Path, settings: Settings) -> None:
    store = ModelStore(settings)
    store.import_file(archive)
    by_name, by_folder = load_text_encoder("muse", store), load_text_encoder(f"muse:{folder}", store)
    assert by_name.identity == by_folder.identity
    assert by_name.identity.startswith("muse/")
    np.testing.assert_allclose(by_name.encode(["a dog"]), by_folder.encode(["a dog"]), atol=1e-6)


@pytest.fixture
def hub(archive: Path) -> Iterator[str]:
    class Hub(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/google/tiny/3?tf-hub-format=compressed"
            content = archive.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Hub)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_handle_is_fetched_once_and_pinned(hub: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.text.muse.HUB", hub + "/")
    first = load_text_encoder("muse:google/tiny/3", ModelStore(settings))
    monkeypatch.setattr("retrieval.text.muse.HUB", "http://127.0.0.1:9/")
    with pytest.raises(DownloadError):
        load_text_encoder("muse:google/tiny/3", ModelStore(settings))
    monkeypatch.setattr("retrieval.text.muse.HUB", hub + "/")
    monkeypatch.setattr("indexer.modelstore.download", refuse)
    assert load_text_encoder("muse:google/tiny/3", ModelStore(settings)).identity == first.identity
    next((settings.cache / "models").glob("*tiny*.tar.gz")).write_bytes(b"other content")
    with pytest.raises(DownloadError, match="asked"):
        load_text_encoder("muse:google/tiny/3", ModelStore(settings))


def refuse(*arguments: object) -> None:
    raise DownloadError("The hub was asked.")


def test_what_is_no_encoder_is_refused(tmp_path: Path, settings: Settings) -> None:
    store = ModelStore(settings)
    with pytest.raises(ModelMissingError, match="handle"):
        load_text_encoder("muse:nowhere", store)
    with pytest.raises(ModelIntegrityError, match="SavedModel"):
        load_text_encoder(f"muse:{tmp_path}", store)
    tensorflow = import_tensorflow("cpu")
    module = tensorflow.Module()
    module.double = tensorflow.function(
        lambda inputs: {"outputs": 2 * inputs}, input_signature=[tensorflow.TensorSpec([None, 3], name="inputs")]
    )
    tensorflow.saved_model.save(module, str(tmp_path / "double"), signatures={"serving_default": module.double})
    with pytest.raises(ModelIntegrityError, match="sentences"):
        load_text_encoder(f"muse:{tmp_path / 'double'}", store)
