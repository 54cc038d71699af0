"""`photoveil anonymize`: the pictures themselves without faces and plates, no library."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ui.cli.options import Json
from ui.cli.progress import count_progress
from ui.cli.reports import print_report

Source = Annotated[Path, typer.Argument(help="A folder of photos.", metavar="IN", show_default=False)]
Target = Annotated[Path, typer.Argument(help="The folder to write to.", metavar="OUT", show_default=False)]
Cover = Annotated[
    Literal["blur", "pixelate", "solid"], typer.Option("--method", help="How faces and plates are covered.")
]


def anonymize(source: Source, target: Target, method: Cover = "blur", as_json: Json = False) -> None:
    """Write a folder's photos again without faces, plates and metadata; what is in doubt is not written."""
    from indexer.anonymise import build_anonymiser, default_policy
    from indexer.anonymise_tree import anonymise_tree
    from indexer.modelstore import ModelStore
    from indexer.prepare import Limits
    from indexer.settings import get_settings

    settings = get_settings()
    store = ModelStore(settings)
    anonymiser = build_anonymiser(default_policy(store, method), store)
    limits = Limits(settings.max_pixels, settings.decode_seconds)
    with count_progress("photos") as show:
        report = anonymise_tree(source, target, anonymiser, limits, workers=settings.workers, on_progress=show)
    print_report("Anonymised", report, as_json)
