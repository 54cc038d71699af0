"""Trains the starter text encoder from nothing: a bag of piece vectors, by in-batch translation ranking.

A sentence is the sum of its pieces' vectors, each times a learnt weight, scaled to length 1. It must be nearer to its
English translation than to the other English sentences of the batch, and the other way round (Yang et al. 2019, with
other captions of the same photo as further translations). A second term pulls the two together wherever they differ:
a head that sees only English serves the other languages as far as their vectors are the English sentence's.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from retrieval.training.bars import progress_bar
from retrieval.training.checkpoints import load_checkpoint, save_checkpoint
from retrieval.training.draws import Batch, Corpus, epoch_batches
from retrieval.training.schedule import triangle
from retrieval.training.vocabulary import Sentences


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the bag is trained; the model card repeats it."""

    seed: int = 0
    pieces: int = 36_000
    sample: int = 60_000
    dim: int = 384
    epochs: int = 3
    batch: int = 2048
    rate: float = 1e-2
    piece_dropout: float = 0.1
    sampling: float = 0.5
    paraphrase_weight: float = 0.5
    alignment_weight: float = 1.0
    scale: float = 20.0
    most_scale: float = 50.0


class Bag(nn.Module):
    """Piece vectors and piece weights; `forward` gives unit vectors float32 [n, dim]."""

    def __init__(self, pieces: int, recipe: Recipe) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(recipe.seed)
        self.vectors = nn.Parameter(torch.randn(pieces, recipe.dim, generator=generator) / math.sqrt(recipe.dim))
        self.weights = nn.Parameter(torch.zeros(pieces))
        self.log_scale = nn.Parameter(torch.tensor(math.log(recipe.scale)))

    def forward(self, pieces: Tensor, starts: Tensor, kept: Tensor) -> Tensor:
        """pieces int64 [all], starts int64 [n], kept float32 [all]: 0 where a piece is dropped, 1 elsewhere."""
        weights = F.softplus(self.weights)[pieces] * kept
        return F.normalize(F.embedding_bag(pieces, self.vectors, starts, mode="sum", per_sample_weights=weights), dim=1)

    def table(self) -> NDArray[np.float32]:
        """Vectors times weights, float32 [pieces, dim]: all that inference needs."""
        with torch.no_grad():
            table = self.vectors * F.softplus(self.weights)[:, None]
        return table.numpy().astype(np.float32)


def ranking_loss(left: Tensor, right: Tensor, batch: Batch, scale: Tensor, recipe: Recipe) -> Tensor:
    """Symmetric in-batch ranking plus alignment, one number. Products in bfloat16, the softmax in float32."""
    logits = (left.bfloat16() @ right.bfloat16().T).float() * scale
    meanings = torch.from_numpy(batch.meanings)
    same = meanings[:, None] == meanings[None, :]
    logits = logits.masked_fill(same & ~torch.eye(len(same), dtype=torch.bool), -1e4)
    target = torch.arange(len(logits))
    ranked = F.cross_entropy(logits, target, reduction="none") + F.cross_entropy(logits.T, target, reduction="none")
    translation = torch.from_numpy(batch.translation)
    weight = torch.where(translation, 1.0, recipe.paraphrase_weight)
    apart = (1 - (left * right).sum(dim=1)) * translation
    return (weight * ranked / 2 + recipe.alignment_weight * apart).mean()


@dataclass
class BagTraining:
    """One run: the bag, its optimiser, the steps done and what `judge` said of the bag after each epoch."""

    corpus: Corpus
    recipe: Recipe
    judge: Callable[[Bag], float]
    done: int = 0
    curve: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bag = Bag(self.corpus.vocabulary, self.recipe)
        self.optimiser = torch.optim.AdamW(self.bag.parameters(), lr=self.recipe.rate, weight_decay=0.0, fused=True)
        self.settings = {**asdict(self.recipe), "corpus": self.corpus.fingerprint}
        self.epochs = [self._batches(epoch) for epoch in range(self.recipe.epochs)]
        self.steps = sum(self.epochs)

    def run(self, checkpoint: Path, *, every: int = 200) -> Bag:
        """All epochs, resumed from `checkpoint` where it exists; the same seed gives the same bag, resumed or not."""
        self._resume(checkpoint)
        with progress_bar() as progress:
            task = progress.add_task("text encoder", total=self.steps, completed=self.done)
            for epoch, loss in self._steps():
                progress.update(task, advance=1, description=f"text encoder, loss {loss:.3f}")
                if self.done == sum(self.epochs[: epoch + 1]):
                    self.curve.append(self.judge(self.bag))
                if self.done % every == 0 or self.done == self.steps:
                    save_checkpoint(checkpoint, self.settings, self._state())
        return self.bag

    def _steps(self) -> Iterator[tuple[int, float]]:
        """Takes the steps that are left; says of each its epoch and its loss."""
        first = 0
        for epoch, length in enumerate(self.epochs):
            if first + length > self.done:
                sentences = self.corpus.sentences(self.recipe.sampling, self.recipe.seed * 1009 + epoch + 1)
                batches = epoch_batches(self.corpus, self.recipe.batch, self.recipe.seed, epoch)
                for batch in batches[self.done - first :]:
                    self.done += 1
                    yield epoch, self._step(sentences, batch)
            first += length

    def _batches(self, epoch: int) -> int:
        return len(epoch_batches(self.corpus, self.recipe.batch, self.recipe.seed, epoch))

    def _step(self, sentences: Sentences, batch: Batch) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate * triangle(self.done / self.steps)
        pieces, starts = sentences.take(np.concatenate([batch.left, batch.right]))
        drawn = np.random.default_rng([self.recipe.seed, self.done]).random(len(pieces), np.float32)
        kept = torch.from_numpy((drawn >= self.recipe.piece_dropout).astype(np.float32))
        left, right = self.bag(torch.from_numpy(pieces), torch.from_numpy(starts), kept).chunk(2)
        loss = ranking_loss(left, right, batch, self.bag.log_scale.exp().clamp(max=self.recipe.most_scale), self.recipe)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return float(loss.detach())

    def _state(self) -> dict[str, Any]:
        state = {"bag": self.bag.state_dict(), "optimiser": self.optimiser.state_dict()}
        return {**state, "step": self.done, "curve": self.curve}

    def _resume(self, checkpoint: Path) -> None:
        state = load_checkpoint(checkpoint, self.settings)
        if state is None:
            return
        self.bag.load_state_dict(state["bag"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.done, self.curve = int(state["step"]), list(state["curve"])
