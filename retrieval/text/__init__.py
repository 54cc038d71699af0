"""Text encoders: a sentence in one of the eleven languages to a vector."""

from collections.abc import Sequence
from typing import Protocol

from indexer.errors import MissingExtraError, UnknownModelError
from indexer.modelstore import ModelStore
from indexer.stages import Vectors

NAMES = ("starter", "muse", "muse-cnn", "laser1", "laser2", "muse:FOLDER", "sentence:MODEL")
"""What `load_text_encoder` understands; FOLDER may be a TF-Hub handle, MODEL a folder."""


class TextEncoder(Protocol):
    """Sentences to vectors; `identity` holds the first digits of the weights' sha256."""

    @property
    def identity(self) -> str:
        """Name and weights."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that it was trained on; empty where its makers' files do not tell."""

    def encode(self, texts: Sequence[str], language: str | None = None) -> Vectors:
        """n sentences to float32 [n, dim]; `language` is their code, where it is known and matters."""


def load_text_encoder(name: str, store: ModelStore, device: str = "cpu") -> TextEncoder:
    """The encoder of that name (see `NAMES`), its framework imported only now.

    Raises `UnknownModelError`, `ModelMissingError`, `ModelIntegrityError`, `MissingExtraError`.
    """
    family, _, place = name.partition(":")
    if name == "starter":
        from retrieval.text.starter import StarterEncoder

        return StarterEncoder.load(store.path("starter-text"))
    if name in ("muse", "muse-cnn") or (family == "muse" and place):
        return _muse(name, store, device)
    if name in ("laser1", "laser2"):
        return _laser(name, store, device)
    if family == "sentence" and place:
        return _sentence(place, store, device)
    if name.startswith("laser"):
        raise UnknownModelError(
            f"'{name}' is none of LASER's BiLSTMs: choose laser1 or laser2 (LASER3 is other networks)."
        )
    raise UnknownModelError(f"No text encoder is called '{name}': choose one of {', '.join(NAMES)}.")


def _muse(name: str, store: ModelStore, device: str) -> TextEncoder:
    from retrieval.text.muse import MuseEncoder, find_saved_model

    return MuseEncoder.load(find_saved_model(name, store), store, device)


def _laser(name: str, store: ModelStore, device: str) -> TextEncoder:
    try:
        from retrieval.text.laser import load_laser
    except ImportError as error:
        raise MissingExtraError("laser", f"The text encoder '{name}'") from error
    return load_laser(name, store, device)


def _sentence(place: str, store: ModelStore, device: str) -> TextEncoder:
    from retrieval.text.sentence import SentenceEncoder

    return SentenceEncoder.load(place, store, device)
