"""The model store: where weights come from, and the proof that they are the right ones.

Weights are looked for beside the code (our own), in the folders of PHOTOVEIL_MODELS and in the cache, and are used only
when their sha256 is the registry's. A sha256 that nobody has recorded yet is null there: the first `pull` or `import`
records it in the cache's `pins.json`, and from then on it must not change. Heads that a user trained carry theirs in
the card beside them. A model that is a folder is an archive here, and is unpacked in the cache once.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.download import download
from indexer.errors import DownloadError, ModelIntegrityError, ModelMissingError, UnknownModelError
from indexer.folders import folder_sha256, unpack
from indexer.profiles import PROFILES
from indexer.settings import Settings

REGISTRY = Path(__file__).with_name("models.json")
ROOT = Path(__file__).parents[1]
BUNDLED = ("indexer/weights", "retrieval/weights")
WEIGHTS = (".safetensors", ".onnx")
"""Our own weights; each lies beside a card (JSON) that holds its sha256, and goes by its file's stem."""


@dataclass(frozen=True)
class ModelEntry:
    """One set of weights: `bytes` and `sha256` are None while nobody has recorded them, `url` where there is none."""

    name: str
    file: str
    url: str | None
    bytes: int | None
    licence: str
    sha256: str | None
    what: str
    bundled: bool = False


