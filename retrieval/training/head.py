"""Trains a head on English captions of photos whose vectors are known. Nothing but the head is trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.numpy import save

from retrieval.features import load_features
from retrieval.text import TextEncoder
from retrieval.training.captions import read_captions
from retrieval.training.cards import sha256_of, write_model
from retrieval.training.examples import build_examples
from retrieval.training.exclusions import Exclusions
from retrieval.training.recipes import HeadRecipe, recipe_for
from retrieval.training.run import Training


@dataclass(frozen=True, slots=True)
class HeadReport:
    """Where the card lies, the weights' sha256, the best epoch's Recall@10 on dev, how many rows were excluded."""

    card: Path
    sha256: str
    best_validation: float
    excluded_rows: int


def train_head(
    features: Path,
    captions: Path,
    exclude: Sequence[Path],
    out: Path,
    *,
    encoder: TextEncoder,
    recipe: HeadRecipe | None = None,
    seed: int = 0,
    name: str = "head",
    device: str = "cpu",
) -> HeadReport:
    """Train a head and write `out/NAME.safetensors` with its card.

    `features` is a library or an export, `captions` a TSV file, `exclude` lists of photo ids that must not be
    trained on. A stopped training is resumed from `out/NAME.checkpoint`. Raises `LeakError`, `DataError`, `UsageError`.
    """
    recipe = recipe or recipe_for("infonce")
    exclusions, photos = Exclusions.read(exclude), load_features(features)
    examples = build_examples(photos, read_captions(captions), exclusions, encoder)
    training = Training(examples, recipe, seed, device)
    training.run(out / f"{name}.checkpoint")
    card = {
        **training.card,
        "what": f"Projection head from {encoder.identity} to {photos.space}, trained by {recipe.loss}.",
        "licence": "CC BY-NC-SA 4.0",
        "space": photos.space,
        "text": encoder.identity,
        "captions": {
            "file_sha256": sha256_of(captions),
            "language": "en",
            "split": "train",
            "rows": len(examples.sentences),
        },
        "photos": len(examples.photos),
        "exclusions": {file.name: sha256_of(file) for file in exclude},
        "excluded_rows": exclusions.excluded_rows,
    }
    path = write_model(out, name, save(training.tensors()), card)
    (out / f"{name}.checkpoint").unlink()
    return HeadReport(path, sha256_of(path.with_suffix(".safetensors")), training.best, exclusions.excluded_rows)
