"""Which objective makes the best head: `python -m eval.bench.losses --features F --captions TSV --exclude … --out DIR`.

M3L, PATR and InfoNCE on the same photo vectors and the same text encoder, with several seeds each. Every training goes
on until the dev Recall@10 of English has not improved for five evaluations; then the best epoch's head is asked with
the dev captions of every language, the longest one per photo. Nothing but English captions is trained on or chosen by.

Writes losses.json and losses.md; a run that was stopped goes on where it was.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.reports.tables import fraction, markdown_table
from indexer.devices import pick_device
from indexer.durable import write_atomic
from indexer.modelstore import ModelStore
from indexer.settings import get_settings
from retrieval.features import Features, load_features
from retrieval.text import TextEncoder, load_text_encoder
from retrieval.text.language import LANGUAGES
from retrieval.training.captions import Caption, longest_per_photo, read_captions
from retrieval.training.examples import Examples, build_examples
from retrieval.training.exclusions import Exclusions
from retrieval.training.recipes import BY_NAME, HeadRecipe, recipe_for
from retrieval.training.run import Training
from retrieval.training.sentences import CachedEncoder
from retrieval.training.validation import Questions, recall

LOSSES = ("m3l", "patr", "infonce")
PATIENCE = 5
MOST_EPOCHS = 100


@dataclass(frozen=True)
class Row:
    """One training: dev Recall@10 by language, the epoch of its best evaluation, and all epochs until its end."""

    recipe: str
    loss: str
    seed: int
    recall: dict[str, float]
    best_epoch: int
    epochs: int

    @property
    def others(self) -> float:
        """Mean over the languages other than English, which alone was trained on."""
        return float(np.mean([value for code, value in self.recall.items() if code != "en"]))


@dataclass(frozen=True)
class Bench:
    """What the trainings share: examples, the dev questions by language, the folder for what is done, the device."""

    examples: Examples
    questions: dict[str, Questions]
    out: Path
    device: str = "cpu"

    def run(self, recipes: Sequence[str], losses: Sequence[str], seeds: Sequence[int]) -> list[Row]:
        """Every recipe, objective and seed."""
        return [self._row(name, loss, seed) for name in recipes for loss in losses for seed in seeds]

    def _row(self, name: str, loss: str, seed: int) -> Row:
        """Read when it was measured before with the same settings on the same examples."""
        training = Training(self.examples, _to_the_end(recipe_for(loss, name)), seed, self.device)
        file = self.out / "runs" / f"{name}-{loss}-{seed}.json"
        if file.exists():
            done = json.loads(file.read_text(encoding="utf-8"))
            if done.pop("settings") == training.settings:
                return Row(**done)
        row = self._measured(training, name, file.with_suffix(".checkpoint"))
        write_atomic(file, json.dumps({**asdict(row), "settings": training.settings}, indent=1).encode())
        file.with_suffix(".checkpoint").unlink()
        return row

    def _measured(self, training: Training, name: str, checkpoint: Path) -> Row:
        training.run(checkpoint)
        found = {code: recall(training.head, asked) for code, asked in self.questions.items()}
        best = training.curve.index(training.best) + 1
        return Row(name, training.recipe.loss, training.seed, found, best, len(training.curve))


def dev_questions(features: Features, captions: Sequence[Caption], encoder: TextEncoder) -> dict[str, Questions]:
    """By language: the longest caption of each dev photo, asked of all dev photos that have an English caption."""
    known = {name: row for row, name in enumerate(features.names)}
    dev = [caption for caption in captions if caption.split == "dev" and caption.image in known]
    gallery = sorted({known[caption.image] for caption in dev if caption.language == "en"})
    place = {row: number for number, row in enumerate(gallery)}
    by_language = {}
    for code in sorted({caption.language for caption in dev}.intersection(encoder.languages or LANGUAGES)):
        asked = longest_per_photo([c for c in dev if c.language == code and known[c.image] in place])
        sentences = encoder.encode([caption.text for caption in asked], code)
        answers = np.array([place[known[caption.image]] for caption in asked])
        by_language[code] = Questions(sentences, features.vectors[gallery], answers)
    return by_language


def summary(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """By recipe and objective: mean and spread (standard deviation between seeds) of English and of the others."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.recipe, row.loss), []).append(row)
    return [_summary(name, loss, group) for (name, loss), group in groups.items()]


