"""Trains the starter image encoder: a small network learns to see as the public ResNet-50 does.

The features of a large network are the target of a small one (Hinton et al. 2015, "Distilling the Knowledge in a Neural
Network"; Romero et al. 2015, "FitNets"). The first half is the teacher's own and stays as it is, so its maps are
computed once; only the tail is trained, towards the teacher's pool5 features in their principal components.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from indexer.durable import write_atomic
from indexer.embed.pool5 import ResNetEncoder, read_checkpoint
from indexer.embed.preprocess import ResizeCrop
from indexer.embed.resnet import ARCHITECTURES, load_resnet
from indexer.errors import DataError
from indexer.modelstore import ModelStore
from indexer.stages import Pixels, Vectors
from retrieval.training.cards import sha256_of
from retrieval.training.checkpoints import load_checkpoint, save_checkpoint
from retrieval.training.exclusions import Exclusions
from retrieval.training.student import Student, Tail, Trunk, to_onnx

NAME = "starter-image"
PHOTOS = (".jpg", ".jpeg", ".png")
CHUNK = 64
Report = Callable[[str, int, int, float], None]
"""Called with the phase, steps done, steps in all, and the loss (0 before the training)."""


@dataclass(frozen=True, slots=True)
class ImageRecipe:
    """All that decides the result, together with the data."""

    side: int = 160
    resize: int = 176
    dim: int = 512
    epochs: int = 6
    batch: int = 128
    lr: float = 1e-3
    weight_decay: float = 0.02
    temperature: float = 0.1
    seed: int = 1


@dataclass(frozen=True, slots=True)
class ImageEncoderReport:
    """Where the weights lie, their sha256, the photos trained on, the rows excluded, and the last loss."""

    weights: Path
    sha256: str
    photos: int
    excluded_rows: int
    loss: float


def train_image_encoder(
    folders: Sequence[Path],
    exclude: Sequence[Path],
    out: Path,
    store: ModelStore,
    *,
    recipe: ImageRecipe | None = None,
    report: Report = lambda phase, done, total, loss: None,
) -> ImageEncoderReport:
    """Distil the store's ResNet-50 on the photos below `folders`; write `out/starter-image.onnx` and its card.

    `exclude` are lists of photo ids that must not be trained on. A stopped training is resumed from `out/work`.
    Raises `DataError`, `LeakError`, `ModelMissingError`, `UsageError`.
    """
    recipe, work = recipe or ImageRecipe(), out / "work"
    exclusions = Exclusions.read(exclude)
    found = [photo for folder in folders for photo in sorted(folder.rglob("*")) if photo.suffix.lower() in PHOTOS]
    photos = exclusions.keep(found, lambda photo: photo.name, "photos")
    exclusions.refuse([photo.name for photo in photos])
    if len(photos) < recipe.batch:
        raise DataError(f"{len(photos)} photos are too few: give folders with at least {recipe.batch}.")
    work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    weights = store.path("resnet50")
    teacher = load_resnet(ARCHITECTURES["resnet50-v1"], read_checkpoint(weights))
    trunk, tail = Trunk(teacher).eval(), Tail(teacher, recipe.dim)
    encoder = ResNetEncoder("resnet50-v1", weights, store.sha256("resnet50"), "cpu")
    features = _cached(work / "features.npy", lambda file: _features(encoder, photos, file, report))
    maps = _cached(work / "maps.npy", lambda file: _maps(trunk, photos, recipe, file, report))
    loss = _train(
        tail, maps, principal_components(np.asarray(features), recipe.dim), recipe, work / "checkpoint.pt", report
    )
    network = to_onnx(Student(trunk, tail), recipe.side)
    card = _card(recipe, network, folders, photos, exclude, exclusions, sha256_of(weights), loss)
    write_atomic(out / f"{NAME}.onnx", network)
    write_atomic(out / f"{NAME}.json", (json.dumps(card, indent=2) + "\n").encode())
    return ImageEncoderReport(out / f"{NAME}.onnx", card["sha256"], len(photos), exclusions.excluded_rows, loss)


def principal_components(features: Vectors, dim: int) -> Vectors:
    """Features [n, d] without their mean, in their first `dim` principal directions, [n, dim]."""
    centred = features - features.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ directions[:, ::-1][:, :dim], np.float32)


def distillation_loss(student: Tensor, target: Tensor, temperature: float) -> Tensor:
    """Angle to the target, and for each photo the divergence of its neighbourhood in the batch from the target's.

    Park et al. 2019, "Relational Knowledge Distillation", with a softmax over neighbours. Both [n, dim]; mean over n.
    """
    student, target = functional.normalize(student, dim=1), functional.normalize(target, dim=1)
    angle = (1 - (student * target).sum(dim=1)).mean()
    apart = torch.eye(len(student), dtype=torch.bool)
    near = [(side @ side.T / temperature).masked_fill(apart, -1e4).log_softmax(dim=1) for side in (student, target)]
    return angle + functional.kl_div(near[0], near[1], reduction="batchmean", log_target=True)


def _train(
    tail: Tail, maps: NDArray[np.float16], target: Vectors, recipe: ImageRecipe, checkpoint: Path, report: Report
) -> float:
    optimiser = torch.optim.AdamW(tail.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    steps = len(target) // recipe.batch
    total = recipe.epochs * steps
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.lr, total_steps=total, pct_start=0.1)
    parts: dict[str, Any] = {"tail": tail, "optimiser": optimiser, "schedule": schedule}
    saved = load_checkpoint(checkpoint, asdict(recipe))
    if saved:
        for name, part in parts.items():
            part.load_state_dict(saved[name])
    loss = saved["loss"] if saved else 0.0
    tail.eval()  # the teacher's batch statistics are folded into its weights: they must stay
    for epoch in range(saved["epoch"] if saved else 0, recipe.epochs):
        for step, rows in enumerate(_batches(len(target), recipe, epoch)):
            loss = _step(tail, optimiser, maps, target, rows, recipe, epoch)
            schedule.step()
            report("training", epoch * steps + step + 1, total, loss)
        state = {name: part.state_dict() for name, part in parts.items()}
        save_checkpoint(checkpoint, asdict(recipe), {"epoch": epoch + 1, "loss": loss, **state})
    return loss


def _batches(count: int, recipe: ImageRecipe, epoch: int) -> Iterator[NDArray[np.int64]]:
    order = np.random.default_rng([recipe.seed, epoch]).permutation(count)
    for start in range(0, count - recipe.batch + 1, recipe.batch):
        yield np.sort(order[start : start + recipe.batch])


def _step(
    tail: Tail,
    optimiser: torch.optim.Optimizer,
    maps: NDArray[np.float16],
    target: Vectors,
    rows: NDArray[np.int64],
    recipe: ImageRecipe,
    epoch: int,
) -> float:
    mirrored = int(np.random.default_rng([recipe.seed, epoch, int(rows[0])]).integers(2))
    batch = torch.from_numpy(maps[rows, mirrored]).float().contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        vectors = tail(batch)
    loss = distillation_loss(vectors.float(), torch.from_numpy(target[rows]), recipe.temperature)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return float(loss.detach())


def _cached(file: Path, compute: Callable[[Path], None]) -> NDArray[Any]:
    """What was computed before, or now; read from disk as it is needed."""
    if not file.exists():
        fresh = file.with_name("fresh-" + file.name)
        compute(fresh)
        fresh.replace(file)
    values: NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    return values


def _features(encoder: ResNetEncoder, photos: Sequence[Path], file: Path, report: Report) -> None:
    rows = []
    for done, chunk in _chunks(photos):
        rows.append(encoder.encode(np.stack([encoder.preprocess(_read(photo)) for photo in chunk])))
        report("teacher", done, len(photos), 0.0)
    np.save(file, np.concatenate(rows), allow_pickle=False)


@torch.no_grad()
def _maps(trunk: Trunk, photos: Sequence[Path], recipe: ImageRecipe, file: Path, report: Report) -> None:
    """float16 [photos, 2, 512, side / 8, side / 8]: each photo as it is, and mirrored."""
    preprocess, size = ResizeCrop(recipe.resize, recipe.side), recipe.side // 8
    shape = (len(photos), 2, 512, size, size)
    maps = np.lib.format.open_memmap(file, mode="w+", dtype=np.float16, shape=shape)
    trunk = trunk.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for done, chunk in _chunks(photos):
        pictures = np.stack([preprocess(_read(photo)) for photo in chunk])
        for mirrored, side in enumerate((pictures, pictures[:, :, ::-1])):
            with torch.autocast("cpu", torch.bfloat16):
                maps[done - len(chunk) : done, mirrored] = trunk(torch.from_numpy(side.copy())).float().numpy()
        report("trunk", done, len(photos), 0.0)
    maps.flush()


def _chunks(photos: Sequence[Path]) -> Iterator[tuple[int, Sequence[Path]]]:
    for start in range(0, len(photos), CHUNK):
        chunk = photos[start : start + CHUNK]
        yield start + len(chunk), chunk


def _read(photo: Path) -> Pixels:
    with Image.open(photo) as image:
        return np.asarray(image.convert("RGB"))


def _card(
    recipe: ImageRecipe,
    network: bytes,
    folders: Sequence[Path],
    photos: Sequence[Path],
    exclude: Sequence[Path],
    exclusions: Exclusions,
    teacher: str,
    loss: float,
) -> dict[str, Any]:
    sha256 = hashlib.sha256(network).hexdigest()
    return {
        "name": NAME,
        "what": "Image encoder: the first two stages of ResNet-50, two trained blocks, a linear layer.",
        "space": f"{NAME}/{sha256[:8]}/{recipe.dim}",
        "dim": recipe.dim,
        "side": recipe.side,
        "resize": recipe.resize,
        "licence": "MIT for the teacher's weights, of which the first two stages are part; photos for research only",
        "teacher": f"ResNet-50, ImageNet, sha256 {teacher}",
        "data": {folder.name: sum(folder in photo.parents for photo in photos) for folder in folders},
        "exclusions": {file.name: sha256_of(file) for file in exclude},
        "excluded_rows": exclusions.excluded_rows,
        "recipe": asdict(recipe),
        "loss": loss,
        "bytes": len(network),
        "sha256": sha256,
    }
