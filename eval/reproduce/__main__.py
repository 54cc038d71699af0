"""`python -m eval.reproduce table2|table3`: the published tables with the published figures beside ours."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eval.reports.compare import markdown
from eval.reproduce.plan import PROFILES, Plan
from eval.reproduce.steps import reproduce
from indexer.errors import PhotoveilError

if TYPE_CHECKING:
    from indexer.pipeline import Progress

STEP = 500
"""Photos between two lines about how far the index is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 done, 1 could not do it, 2 wrong usage."""
    given = _parser().parse_args(arguments)
    plan = Plan(
        table=given.table,
        images=given.images,
        captions=given.captions,
        data=given.data,
        out=given.out,
        profiles=tuple(given.profile or PROFILES[given.table]),
        exclude=tuple(given.exclude or ()),
        seed=given.seed,
        device=given.device,
        smoke=given.smoke,
    )
    try:
        rows = reproduce(plan, _say, _progress())
    except PhotoveilError as error:
        _say(f"photoveil: {error}")
        return error.exit_code
    sys.stdout.write(markdown(rows))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval.reproduce", description=__doc__)
    parser.add_argument("table", choices=sorted(PROFILES), help="of Aggarwal and Kale (2020)")
    parser.add_argument("--images", type=Path, required=True, help="folder of photos: MSCOCO's, or Flickr30k's")
    parser.add_argument("--captions", type=Path, required=True, help="captions to train on, in their official form")
    parser.add_argument("--data", type=Path, required=True, help="XTD10's folder, or Multi30K's")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; the same again goes on with it")
    parser.add_argument("--profile", action="append", help="system to reproduce; may be repeated")
    parser.add_argument("--exclude", type=Path, action="append", help="one more list of photos not to train on")
    parser.add_argument("--device", help="cuda or cpu (default: what is there)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--smoke", type=int, metavar="N", help="only N photos to train on and N to test on")
    return parser


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _progress() -> "Callable[[Progress], None]":
    """A line after every `STEP` photos: the index reports after each of its batches."""
    told = 0

    def tell(now: "Progress") -> None:
        nonlocal told
        if now.done // STEP > told:
            told = now.done // STEP
            left = "" if now.remaining is None else f", {now.remaining / 60:.0f} min left"
            _say(f"index: {now.done:,} of {now.found:,} photos, {now.rate:.1f}/s{left}")

    return tell


if __name__ == "__main__":
    sys.exit(main())