class ModelStore:
    """Finds, pulls, imports and verifies weights."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cache = settings.cache / "models"
        self._pins = _JsonFile(self._cache / "pins.json")
        self._hashes = _JsonFile(settings.cache / "hashes.json")

    def entries(self) -> list[ModelEntry]:
        """All that is known: our own, the heads in the user's folders and the cache, and the registry's."""
        own = [entry for folder in BUNDLED for entry in _with_cards(ROOT / folder)]
        names = {entry.name for entry in own}
        heads = {entry.name: entry for folder in reversed(self._folders) for entry in _with_cards(folder, "head-*")}
        public = (self._pinned(entry) for entry in self._registry())
        return [*own, *(head for name, head in heads.items() if name not in names), *public]

    @property
    def _folders(self) -> tuple[Path, ...]:
        return (*self._settings.models, self._cache)

    def _pinned(self, entry: ModelEntry) -> ModelEntry:
        return replace(entry, sha256=entry.sha256 or self._pins.read().get(entry.name))

    @staticmethod
    def _registry() -> list[ModelEntry]:
        return [ModelEntry(**entry) for entry in json.loads(REGISTRY.read_text(encoding="utf-8"))]

    def get(self, name: str) -> ModelEntry:
        """The entry of that name. Raises `UnknownModelError`."""
        for entry in self.entries():
            if entry.name == name:
                return entry
        for profile in PROFILES.values():
            if name == f"head-{profile.head}":
                raise ModelMissingError(
                    f"The head '{profile.head}' is not on this machine: train it with `photoveil train head --features "
                    f"FOLDER --captions TSV --text {profile.text} --out FOLDER --name {name}`, and name that folder in "
                    "PHOTOVEIL_MODELS."
                )
        names = ", ".join(entry.name for entry in self.entries())
        raise UnknownModelError(f"No weights are called '{name}': choose one of {names}.")

    def knows(self, name: str) -> bool:
        """Whether weights of that name exist at all."""
        return any(entry.name == name for entry in self.entries())

    def has(self, name: str) -> bool:
        """Whether the weights are on this machine."""
        return self._find(self.get(name)) is not None

    def path(self, name: str) -> Path:
        """Where the verified weights lie. Raises `ModelMissingError`, `ModelIntegrityError`."""
        entry = self.get(name)
        found = self._find(entry)
        if found is None:
            how = f"run `photoveil models pull {name}`" if entry.url else f"run `photoveil models import {entry.file}`"
            raise ModelMissingError(
                f"The weights '{name}' are not on this machine: {how}, or name their folder in PHOTOVEIL_MODELS."
            )
        return found

    def sha256(self, name: str) -> str:
        """The sha256 of the weights as they lie here."""
        return self._hash(self.path(name))

    def verify(self) -> dict[str, bool]:
        """Hash everything that is here anew: name to whether it is what it must be."""
        self._hashes.write({})
        return {entry.name: self._find(entry) is not None for entry in self.entries() if self._present(entry)}

    def pull(self, name: str, on_progress: Callable[[int, int | None], None] | None = None) -> Path:
        """Download into the cache, with resume. Raises `DownloadError` and `ModelIntegrityError`."""
        return self._pull(self.get(name), on_progress)

    def _pull(self, entry: ModelEntry, on_progress: Callable[[int, int | None], None] | None = None) -> Path:
        if (found := self._find(entry)) is not None:
            return found
        if entry.url is None:
            raise DownloadError(
                f"The weights '{entry.name}' cannot be downloaded: get {entry.file} and run `photoveil models import`."
            )
        part = self._cache / (entry.file + ".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        download(entry.url, part, entry.bytes, on_progress)
        return self._accept(entry, part)

    def folder(self, name: str) -> Path:
        """Where the content of verified weights that are an archive lies, unpacked in the cache at the first call."""
        return self._unpacked(self.path(name))

    def folder_at(self, url: str) -> Path:
        """The content of an archive that is not in the registry: pulled at the first call, its sha256 pinned then."""
        slug = re.sub(r"[^a-zA-Z0-9.-]+", "_", url.partition("://")[2].partition("?")[0])
        return self._unpacked(self._pull(self._pinned(ModelEntry(url, f"{slug}.tar.gz", url, None, "", None, ""))))

    def _unpacked(self, archive: Path) -> Path:
        target = self._cache / f"{archive.name.partition('.tar')[0]}-{self._hash(archive)[:16]}"
        if not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            unpack(archive, target)
        return target

    def find_folder(self, place: str) -> Path | None:
        """A folder by its path, or by its name in one of the user's folders."""
        candidates = (Path(place).expanduser(), *(folder / place for folder in self._settings.models))
        return next((folder for folder in candidates if folder.is_dir()), None)

    def folder_sha256(self, folder: Path) -> str:
        """sha256 over all files of a folder and their names."""
        return folder_sha256(folder, self._hash)

    def import_file(self, file: Path) -> ModelEntry:
        """Copy a file into the cache when it is one of the registry's, by sha256 or (none recorded) by name."""
        if not file.is_file():
            raise ModelMissingError(f"There is no file {file.name} at that place: check the path.")
        digest = _sha256(file)
        candidates = [e for e in self.entries() if e.sha256 == digest or (e.sha256 is None and e.file == file.name)]
        if not candidates:
            raise ModelIntegrityError(
                "This file is none of the weights that photoveil knows: its sha256 is not in the registry."
            )
        part = self._cache / (candidates[0].file + ".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, part)
        self._accept(candidates[0], part)
        return self.get(candidates[0].name)

    def _accept(self, entry: ModelEntry, part: Path) -> Path:
        digest = _sha256(part)
        name_says = entry.file.rpartition("-")[2].split(".")[0] if entry.file.endswith(".pth") else ""
        if digest != (entry.sha256 or digest) or not digest.startswith(name_says):
            part.unlink()
            raise ModelIntegrityError(
                f"The weights '{entry.name}' have another sha256 than they must have: get them anew."
            )
        self._pins.write({**self._pins.read(), entry.name: digest})
        target = part.with_suffix("")
        part.replace(target)
        return target

    def _find(self, entry: ModelEntry) -> Path | None:
        if entry.sha256 is None:
            return None
        return next((file for file in self._candidates(entry) if self._hash(file) == entry.sha256), None)

    def _present(self, entry: ModelEntry) -> bool:
        return any(True for _ in self._candidates(entry))

    def _candidates(self, entry: ModelEntry) -> Iterator[Path]:
        """Files that may be it: of its name anywhere, and of its size in the user's folders under any name."""
        if entry.bundled:
            yield from (file for folder in BUNDLED if (file := ROOT / folder / entry.file).is_file())
            return
        for folder in self._folders:
            if (folder / entry.file).is_file():
                yield folder / entry.file
            elif entry.bytes is not None and folder.is_dir():
                yield from (
                    file for file in sorted(folder.iterdir()) if file.is_file() and file.stat().st_size == entry.bytes
                )

    def _hash(self, file: Path) -> str:
        """sha256, remembered by place, size and time of change."""
        stat = file.stat()
        key = f"{file.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
        known = self._hashes.read()
        if key not in known:
            known = {**known, key: _sha256(file)}
            self._hashes.write(known)
        return known[key]


class _JsonFile:
    """A small table of strings on disk; without one it is empty, and a damaged one counts as empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, str]:
        try:
            content: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return content

    def write(self, content: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".tmp")
        part.write_text(json.dumps(content, indent=1), encoding="utf-8")
        part.replace(self._path)


def _with_cards(folder: Path, pattern: str = "*") -> Iterator[ModelEntry]:
    """Weights that lie beside a card (JSON); a card without weights is none."""
    for card_file in sorted(folder.glob(pattern + ".json")):
        weights = [file for file in sorted(folder.glob(card_file.stem + ".*")) if file.suffix in WEIGHTS]
        if weights:
            card = _read_card(card_file)
            yield ModelEntry(
                card_file.stem,
                weights[0].name,
                None,
                weights[0].stat().st_size,
                card.get("licence", "–"),
                card["sha256"],
                card.get("what", "a head"),
                bundled=folder.parents[1] == ROOT,
            )


def _read_card(file: Path) -> dict[str, str]:
    try:
        card: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        return {"sha256": card["sha256"], **card}
    except (ValueError, KeyError, TypeError) as error:
        raise ModelIntegrityError(
            f"The card {file.name} of a folder of weights is damaged: bring it back, or take it away."
        ) from error


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
