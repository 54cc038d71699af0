"""One training of a head: epochs, an evaluation after each, an early end, a checkpoint to go on from."""

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from indexer.stages import Vectors
from indexer.views import View
from retrieval.head import Head, build_head
from retrieval.training.bars import progress_bar
from retrieval.training.checkpoints import load_checkpoint, save_checkpoint
from retrieval.training.examples import Examples
from retrieval.training.network import HeadNetwork, half_layers
from retrieval.training.objectives import Objective
from retrieval.training.recipes import HeadRecipe
from retrieval.training.schedule import cycle_then_floor
from retrieval.training.validation import recall
from retrieval.training.whitening import fit_view, typical_distance

FIRST_SCALE = 1 / 0.07


@dataclass
class Training:
    """Network, optimiser, what was best so far. `curve` holds Recall@10 on dev after each epoch, warm-up included."""

    examples: Examples
    recipe: HeadRecipe
    seed: int
    device: str
    curve: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        torch.manual_seed(self.seed)
        recipe, self.view = self.recipe, fit_view(self.recipe, self.examples.photos)
        points = self.view.prepare(self.examples.photos)
        self.objective = Objective(recipe, typical_distance(points))
        self.network = HeadNetwork(
            self.examples.sentences.shape[1], points.shape[1], recipe.architecture, last_relu=recipe.last_relu
        )
        if recipe.warm_epochs:
            self.network.start_at(points.mean(axis=0))
        self.network.to(self.device)
        self.log_scale = nn.Parameter(torch.tensor(FIRST_SCALE, device=self.device).log())
        self.optimiser = torch.optim.AdamW(
            [*self.network.parameters(), self.log_scale],
            lr=recipe.rate,
            betas=(recipe.first_moment, 0.999),
            weight_decay=recipe.weight_decay,
        )
        self.kept = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.targets = torch.from_numpy(points).to(self.device)
        self.sentences = torch.from_numpy(self.examples.sentences).to(self.device)
        self.photo_of = torch.from_numpy(self.examples.photo_of).to(self.device)

    @property
    def best(self) -> float:
        """Best Recall@10 on the dev photos."""
        return max(self.curve)

    @property
    def ended(self) -> bool:
        """Whether all epochs are done, or the last `patience` ones brought nothing better."""
        recipe, done = self.recipe, len(self.curve)
        if done >= recipe.warm_epochs + recipe.epochs:
            return True
        best = self.curve.index(self.best) + 1 if self.curve else 0
        return recipe.patience is not None and done - max(best, self._settled) >= recipe.patience

    @property
    def settings(self) -> dict[str, Any]:
        """What two trainings must share for one to go on with the other's checkpoint."""
        return {**asdict(self.recipe), "seed": self.seed, "examples": self.examples.fingerprint}

    @property
    def card(self) -> dict[str, Any]:
        """The part of the card that the run itself knows."""
        recipe = asdict(self.recipe)
        head = {key: recipe.pop(key) for key in ("loss", "architecture", "last_relu", "metric")}
        measured = {
            "validation": "dev, Recall@10, longest English caption per photo",
            "best_validation": self.best,
            "best_epoch": self.curve.index(self.best) + 1,
            "curve": [round(value, 4) for value in self.curve],
        }
        typical = {"median_squared_distance": round(self.objective.typical, 4)}
        return {**head, "recipe": {**recipe, **typical}, "seed": self.seed, **measured}

    @property
    def head(self) -> Head:
        """The best epoch's head, rounded as in its file."""
        return build_head(self.tensors(), asdict(self.recipe))

    def run(self, checkpoint: Path) -> None:
        """To its end, from the checkpoint on where there is one."""
        self._resume(checkpoint)
        with progress_bar() as progress:
            most = self.recipe.warm_epochs + self.recipe.epochs
            task = progress.add_task("head", total=most, completed=len(self.curve))
            while not self.ended:
                self._epoch(len(self.curve))
                self._judge()
                save_checkpoint(checkpoint, self.settings, self._state())
                progress.update(task, advance=1, description=f"head, dev Recall@10 {self.curve[-1]:.3f}")

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """The best epoch's weights as a head's file holds them."""
        return {**half_layers(self.kept), **_view_tensors(self.view)}

    @property
    def _settled(self) -> int:
        """Epochs of warm-up, or of the cycle: what a high rate does says nothing about the end."""
        return max(self.recipe.warm_epochs, self.recipe.cycle)

    def _epoch(self, epoch: int) -> None:
        """The seed of an epoch follows from the training's, so that a resumed run is the same run."""
        torch.manual_seed(self.seed * 1009 + epoch)
        self.network.train()
        order = torch.randperm(len(self.sentences)).to(self.device)
        batch = min(self.recipe.batch, len(order))
        steps = len(order) // batch
        for step in range(steps):
            rate = self.recipe.rate * cycle_then_floor(epoch + step / steps, self.recipe.cycle)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            self._step(order[step * batch : (step + 1) * batch], warm=epoch < self.recipe.warm_epochs)

    def _step(self, rows: Tensor, warm: bool) -> None:
        photos = self.photo_of[rows]
        # The published losses divide distances that differ in their last digits: they get full precision.
        with torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=self.recipe.loss == "infonce"):
            texts = self.network(self._disturbed(self.sentences[rows])).float()
        images = self.targets[photos]
        loss = (
            self.objective.warm(texts, images) if warm else self.objective(texts, images, photos, self.log_scale.exp())
        )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.recipe.most_gradient is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.most_gradient)
        self.optimiser.step()

    def _disturbed(self, sentences: Tensor) -> Tensor:
        """Sentences turned at random, their lengths kept: the head must not hang on digits that a translation loses."""
        if not self.recipe.noise:
            return sentences
        lengths = sentences.norm(dim=1, keepdim=True)
        share = self.recipe.noise / math.sqrt(sentences.shape[1])
        turned: Tensor = F.normalize(sentences + torch.randn_like(sentences) * lengths * share, dim=1) * lengths
        return turned

    def _judge(self) -> None:
        self.network.eval()
        state = {name: tensor.detach().clone() for name, tensor in self.network.state_dict().items()}
        before, self.kept = self.kept, state
        value = recall(self.head, self.examples.questions)
        if value <= max(self.curve, default=-1.0):
            self.kept = before
        self.curve.append(value)

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


def _view_tensors(view: View) -> dict[str, NDArray[np.generic]]:
    """The centre in single precision, the projection (which was fitted so) in half."""
    centre = {} if view.centre is None else {"centre": np.asarray(view.centre, np.float32)}
    projection: Vectors | None = view.projection
    return {**centre, **({} if projection is None else {"projection": projection.astype(np.float16)})}
