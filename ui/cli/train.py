"""`photoveil train text-encoder|head|image-encoder`: the project's own models, made from data that you name."""

from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from indexer.errors import MissingExtraError
from ui.cli.options import Device, Json, Out, Seed
from ui.cli.output import print_json, print_pairs
from ui.cli.progress import phase_progress

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Captions = Annotated[Path, typer.Option(help="Captions: TSV with image, split, lang, text (gz too).", metavar="TSV")]
Exclude = Annotated[
    list[Path] | None,
    typer.Option(help="List of photo ids that must not be trained on; may be repeated.", metavar="FILE"),
]
AnyCaptions = Annotated[
    Path,
    typer.Option(
        "--captions",
        help="Captions: TSV with image, split, lang, text; or MSCOCO's or Karpathy's JSON, Multi30K, a token file.",
        metavar="FILE",
    ),
]
More = Annotated[list[Path] | None, typer.Argument(help="More such lists.", metavar="[FILE…]", show_default=False)]


def text_encoder(
    parallel: Annotated[Path, typer.Option(help="Folder of parallel text.", metavar="FOLDER")],
    captions: Captions,
    out: Out,
    exclude: Exclude = None,
    more: More = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Train the multilingual text encoder from parallel text by translation ranking; goes on where it was stopped."""
    _need_torch()
    from retrieval.training.bag import Recipe
    from retrieval.training.text_encoder import train_text_encoder

    _tell(train_text_encoder(parallel, captions, _lists(exclude, more), out, recipe=Recipe(seed=seed)), as_json)


def head(
    features: Annotated[Path, typer.Option(help="A library, or an export of one.", metavar="FOLDER")],
    captions: AnyCaptions,
    out: Out,
    exclude: Exclude = None,
    more: More = None,
    loss: Annotated[Literal["m3l", "patr", "infonce"], typer.Option(help="What is minimised.")] = "infonce",
    recipe: Annotated[
        Literal["ours", "paper"], typer.Option(help="Settings: the measured best, or those that were published.")
    ] = "ours",
    architecture: Annotated[
        Literal["compact", "paper"] | None, typer.Option(help="Layers.", show_default="the recipe's")
    ] = None,
    last_relu: Annotated[
        bool | None, typer.Option(help="ReLU of the paper architecture's last layer.", show_default="the recipe's")
    ] = None,
    view_dim: Annotated[
        int | None,
        typer.Option(help="Whitened dimensions that photos are compared in.", show_default="the recipe's", min=1),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Most epochs.", show_default="the recipe's", min=1)] = None,
    patience: Annotated[
        int | None,
        typer.Option(help="Evaluations without gain that end it.", show_default="the recipe's", min=1),
    ] = None,
    text: Annotated[str, typer.Option(help="The text encoder whose sentences it projects.")] = "starter",
    name: Annotated[str, typer.Option(help="What the files are called.")] = "head",
    seed: Seed = 0,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Train a projection head from English captions to photo vectors; goes on where it was stopped."""
    _need_torch()
    from eval.training_captions import training_captions
    from indexer.devices import pick_device
    from indexer.modelstore import ModelStore
    from indexer.settings import get_settings
    from retrieval.text import load_text_encoder
    from retrieval.training.head import train_head
    from retrieval.training.recipes import recipe_for
    from retrieval.training.sentences import CachedEncoder

    settings, where, lists = get_settings(), pick_device(device), _lists(exclude, more)
    encoder = CachedEncoder(load_text_encoder(text, ModelStore(settings), where), settings.cache / "sentences")
    chosen = recipe_for(loss, recipe).but(
        architecture=architecture, last_relu=last_relu, view_dim=view_dim, epochs=epochs, patience=patience
    )
    table = training_captions(captions, out, lists)
    report = train_head(features, table, lists, out, encoder=encoder, recipe=chosen, seed=seed, name=name, device=where)
    _tell(report, as_json)


def image_encoder(
    photos: Annotated[
        list[Path], typer.Argument(help="Folders of photos.", metavar="DIR…", exists=True, file_okay=False)
    ],
    out: Out,
    exclude: Exclude = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Train the small image encoder to see as the ResNet-50 of the model store does; goes on where it was stopped."""
    _need_torch()
    from indexer.modelstore import ModelStore
    from indexer.settings import get_settings
    from retrieval.training.image_encoder import ImageRecipe, train_image_encoder

    store, recipe = ModelStore(get_settings()), ImageRecipe(seed=seed)
    with phase_progress() as show:
        report = train_image_encoder(photos, exclude or (), out, store, recipe=recipe, report=show)
    _tell(report, as_json)


def _lists(exclude: list[Path] | None, more: list[Path] | None) -> list[Path]:
    """`--exclude A --exclude B` and `--exclude A B` mean the same."""
    return [*(exclude or ()), *(more or ())]


def _need_torch() -> None:
    if find_spec("torch") is None:
        raise MissingExtraError("torch", "Training")


def _tell(report: "DataclassInstance", as_json: bool) -> None:
    fields = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(report).items()}
    if as_json:
        print_json(fields)
    else:
        print_pairs("Trained", fields)
