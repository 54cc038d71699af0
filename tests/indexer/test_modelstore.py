import hashlib
import http.server
import json
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from indexer.download import download
from indexer.errors import DownloadError, ModelIntegrityError, ModelMissingError, UnknownModelError
from indexer.modelstore import ModelEntry, ModelStore
from indexer.settings import Settings

CONTENT = bytes(range(256)) * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Ranges(http.server.SimpleHTTPRequestHandler):
    """A file server that knows ranges."""

    def do_GET(self) -> None:
        data = Path(self.translate_path(self.path)).read_bytes()
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        if start >= len(data) > 0 and start:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:])

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "net.onnx").write_bytes(CONTENT)
    handler = partial(Ranges, directory=str(tmp_path / "served"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/net.onnx"
        server.shutdown()


def registry(monkeypatch: pytest.MonkeyPatch, *entries: ModelEntry) -> None:
    monkeypatch.setattr(ModelStore, "_registry", staticmethod(lambda: list(entries)))


def entry(url: str | None = None, sha256: str | None = DIGEST, file: str = "net.onnx") -> ModelEntry:
    return ModelEntry("net", file, url, len(CONTENT), "MIT", sha256, "a net")


def test_the_registry_can_be_read(settings: Settings) -> None:
    names = [one.name for one in ModelStore(settings).entries()]
    assert {"resnet50", "resnet152", "yunet"} <= set(names) and len(names) == len(set(names))


def test_an_unknown_name_lists_the_known_ones(settings: Settings) -> None:
    with pytest.raises(UnknownModelError, match="yunet"):
        ModelStore(settings).get("no-such-net")


def test_missing_weights_say_what_to_do(settings: Settings) -> None:
    with pytest.raises(ModelMissingError, match="models pull resnet152"):
        ModelStore(settings).path("resnet152")


def test_a_users_folder_is_searched_by_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry(monkeypatch, entry())
    (tmp_path / "renamed.bin").write_bytes(CONTENT)
    (tmp_path / "net.onnx.txt").write_bytes(CONTENT[::-1])
    store = ModelStore(Settings(cache=tmp_path / "cache", models=(tmp_path,)))
    assert store.path("net").name == "renamed.bin" and store.verify()["net"]


def test_wrong_content_under_the_right_name_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry(monkeypatch, entry())
    (tmp_path / "net.onnx").write_bytes(b"x" * len(CONTENT))
    store = ModelStore(Settings(cache=tmp_path / "cache", models=(tmp_path,)))
    assert not store.has("net") and not store.verify()["net"]


def test_pull_resumes_and_records_a_first_sha256(settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    registry(monkeypatch, entry(url, sha256=None))
    store = ModelStore(settings)
    part = settings.cache / "models" / "net.onnx.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:1000])
    seen: list[int] = []
    assert store.pull("net", lambda done, total: seen.append(done)).read_bytes() == CONTENT
    assert seen[-1] == len(CONTENT) and store.get("net").sha256 == DIGEST


def test_a_pull_of_something_else_is_refused(settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    registry(monkeypatch, entry(url, sha256="0" * 64))
    with pytest.raises(ModelIntegrityError):
        ModelStore(settings).pull("net")
    assert not list((settings.cache / "models").glob("net*"))


def test_the_digits_in_a_published_name_are_checked(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry(monkeypatch, entry(sha256=None, file="net-01234567.pth"))
    (tmp_path / "net-01234567.pth").write_bytes(CONTENT)
    with pytest.raises(ModelIntegrityError):
        ModelStore(settings).import_file(tmp_path / "net-01234567.pth")


def test_import_knows_a_file_by_its_content(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry(monkeypatch, entry())
    (tmp_path / "any-name").write_bytes(CONTENT)
    store = ModelStore(settings)
    assert store.import_file(tmp_path / "any-name").name == "net" and store.has("net")
    (tmp_path / "any-name").write_bytes(b"else")
    with pytest.raises(ModelIntegrityError):
        store.import_file(tmp_path / "any-name")


def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="broke off"):
        download("http://127.0.0.1:9/none", tmp_path / "x.part")


def test_bundled_weights_are_those_of_their_cards(settings: Settings) -> None:
    store = ModelStore(settings)
    bundled = [one for one in store.entries() if one.bundled]
    assert {"starter-text", "starter-image", "head-starter", "head-resnet50"} <= {one.name for one in bundled}
    assert all(store.path(one.name).name == one.file for one in bundled)


def archive_of(folder: Path, file: Path) -> Path:
    with tarfile.open(file, "w:gz") as tar:
        tar.add(folder, ".")
    return file


def test_an_archive_is_unpacked_once(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    registry(monkeypatch, entry(sha256=None, file="net.tar.gz"))
    (tmp_path / "net" / "variables").mkdir(parents=True)
    (tmp_path / "net" / "saved_model.pb").write_bytes(b"graph")
    (tmp_path / "net" / "variables" / "data").write_bytes(b"numbers")
    store = ModelStore(settings)
    with pytest.raises(ModelMissingError):
        store.folder("net")
    store.import_file(archive_of(tmp_path / "net", tmp_path / "net.tar.gz"))
    folder = store.folder("net")
    assert (folder / "variables" / "data").read_bytes() == b"numbers"
    assert store.folder_sha256(folder) == store.folder_sha256(tmp_path / "net")
    (folder / "mark").touch()
    assert (store.folder("net") / "mark").exists()
    assert not list(folder.parent.glob("*.part"))


def test_a_folder_is_all_its_files_and_their_names(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "a" / ".hidden").mkdir(parents=True)
    (tmp_path / "a" / "x").write_bytes(b"1")
    store = ModelStore(settings)
    first = store.folder_sha256(tmp_path / "a")
    (tmp_path / "a" / ".hidden" / "z").write_bytes(b"3")
    assert store.folder_sha256(tmp_path / "a") == first
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    assert store.folder_sha256(tmp_path / "a") != first


def test_an_archive_that_reaches_out_is_refused(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry(monkeypatch, entry(sha256=None, file="net.tar.gz"))
    with tarfile.open(tmp_path / "net.tar.gz", "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../../escaped"))
    store = ModelStore(settings)
    store.import_file(tmp_path / "net.tar.gz")
    with pytest.raises(ModelIntegrityError, match="anew"):
        store.folder("net")
    assert {file.name for file in (settings.cache / "models").iterdir()} == {"net.tar.gz", "pins.json"}


def head_in(folder: Path, name: str, content: bytes = CONTENT) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.safetensors").write_bytes(content)
    (folder / f"{name}.json").write_text(json.dumps({"sha256": DIGEST, "licence": "MIT", "what": "mine"}))


def test_heads_of_ones_own_are_found_by_their_cards(tmp_path: Path) -> None:
    head_in(tmp_path / "mine", "head-paper")
    store = ModelStore(Settings(cache=tmp_path / "cache", models=(tmp_path / "mine",)))
    assert store.knows("head-paper") and store.verify()["head-paper"]
    assert store.path("head-paper") == tmp_path / "mine" / "head-paper.safetensors"
    head_in(tmp_path / "mine", "head-paper", CONTENT[::-1])
    with pytest.raises(ModelMissingError):
        store.path("head-paper")
    (tmp_path / "mine" / "head-paper.json").write_text("{")
    with pytest.raises(ModelIntegrityError, match=r"head-paper\.json"):
        store.entries()


def test_our_own_heads_come_before_those_of_the_same_name(tmp_path: Path) -> None:
    head_in(tmp_path / "mine", "head-resnet50")
    store = ModelStore(Settings(cache=tmp_path / "cache", models=(tmp_path / "mine",)))
    assert store.path("head-resnet50").parent != tmp_path / "mine"


@pytest.mark.parametrize(("name", "text"), [("paper", "muse"), ("laser", "laser1"), ("laser2", "laser2")])
def test_a_profile_without_its_head_says_how_to_train_it(settings: Settings, name: str, text: str) -> None:
    with pytest.raises(ModelMissingError, match=f"train head .*--text {text} .*--name head-{name}`"):
        ModelStore(settings).path(f"head-{name}")
