"""The command tree: which commands there are, and the example that closes each one's help."""

from importlib.metadata import version
from typing import Annotated

import typer

from ui.cli import anonymize, demo, evaluate, index, library, models, search, train
from ui.cli.options import example


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"photoveil {version('photoveil')}")
        raise typer.Exit


app = typer.Typer(
    name="photoveil",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True, epilog=example("demo"))
def photoveil(
    context: typer.Context,
    _version_: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Photo search that never stores a face: photos are anonymised first, then found in eleven languages."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), nl=False)


app.command("demo", epilog=example("demo ~/Pictures/holiday"))(demo.demo)
app.command("index", epilog=example("index ~/Pictures --library photos.library --profile starter"))(index.index)
app.command("search", epilog=example('search "ein Hund im Schnee" --library photos.library -k 5'))(search.search)
app.command("anonymize", epilog=example("anonymize ~/Pictures ~/Pictures-anonymous"))(anonymize.anonymize)
app.command("stats", epilog=example("stats --library photos.library"))(library.stats)
app.command("verify", epilog=example("verify --library photos.library --json"))(library.verify)
app.command("compact", epilog=example("compact --library photos.library"))(library.compact)
app.command("erase", epilog=example("erase --library photos.library --path 'holiday/2019/*'"))(library.erase)
app.command("export", epilog=example("export exported --library photos.library"))(library.export)

_models = typer.Typer(name="models", help="See, fetch and check the weights of the model store.")
_models.command("list", epilog=example("models list"))(models.list_models)
_models.command("pull", epilog=example("models pull yunet"))(models.pull)
_models.command("import", epilog=example("models import ~/Downloads/resnet152-394f9c45.pth"))(models.import_file)
_models.command("verify", epilog=example("models verify"))(models.verify)
app.add_typer(_models)

_train = typer.Typer(name="train", help="Train the models of a profile; no held-out photo may take part.")
_train.command(
    "text-encoder",
    epilog=example("train text-encoder --parallel texts --captions captions.tsv.gz --exclude ids.txt --out runs/text"),
)(train.text_encoder)
_train.command(
    "head",
    epilog=example("train head --features photos.library --captions captions.tsv.gz --exclude ids.txt --out runs/head"),
)(train.head)
_train.command("image-encoder", epilog=example("train image-encoder ~/Pictures --exclude ids.txt --out runs/image"))(
    train.image_encoder
)
app.add_typer(_train)

_eval = typer.Typer(name="eval", help="Measure what was built.")
_eval.command(
    "captions",
    epilog=example("eval captions --library photos.library --captions captions.tsv.gz --split dev --out report"),
)(evaluate.captions)
_eval.command("xtd10", epilog=example("eval xtd10 --data XTD10 --library coco.library --out runs/xtd10"))(
    evaluate.xtd10
)
_eval.command("multi30k", epilog=example("eval multi30k --data multi30k --library flickr30k.library --out runs/m30k"))(
    evaluate.multi30k
)
_eval.command("translations", epilog=example("eval translations --pairs pairs.tsv.gz --encoder starter"))(
    evaluate.translations
)
_eval.command("compare", epilog=example("eval compare runs/m3l runs/patr --out runs/compared"))(evaluate.compare)
app.add_typer(_eval)
