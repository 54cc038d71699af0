"""Trains a head on English captions of photos whose vectors are known. Nothing but the head is trained."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor, nn

from retrieval.features import load_features
from retrieval.head import Head, build_head
from retrieval.losses import hardest_negatives, info_nce, m3l, patr
from retrieval.text import TextEncoder
from retrieval.training import schedule
from retrieval.training.bars import progress_bar
from retrieval.training.captions import read_captions
from retrieval.training.cards import sha256_of, write_model
from retrieval.training.checkpoints import load_checkpoint, save_checkpoint
from retrieval.training.examples import Examples, build_examples
from retrieval.training.exclusions import Exclusions
from retrieval.training.network import HeadNetwork
from retrieval.training.recipes import HeadRecipe, recipe_for
from retrieval.training.validation import recall

FIRST_SCALE, MOST_SCALE = 1 / 0.07, 100.0


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
    loss: str = "infonce",
    seed: int = 0,
    name: str = "head",
    device: str = "cpu",
) -> HeadReport:
    """Train a head and write `out/NAME.safetensors` with its card.

    `features` is a library or an export, `captions` a TSV file, `exclude` lists of photo ids that must not be
    trained on. A stopped training is resumed from `out/NAME.checkpoint`. Raises `LeakError`, `DataError`, `UsageError`.
    """
    recipe = recipe_for(loss)
    exclusions, photos = Exclusions.read(exclude), load_features(features)
    examples = build_examples(photos, read_captions(captions), exclusions, encoder)
    training = Training(examples, recipe, seed, device)
    training.run(out / f"{name}.checkpoint")
    card = {
        **training.card,
        "what": f"Projection head from {encoder.identity} to {photos.space}, trained by {loss}.",
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


@dataclass
class Training:
    """One run: network, optimiser, what was best so far."""

    examples: Examples
    recipe: HeadRecipe
    seed: int
    device: str
    curve: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        torch.manual_seed(self.seed)
        inputs, outputs = self.examples.sentences.shape[1], self.examples.photos.shape[1]
        self.network = HeadNetwork(inputs, outputs, self.recipe.architecture).to(self.device)
        self.log_scale = nn.Parameter(torch.tensor(FIRST_SCALE, device=self.device).log())
        self.optimiser = torch.optim.AdamW(
            [*self.network.parameters(), self.log_scale],
            lr=self.recipe.rate,
            betas=(self.recipe.first_moment, 0.999),
            weight_decay=self.recipe.weight_decay,
        )
        self.kept = {name: value.clone() for name, value in self.network.state_dict().items()}
        cosine = self.recipe.metric == "cosine"
        self.targets = torch.from_numpy(self.examples.photos - (self.examples.centre if cosine else 0)).to(self.device)
        self.sentences = torch.from_numpy(self.examples.sentences).to(self.device)
        self.photo_of = torch.from_numpy(self.examples.photo_of).to(self.device)
        self.margin = self.examples.typical_distance

    @property
    def best(self) -> float:
        """Best Recall@10 on the dev photos."""
        return max(self.curve)

    @property
    def settings(self) -> dict[str, Any]:
        """What two trainings must share for one to go on with the other's checkpoint."""
        return {**asdict(self.recipe), "seed": self.seed, "examples": self.examples.fingerprint}

    @property
    def card(self) -> dict[str, Any]:
        """The part of the card that the run itself knows."""
        recipe = asdict(self.recipe)
        head = {key: recipe.pop(key) for key in ("loss", "architecture", "metric")}
        margin = {"margin": self.margin} if self.recipe.loss == "patr" else {}
        curve = [round(value, 4) for value in self.curve]
        measured = {
            "validation": "dev, Recall@10, longest English caption per photo",
            "best_validation": self.best,
            "curve": curve,
        }
        return {**head, "recipe": {**recipe, **margin}, "seed": self.seed, **measured}

    def run(self, checkpoint: Path) -> None:
        """All epochs, from the checkpoint on where there is one; the best epoch's weights are kept."""
        self._resume(checkpoint)
        epochs = self.recipe.warm_epochs + self.recipe.epochs
        with progress_bar() as progress:
            task = progress.add_task("head", total=epochs, completed=len(self.curve))
            for epoch in range(len(self.curve), epochs):
                self._epoch(epoch, epochs)
                self._judge()
                save_checkpoint(checkpoint, self.settings, self._state())
                progress.update(task, advance=1, description=f"head, dev Recall@10 {self.curve[-1]:.3f}")

    def tensors(self) -> dict[str, np.ndarray[Any, Any]]:
        """The best epoch's weights as a head's file holds them."""
        self.network.load_state_dict(self.kept)
        return self._tensors()

    def _epoch(self, epoch: int, epochs: int) -> None:
        """The seed of an epoch follows from the training's, so that a resumed run is the same run."""
        torch.manual_seed(self.seed * 1009 + epoch)
        self.network.train()
        order = torch.randperm(len(self.sentences)).to(self.device)
        batch = min(self.recipe.batch, len(order))
        steps = len(order) // batch
        for step in range(steps):
            progress = (epoch * steps + step) / (epochs * steps)
            for group in self.optimiser.param_groups:
                group["lr"] = self.recipe.rate * getattr(schedule, self.recipe.schedule)(progress)
            self._step(order[step * batch : (step + 1) * batch], warm=epoch < self.recipe.warm_epochs)

    def _step(self, rows: Tensor, warm: bool) -> None:
        photos = self.photo_of[rows]
        with torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=self.recipe.loss == "infonce"):
            texts = self.network(self.sentences[rows])
        loss = self._loss(texts.float(), self.targets[photos], photos, warm)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.recipe.most_gradient is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.most_gradient)
        self.optimiser.step()

    def _loss(self, texts: Tensor, images: Tensor, photos: Tensor, warm: bool) -> Tensor:
        if self.recipe.loss == "infonce":
            return info_nce(texts, images, photos, self.log_scale.exp().clamp(max=MOST_SCALE))
        if warm:
            return (texts - images).square().sum(dim=1).mean()
        negatives = hardest_negatives(texts, images, photos)
        if self.recipe.loss == "m3l":
            return m3l(texts, images, negatives).mean()
        return patr(texts, images, negatives, margin=self.margin).mean()

    def _judge(self) -> None:
        self.network.eval()
        head: Head = build_head(
            self._tensors(), {"architecture": self.recipe.architecture, "metric": self.recipe.metric}
        )
        value = recall(head, self.examples)
        if value > max(self.curve, default=-1.0):
            self.kept = {name: tensor.detach().clone() for name, tensor in self.network.state_dict().items()}
        self.curve.append(value)

    def _tensors(self) -> dict[str, np.ndarray[Any, Any]]:
        centre = {"centre": self.examples.centre} if self.recipe.metric == "cosine" else {}
        return {**self.network.tensors(), **centre}

    def _state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "log_scale": self.log_scale.detach(),
            "optimiser": self.optimiser.state_dict(),
            "kept": self.kept,
            "curve": self.curve,
        }

    def _resume(self, checkpoint: Path) -> None:
        state = load_checkpoint(checkpoint, self.settings)
        if state is None:
            return
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.kept, self.curve = state["kept"], state["curve"]
        with torch.no_grad():
            self.log_scale.copy_(state["log_scale"])
