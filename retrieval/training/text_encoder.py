"""Trains the starter text encoder: pieces, then the bag, then the alignment, packed into one file with its card."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors.numpy import load

from indexer.durable import write_atomic
from retrieval.text.language import LANGUAGES
from retrieval.text.starter import StarterEncoder, pack
from retrieval.training.bag import Bag, BagTraining, Recipe
from retrieval.training.captions import read_captions
from retrieval.training.cards import sha256_of, write_model
from retrieval.training.draws import build_corpus
from retrieval.training.exclusions import Exclusions
from retrieval.training.heldback import hold_back, translation_recall
from retrieval.training.pairs import COCO_CAPTIONS, Pair, PhotoCaption, read_pairs, read_photo_captions
from retrieval.training.vocabulary import train_pieces

NAME = "starter-text"


@dataclass(frozen=True, slots=True)
class TextEncoderReport:
    """Where the card lies, the weights' sha256, how many pairs were trained on and how many rows were excluded."""

    card: Path
    sha256: str
    pairs: int
    excluded_rows: int


def train_text_encoder(
    parallel: Path, captions: Path, exclude: Sequence[Path], out: Path, *, recipe: Recipe | None = None
) -> TextEncoderReport:
    """Train on a folder of parallel text and on captions of train photos: `out/starter-text.safetensors`.

    `captions` is a TSV file, `exclude` lists of photo ids that must not be trained on. Pairs with a sentence
    that captions a photo of another split go too, whatever photo they are listed under. A stopped training is resumed
    from `out/work`. Raises `DataError`, `LeakError`, `UsageError`.
    """
    recipe, work = recipe or Recipe(), out / "work"
    exclusions = Exclusions.read(exclude)
    blind = [caption.text for caption in read_captions(captions) if caption.split != "train"]
    pairs = exclusions.keep_unseen(
        read_pairs(parallel, exclusions), lambda pair: (pair.text, pair.english), blind, "captions of other splits"
    )
    photo_captions = read_photo_captions(parallel, captions, exclusions)
    exclusions.refuse([*(pair.photo for pair in pairs if pair.photo), *(one.photo for one in photo_captions)])
    work.mkdir(parents=True, exist_ok=True)
    model = _pieces(work / "pieces.model", pairs, photo_captions, recipe)
    trained_on, held_back = hold_back(pairs)
    corpus = build_corpus(trained_on, photo_captions, model)
    training = BagTraining(corpus, recipe, lambda bag: _mean(translation_recall(_encoder(bag, model), held_back)))
    bag = training.run(work / "bag.checkpoint")
    weights = pack(bag.table(), model)
    card = {
        "what": f"Text encoder: a bag of {len(bag.weights):,} sentence pieces, {recipe.dim} numbers.",
        "licence": "CC BY-NC-SA 4.0",
        "languages": list(LANGUAGES),
        "recipe": asdict(recipe),
        "seed": recipe.seed,
        "validation": "Recall@1 of held-back sentences to their English side among up to 1,000, mean over languages",
        "curve": [round(value, 4) for value in training.curve],
        "held_back": {
            code: round(value, 4) for code, value in translation_recall(_encoder(bag, model), held_back).items()
        },
        "pairs": corpus.pairs,
        "captions": _languages(photo_captions),
        "data": _data(parallel, pairs, captions),
        "exclusions": {file.name: sha256_of(file) for file in exclude},
        "excluded_rows": exclusions.excluded_rows,
        "excluded_by": {source: rows for source, rows in exclusions.dropped.items() if rows},
    }
    path = write_model(out, NAME, weights, card)
    return TextEncoderReport(path, sha256_of(path.with_suffix(".safetensors")), corpus.pairs, exclusions.excluded_rows)


def _encoder(bag: Bag, model: bytes) -> StarterEncoder:
    """The bag as it will be used, rounded as in its file."""
    return StarterEncoder(load(pack(bag.table(), model)), "in training")


def _mean(values: dict[str, float]) -> float:
    return sum(values.values()) / len(values)


def _pieces(file: Path, pairs: list[Pair], captions: list[PhotoCaption], recipe: Recipe) -> bytes:
    """Trained once per output folder."""
    if not file.exists():
        texts = [one.text for one in captions if one.language == "en"]
        write_atomic(file, train_pieces(pairs, texts, recipe.pieces, recipe.sample, recipe.seed))
    return file.read_bytes()


def _data(parallel: Path, pairs: list[Pair], captions: Path) -> dict[str, Any]:
    """Names and counts of what was trained on."""
    sources = Counter(pair.source for pair in pairs)
    return {
        "parallel_text": dict(sources),
        "captions": [*COCO_CAPTIONS, "train split of the caption file"],
        "caption_file_sha256": sha256_of(captions),
        "parallel_text_sha256": {name: sha256_of(parallel / f"{name}.tsv.gz") for name in sorted(sources)},
    }


def _languages(captions: list[PhotoCaption]) -> dict[str, int]:
    """How many captions of photos there are in each language."""
    return dict(Counter(one.language for one in captions))
