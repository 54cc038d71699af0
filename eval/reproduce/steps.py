"""The steps of a reproduction. Each is skipped when it was done before from the same photos, captions and weights."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.captions import evaluate
from eval.reports.captions import write_report
from eval.reports.compare import Row, read_runs, write_comparison
from eval.reports.figures import draw_comparison
from eval.reproduce.plan import LOSSES, Plan
from eval.reproduce.stages import Stages, fingerprint
from eval.system import of_library
from eval.training_captions import training_captions
from indexer.devices import pick_device
from indexer.errors import MissingExtraError, UsageError
from indexer.modelstore import ModelStore
from indexer.profiles import Profile
from indexer.settings import get_settings
from retrieval.engine import Engine
from retrieval.text import load_text_encoder
from retrieval.training.captions import read_captions
from retrieval.training.cards import sha256_of
from retrieval.training.exclusions import Exclusions
from retrieval.training.recipes import recipe_for
from retrieval.training.sentences import CachedEncoder

if TYPE_CHECKING:
    from indexer.pipeline import Progress

    OnPhoto = Callable[[Progress], None] | None

Say = Callable[[str], None]


def reproduce(plan: Plan, say: Say, on_photo: "OnPhoto" = None) -> list[Row]:
    """All of it; returns our rows and the published ones: they also lie in `plan.out` as comparison.{json,md,csv,png}.

    Raises whatever the steps raise: `DataError`, `LeakError`, `ModelMissingError`, `MissingExtraError`, `UsageError`.
    """
    stages, library, systems = Stages(plan.out, say), plan.out / "library", plan.systems
    say(f"test: {plan.test.name}, {len(plan.test.gallery):,} images in {len(plan.test.questions)} languages")
    Exclusions.read(plan.lists)
    lists = {file.name: sha256_of(file) for file in plan.lists}
    table = training_captions(plan.captions, plan.out, plan.lists)
    photos = plan.photos(read_captions(table))
    indexed = stages.run(
        "index",
        {"image": systems[0].image, "photos": fingerprint(photos)},
        library / "library.json",
        lambda: _index(plan, photos, library, say, on_photo),
    )
    made_from: dict[str, Any] = {"index": indexed, "captions": sha256_of(table), "exclude": lists}
    reports = [
        _system(plan, stages, system, loss, table, made_from) for system in systems for loss in LOSSES[plan.table]
    ]
    rows = read_runs(reports)
    write_comparison(rows, plan.out)
    draw_comparison(rows, plan.out / "comparison.png")
    if plan.smoke is not None:
        say(f"A trial with {plan.smoke:,} photos: it shows that everything works, its figures mean nothing.")
    return rows


def name_of(system: Profile, loss: str) -> str:
    """What a head and its report are called: `muse-m3l`."""
    return f"{re.sub(r'[^0-9A-Za-z]+', '-', system.text).strip('-').lower()}-{loss}"


def _index(plan: Plan, photos: Sequence[Path], library: Path, say: Say, on_photo: "OnPhoto") -> None:
    """Goes on where it was stopped: what the library knows is skipped.

    Raises `UsageError` for a library of another image encoder.
    """
    store = ModelStore(get_settings())
    for system in plan.systems:
        # Hours of indexing must not end in weights of a text encoder that are not there.
        load_text_encoder(system.text, store, pick_device(plan.device))
    if (library / "library.json").exists():
        engine = Engine.open(library, writable=True, device=plan.device)
    else:
        engine = Engine.create(library, plan.systems[0].name, device=plan.device)
    with engine:
        if engine.profile.image != plan.systems[0].image:
            raise UsageError("That folder holds a run with another image encoder: name a new one with --out.")
        report = engine.ingest(photos, on_progress=on_photo)
    say(f"index: {report.found:,} photos, {report.review:,} held for review, {report.failed:,} unreadable")


def _system(plan: Plan, stages: Stages, system: Profile, loss: str, table: Path, made_from: dict[str, object]) -> Path:
    """Trains one head and measures it; returns the folder of its report."""
    name = name_of(system, loss)
    head, report = plan.out / "heads" / f"{name}.safetensors", plan.out / "reports" / name
    with Engine.open(plan.out / "library", device=plan.device) as engine:
        engine.profile = system
        trained = {**made_from, "text": system.text, "recipe": asdict(recipe_for(loss, "paper")), "seed": plan.seed}
        key = stages.run(f"train-{name}", trained, head, lambda: _train(plan, engine, loss, table, head))
        stages.run(
            f"measure-{name}",
            {"head": key, "sha256": sha256_of(head), "data": fingerprint(_files(plan))},
            report / "report.json",
            lambda: _measure(plan, engine, head, report),
        )
    return report


def _train(plan: Plan, engine: Engine, loss: str, table: Path, head: Path) -> None:
    try:
        from retrieval.training.head import train_head
    except ImportError as error:
        raise MissingExtraError("torch", "Training") from error
    train_head(
        plan.out / "library",
        table,
        plan.lists,
        head.parent,
        encoder=CachedEncoder(engine.text_encoder, plan.out / "sentences"),
        recipe=recipe_for(loss, "paper"),
        seed=plan.seed,
        name=head.stem,
        device=pick_device(plan.device),
    )


def _measure(plan: Plan, engine: Engine, head: Path, report: Path) -> None:
    found, run = evaluate(of_library(engine, str(head)), plan.test)
    write_report(found, report, run)


def _files(plan: Plan) -> list[Path]:
    return [file for file in plan.data.rglob("*.txt*") if file.is_file()] + list(plan.data.rglob("*.gz"))
