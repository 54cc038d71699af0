"""library.json: what a library is, written once, with a checksum of itself and a copy in the catalog."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from indexer.errors import LibraryCorruptError, LibraryVersionError
from indexer.stages import ImageSpace

FORMAT = 1
NAME = "library.json"

Paths = Literal["relative", "none"]


@dataclass(frozen=True)
class Manifest:
    """What a library is: its id, image space, profile, tagger and policy.

    `policy` says what is looked for and how it is hidden; `paths`, `keep_dates` and `keep_camera` are part of it.
    `root_key` (hexadecimal) keys the digests that tell folders of one name apart.
    """

    library_id: int
    space: ImageSpace
    profile: str
    policy: Mapping[str, Any]
    paths: Paths
    keep_dates: bool
    keep_camera: bool
    tagger: str | None
    root_key: str

    @property
    def id(self) -> str:
        """The library's id as it is written outside of the catalog, a decimal string."""
        return str(self.library_id)

    @property
    def policy_hash(self) -> str:
        """Hexadecimal SHA-256 of the whole policy; every photo carries it."""
        whole = {**self.policy, "paths": self.paths, "dates": self.keep_dates, "camera": self.keep_camera}
        return hashlib.sha256(_canonical(whole)).hexdigest()

    def root_of(self, folder: Path) -> str:
        """The name of an indexed folder and a keyed digest of where it is: "holiday-3f2a91c04b7d"."""
        place = str(folder.resolve()).encode("utf-8", "surrogateescape")
        digest = hmac.new(bytes.fromhex(self.root_key), place, "sha256").hexdigest()[:12]
        return f"{folder.resolve().name}-{digest}"

    def to_json(self) -> str:
        """The text of library.json."""
        content: dict[str, Any] = {"format": FORMAT, **asdict(self), "policy": dict(self.policy)}
        content["library_id"] = self.id
        return seal(content)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Raises `LibraryVersionError` for a newer format and `LibraryCorruptError` for a damaged text."""
        content = unseal(text)
        if content is None:
            raise LibraryCorruptError("library.json is damaged: restore it from a backup.")
        if content.pop("format") > FORMAT:
            raise LibraryVersionError("The library was written by a newer photoveil: update this one.")
        content["library_id"] = int(content["library_id"])
        content["space"] = ImageSpace(**content["space"])
        return cls(**content)


def new_manifest(**fields: Any) -> Manifest:
    """A manifest with a new 63-bit library id and a new key."""
    return Manifest(library_id=secrets.randbits(62) + 1, root_key=secrets.token_hex(16), **fields)


def seal(content: Mapping[str, Any]) -> str:
    """JSON with the SHA-256 of the rest in it."""
    checksum = hashlib.sha256(_canonical(content)).hexdigest()
    return json.dumps({**content, "checksum": checksum}, indent=2, ensure_ascii=False) + "\n"


def unseal(text: str) -> dict[str, Any] | None:
    """What `seal` was given, None when a single bit of it is different."""
    try:
        content = json.loads(text)
        checksum = content.pop("checksum")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    intact = hashlib.sha256(_canonical(content)).hexdigest() == checksum
    return dict(content) if intact else None


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
