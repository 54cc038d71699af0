"""A sentence-transformers model from a folder or from the Hugging Face hub, loaded once for words and pictures.

Reimers and Gurevych 2019, "Sentence-BERT". torchvision is not needed: pictures go through Pillow.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.embed.preprocess import Resize, ResizeCrop
from indexer.errors import MissingExtraError, ModelIntegrityError, ModelMissingError, UnknownModelError
from indexer.modelstore import ModelStore
from indexer.stages import Preprocess

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FOREIGN = ["*.h5", "*.ot", "*.msgpack", "*.tflite", "onnx/*", "openvino/*"]
"""Weights for other frameworks, which need not be fetched."""


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """The network, its name (with the first digits of the sha256 over all files), and how pictures come to it, if any.

    `pictures` takes the place of the resizing and cropping in the network's own processor.
    """

    network: "SentenceTransformer"
    name: str
    pictures: Preprocess | None

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
    return SentenceModel(network.eval(), name, _take_over_pictures(network))


def _take_over_pictures(network: "SentenceTransformer") -> Preprocess | None:
    processor = getattr(network.processor, "image_processor", None)
    if "image" not in network.modalities or processor is None:
        return None
    pictures = picture_size(processor)
    processor.do_resize = processor.do_center_crop = False
    return pictures


def picture_size(processor: Any) -> Preprocess:
    """What a Hugging Face image processor does to a picture's size. Raises `UnknownModelError` when not to a square."""
    size, crop = dict(processor.size), dict(getattr(processor, "crop_size", None) or {})
    resample = int(processor.resample)
    if getattr(processor, "do_center_crop", False) and "shortest_edge" in size and crop["height"] == crop["width"]:
        return ResizeCrop(size["shortest_edge"], crop["height"], resample)
    if size.get("height") and size.get("height") == size.get("width"):
        return Resize(size["height"], resample)
    raise UnknownModelError("This model does not read square pictures of one size: choose another.")
