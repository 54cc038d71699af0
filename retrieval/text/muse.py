"""The multilingual Universal Sentence Encoder: a TensorFlow SavedModel that takes raw sentences.

Yang et al. 2020, "Multilingual Universal Sentence Encoder for Semantic Retrieval". The published Transformer is
google/universal-sentence-encoder-multilingual-large/3, the convolutional one google/universal-sentence-encoder-
multilingual/3. Its tokeniser lies inside the graph and needs tensorflow_text to be imported before it is loaded.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from indexer.errors import MissingExtraError, ModelIntegrityError, ModelMissingError
from indexer.modelstore import ModelStore
from indexer.stages import Vectors
from retrieval.text.language import LANGUAGES

PUBLISHED = {"muse": "muse-large", "muse-cnn": "muse-cnn"}
HUB = "https://tfhub.dev/"
COMPRESSED = "?tf-hub-format=compressed"
BATCH = 64


class MuseEncoder:
    """Sentences as they are, neither lower-cased nor segmented nor normalised, to vectors of about unit length."""

    languages = LANGUAGES

    def __init__(self, signature: Callable[..., Mapping[str, Any]], dim: int, identity: str) -> None:
        self._signature = signature
        self.dim = dim
        self.identity = identity

    @classmethod
    def load(cls, folder: Path, store: ModelStore, device: str = "cpu") -> "MuseEncoder":
        """From the folder of a SavedModel. Raises `MissingExtraError`, `ModelIntegrityError`."""
        tensorflow = import_tensorflow(device)
        try:
            # The model object owns the variables: it lives as long as its signature does.
            signature = tensorflow.saved_model.load(str(folder)).signatures["serving_default"]
            outputs = signature.structured_outputs["outputs"]
            takes_strings = signature.structured_input_signature[1]["inputs"].dtype == tensorflow.string
        except (OSError, KeyError, ValueError, tensorflow.errors.OpError) as error:
            raise ModelIntegrityError(
                "This folder is no SavedModel with inputs and outputs as the multilingual sentence encoder has them: "
                "get it anew."
            ) from error
        if not takes_strings or outputs.shape.rank != 2 or outputs.shape[1] is None:
            raise ModelIntegrityError("This SavedModel does not turn sentences into vectors: choose another.")
        return cls(signature, int(outputs.shape[1]), f"muse/{store.folder_sha256(folder)[:8]}")

    def encode(self, texts: Sequence[str], language: str | None = None) -> Vectors:
        """n sentences of any of the languages to float32 [n, dim]."""
        import tensorflow

        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), BATCH):
            batch = tensorflow.constant(list(texts[start : start + BATCH]), tensorflow.string)
            vectors[start : start + BATCH] = self._signature(inputs=batch)["outputs"].numpy()
        return vectors


def find_saved_model(name: str, store: ModelStore) -> Path:
    """The folder of `muse`, `muse-cnn`, `muse:FOLDER` or `muse:HANDLE` (google/NAME/3, or the whole address).

    Raises `ModelMissingError` when it is not here, and `DownloadError` when a handle cannot be fetched.
    """
    if name in PUBLISHED:
        return store.folder(PUBLISHED[name])
    place = name.partition(":")[2]
    if (folder := store.find_folder(place)) is not None:
        return folder
    if "://" in place or (place.count("/") >= 2 and not place.startswith((".", "/", "~"))):
        return store.folder_at((place if "://" in place else HUB + place) + COMPRESSED)
    raise ModelMissingError(f"There is no folder '{place}': name the folder of a SavedModel, or a TF-Hub handle.")


def import_tensorflow(device: str) -> Any:
    """TensorFlow with the ops of tensorflow_text, beside torch and faiss. Raises `MissingExtraError`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with _silent_stderr():
            import tensorflow
            import tensorflow_text  # noqa: F401 (registers the tokeniser's ops)
    except ImportError as error:
        raise MissingExtraError("muse", "The multilingual sentence encoder") from error
    _choose_devices(tensorflow, device)
    return tensorflow


def _choose_devices(tensorflow: Any, device: str) -> None:
    try:
        if device == "cpu":
            tensorflow.config.set_visible_devices([], "GPU")
        for gpu in tensorflow.config.get_visible_devices("GPU"):
            # TensorFlow would take the whole memory of the card, and torch is in the same process.
            tensorflow.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError:
        pass  # It has run before in this process: its devices are chosen.


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """TensorFlow's libraries write to the terminal before their logging can be told not to."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 (a device, not a file)
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
