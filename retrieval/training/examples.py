"""What a head sees: English captions of train photos with the photos' vectors, and dev photos to choose by."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.errors import DataError, LeakError
from indexer.stages import Vectors
from retrieval.features import Features
from retrieval.text import TextEncoder
from retrieval.training.captions import Caption, longest_per_photo
from retrieval.training.exclusions import Exclusions
from retrieval.training.validation import Questions


@dataclass(frozen=True)
class Examples:
    """n captions, `sentences` float32 [n, d], of `photos` float32 [p, D] raw, `photo_of` int64 [n] being their rows;
    and `questions` to choose by, one for each dev photo.
    """

    sentences: Vectors
    photo_of: NDArray[np.int64]
    photos: Vectors
    questions: Questions

    @property
    def fingerprint(self) -> str:
        """Equal for equal examples."""
        digest, asked = hashlib.sha256(), self.questions
        for array in (self.sentences, self.photo_of, self.photos, asked.sentences, asked.gallery, asked.answers):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def build_examples(
    features: Features, captions: list[Caption], exclusions: Exclusions, encoder: TextEncoder
) -> Examples:
    """English captions of split `train` without the excluded photos; of split `dev` the longest one per photo.

    Raises `LeakError` when an excluded photo or one to choose by would still enter, `DataError` when nothing is left
    to train on.
    """
    known = {name: row for row, name in enumerate(features.names)}
    english = [caption for caption in captions if caption.language == "en"]
    allowed = exclusions.keep(english, lambda caption: caption.image, "captions")
    train = [caption for caption in allowed if caption.split == "train" and caption.image in known]
    dev = longest_per_photo([caption for caption in english if caption.split == "dev" and caption.image in known])
    if not train or not dev:
        raise DataError(
            "No photo of these features has an English caption in the splits train and dev: check both files."
        )
    names = {caption.image for caption in train}
    exclusions.refuse(sorted(names))
    exclusions.refuse_coco_without_xtd10(names)
    if names & {caption.image for caption in dev}:
        raise LeakError("A photo to choose by is also one to train on: give each photo one split in the captions.")
    exclusions.refuse_validation(caption.image for caption in dev)
    rows, photo_of = np.unique([known[caption.image] for caption in train], return_inverse=True)
    gallery, answers = np.unique([known[caption.image] for caption in dev], return_inverse=True)
    return Examples(
        encoder.encode([caption.text for caption in train], "en"),
        photo_of.astype(np.int64),
        features.vectors[rows],
        Questions(
            encoder.encode([caption.text for caption in dev], "en"),
            features.vectors[gallery],
            answers.astype(np.int64),
        ),
    )
