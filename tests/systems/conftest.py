"""The published systems, with random weights of the published shapes: photos, captions, models, and one library.

All of it is made here. Encoding a thousand pictures by a ResNet-152 takes most of the time, so it is done once: the
library serves both systems and both data sets, each photo under its name in MSCOCO and under one in Flickr30k.
"""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from indexer.modelstore import ModelStore
from indexer.settings import Settings
from tests.eval.datasets.shelf import LANGUAGES, coco_names, write_multi30k, write_xtd10
from tests.ui.cli.conftest import Done, photoveil

RESNET = "resnet152-394f9c45.pth"
MUSE = "universal-sentence-encoder-multilingual-large_3.tar.gz"
TRAIN, DEV = 32, 8
WORDS: Mapping[str, tuple[str, str]] = {
    "en": ("a red car stands in front of house", "a dog runs on the beach"),
    "de": ("ein rotes auto vor haus", "ein hund rennt am strand"),
    "fr": ("une voiture devant la maison", "un chien court sur la plage"),
    "it": ("una macchina davanti alla casa", "un cane corre sulla spiaggia"),
    "es": ("un coche delante de la casa", "un perro corre por la playa"),
    "ru": ("машина перед домом", "собака бежит по пляжу"),
    "ja": ("家の前の車", "浜辺の犬"),
    "zh": ("房子前的汽车", "海滩上的狗"),
    "pl": ("samochód przed domem", "pies biegnie po plaży"),
    "tr": ("evin önünde araba", "sahilde koşan köpek"),
    "ko": ("집 앞의 차", "해변의 개"),
}


@dataclass(frozen=True)
class World:
    """Where everything lies, and how commands are run in it."""

    folder: Path

    def train(self, text: str, loss: str, name: str) -> dict[str, Any]:
        """Two epochs of a head on the photos that are in no test; its card."""
        words = ["--features", self.library, "--captions", self.folder / "train.tsv", "--text", text, "--loss", loss]
        words += ["--exclude", self.folder / "xtd10_ids.txt", "--recipe", "paper", "--epochs", 2]
        words += ["--name", f"head-{name}"]
        done = self.run("train", "head", *words, "--out", self.folder / "heads", "--json")
        card: dict[str, Any] = json.loads(Path(done.json["card"]).read_text())
        return card

    def run(self, *arguments: object) -> Done:
        """A command that must end well."""
        done = photoveil(*arguments, **self.environment)
        assert done.code == 0, done.err
        return done

    @property
    def environment(self) -> dict[str, str]:
        """The cache with the encoders' weights, and the folder with trained heads."""
        return {
            "PHOTOVEIL_CACHE": str(self.folder / "cache"),
            "PHOTOVEIL_MODELS": str(self.folder / "heads"),
            "PHOTOVEIL_DEVICE": "cpu",
        }

    @property
    def library(self) -> Path:
        return self.folder / "photos.library"

    @property
    def few(self) -> Path:
        """Some of the photos alone."""
        return self.folder / "few"


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    for package, extra in (("torch", "torch"), ("tensorflow_text", "muse"), ("sacremoses", "laser")):
        pytest.importorskip(package, reason=f"the optional group '{extra}' brings it")
    world = World(tmp_path_factory.mktemp("systems"))
    _photos(world.folder)
    _captions(world.folder)
    _weights(world)
    world.run("index", world.folder / "coco", world.folder / "flickr", "--library", world.library, "--profile", "paper")
    yield world


def flickr_names() -> list[str]:
    return [f"{1_007_129_816 + 3 * number}.jpg" for number in range(1000)]


def _photos(folder: Path) -> None:
    """A thousand photos with two names each, a few more to train with, and a folder of a few alone."""
    for name in ("coco", "flickr", "few"):
        (folder / name).mkdir()
    for seed, (coco, flickr) in enumerate(zip(coco_names(), flickr_names(), strict=True)):
        _picture(seed).save(folder / "coco" / coco, quality=90)
        os.link(folder / "coco" / coco, folder / "flickr" / flickr)
        if seed < 10:
            os.link(folder / "coco" / coco, folder / "few" / coco)
    for seed in range(TRAIN + DEV):
        _picture(5000 + seed).save(folder / "flickr" / f"{seed}.jpg", quality=90)


def _picture(seed: int) -> Image.Image:
    """Four coloured corners and all shades between: no two alike, and nothing in them that has to be hidden."""
    corners = np.random.default_rng(seed).integers(0, 256, (2, 2, 3), dtype=np.uint8)
    return Image.fromarray(corners).resize((64, 48), Image.Resampling.BILINEAR)


def _captions(folder: Path) -> None:
    lines = {code: [f"{WORDS[code][row % 2]} {row}" for row in range(1000)] for code in LANGUAGES}
    write_xtd10(folder / "xtd10", coco_names(), lines)
    write_multi30k(folder / "multi30k", flickr_names())
    splits = ["train"] * TRAIN + ["dev"] * DEV
    rows = [f"{seed}.jpg\t{split}\ten\t{WORDS['en'][seed % 2]}\n" for seed, split in enumerate(splits)]
    (folder / "train.tsv").write_text("image\tsplit\tlang\ttext\n" + "".join(rows), encoding="utf-8")
    (folder / "xtd10_ids.txt").write_text("".join(f"{int(name[-16:-4])}\n" for name in coco_names()))


def _weights(world: World) -> None:
    """Random weights where published ones would lie; the pin of ResNet-152 stands for the file's published sha256."""
    import torch

    from indexer.embed.resnet import ARCHITECTURES, ResNet
    from tests.retrieval.text.models import laser2_files, saved_model

    models = world.folder / "cache" / "models"
    models.mkdir(parents=True)
    torch.manual_seed(0)
    torch.save(ResNet(ARCHITECTURES["resnet152"]).state_dict(), models / RESNET)
    (models / "pins.json").write_text(json.dumps({"resnet152": _sha256(models / RESNET)}))
    saved_model(world.folder / "muse")
    with tarfile.open(world.folder / MUSE, "w:gz") as tar:
        tar.add(world.folder / "muse", ".")
    laser2_files(world.folder / "laser2", embed_dim=32, hidden_size=32, num_layers=2)
    for file in (world.folder / MUSE, *sorted((world.folder / "laser2").iterdir())):
        world.run("models", "import", file)
    (world.folder / "heads").mkdir()
    assert ModelStore(Settings(cache=world.folder / "cache", models=())).has("muse-large")


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