def as_markdown(rows: Sequence[Row]) -> str:
    """The table of the objectives and that of the languages."""
    found, languages = summary(rows), list(rows[0].recall)
    columns = ("recipe", "objective", "seeds", "en", "mean of the others", "best epoch")
    lines = [
        (str(len(one["seeds"])), _spread(one["en"]), _spread(one["others"]), "–".join(map(str, one["best_epoch"])))
        for one in found
    ]
    means = [[fraction(one["languages"][code]["mean"]) for code in languages] for one in found]
    names = [(one["recipe"], one["loss"]) for one in found]
    table = markdown_table(columns, [(*name, *line) for name, line in zip(names, lines, strict=True)])
    by_language = markdown_table(
        ("recipe", "objective", *languages), [(*name, *line) for name, line in zip(names, means, strict=True)]
    )
    return "\n".join([*table, "", *by_language, ""])


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, write losses.json and losses.md, print the table."""
    given = _parser().parse_args(arguments)
    settings, device = get_settings(), pick_device(given.device)
    encoder = CachedEncoder(load_text_encoder(given.text, ModelStore(settings), device), settings.cache / "sentences")
    features, captions = load_features(given.features), read_captions(given.captions)
    exclusions = Exclusions.read(given.exclude)
    bench = Bench(
        build_examples(features, captions, exclusions, encoder),
        dev_questions(features, captions, encoder),
        given.out,
        device,
    )
    rows = bench.run(given.recipes, given.losses, given.seeds)
    about = {"space": features.space, "text": encoder.identity, "excluded_rows": exclusions.excluded_rows}
    content = {**about, "table": summary(rows), "runs": [asdict(row) for row in rows]}
    write_atomic(given.out / "losses.json", (json.dumps(content, indent=1) + "\n").encode())
    write_atomic(given.out / "losses.md", as_markdown(rows).encode())
    sys.stdout.write(as_markdown(rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.bench.losses", description=__doc__)
    parser.add_argument("--features", type=Path, required=True, help="a library, or an export of one")
    parser.add_argument("--captions", type=Path, required=True, help="TSV with image, split, lang, text")
    parser.add_argument("--exclude", type=Path, nargs="*", default=[], help="lists of photo ids never to train on")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--recipes", choices=sorted(BY_NAME), nargs="+", default=["ours"])
    parser.add_argument("--losses", choices=LOSSES, nargs="+", default=LOSSES)
    parser.add_argument("--text", default="starter", help="the text encoder")
    parser.add_argument("--device")
    parser.add_argument("--out", type=Path, required=True)
    return parser


def _to_the_end(recipe: HeadRecipe) -> HeadRecipe:
    return recipe.but(patience=PATIENCE, epochs=MOST_EPOCHS)


def _summary(name: str, loss: str, rows: list[Row]) -> dict[str, Any]:
    return {
        "recipe": name,
        "loss": loss,
        "seeds": [row.seed for row in rows],
        "en": _moments([row.recall["en"] for row in rows]),
        "others": _moments([row.others for row in rows]),
        "languages": {code: _moments([row.recall[code] for row in rows]) for code in rows[0].recall},
        "best_epoch": [edge(row.best_epoch for row in rows) for edge in (min, max)],
    }


def _moments(values: Sequence[float]) -> dict[str, float]:
    """Mean and sample standard deviation (0 for one value)."""
    return {"mean": float(np.mean(values)), "std": float(np.std(values, ddof=1)) if len(values) > 1 else 0.0}


def _spread(moments: dict[str, float]) -> str:
    return f"{moments['mean']:.3f} ± {moments['std']:.3f}"


if __name__ == "__main__":
    main()
