"""A sentence-transformers model from a folder or from the Hugging Face hub, loaded once for words and pictures.

Reimers and Gurevych 2019, "Sentence-BERT". torchvision is not needed: pictures go through Pillow.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import MissingExtraError, ModelIntegrityError, ModelMissingError
from indexer.modelstore import ModelStore

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FOREIGN = ["*.h5", "*.ot", "*.msgpack", "*.tflite", "onnx/*", "openvino/*"]
"""Weights for other frameworks, which need not be fetched."""


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """The network, the last part of its name and the first digits of the sha256 over all its files."""

    network: "SentenceTransformer"
    name: str

    @property
    def dim(self) -> int:
        """Length of a vector. Raises `ModelIntegrityError` where the model does not tell."""
        dim = self.network.get_embedding_dimension()
        if not dim:
            raise ModelIntegrityError("This sentence-transformers model does not end in one vector: choose another.")
        return int(dim)


def load_sentence_model(place: str, store: ModelStore, device: str) -> SentenceModel:
    """By folder (a path, or a name in the folders of PHOTOVEIL_MODELS) or by id; an id is fetched at its first use.

    Raises `MissingExtraError`, `ModelMissingError`, `ModelIntegrityError`.
    """
    try:
        import sentence_transformers  # noqa: F401 (asked first, so that the error names the group)
    except ImportError as error:
        raise MissingExtraError("torch", "A sentence-transformers model") from error
    folder = store.find_folder(place) or _fetch(place)
    return _load(folder, f"{Path(place).name}/{store.folder_sha256(folder)[:8]}", device)


def _fetch(model: str) -> Path:
    """The folder of a model of the hub: the copy in its cache when there is one, so that searching asks no server."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, local_files_only=True))
    except HFValidationError as error:
        raise ModelMissingError(f"There is no folder '{model}': name a folder, or a model's id on the hub.") from error
    except LocalEntryNotFoundError:
        pass
    try:
        return Path(snapshot_download(model, ignore_patterns=FOREIGN))
    except (HfHubHTTPError, OSError) as error:
        raise ModelMissingError(
            f"The sentence-transformers model '{model}' is not on this machine and could not be fetched: "
            "check its name and the connection, or name a folder."
        ) from error


@lru_cache(maxsize=1)
def _load(folder: Path, name: str, device: str) -> SentenceModel:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        network = SentenceTransformer(str(folder), device=device, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelIntegrityError(
            f"The folder of '{name}' holds no sentence-transformers model that can be read: get it anew."
        ) from error
    return SentenceModel(network.eval(), name)
