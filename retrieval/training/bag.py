"""Trains the starter text encoder from nothing: a bag of piece vectors, by in-batch translation ranking.

A sentence is the sum of its pieces' vectors, each times a learnt weight, scaled to length 1. It must be nearer to its
English translation than to the other English sentences of the batch, and the other way round (Yang et al. 2019, with
other captions of the same photo as further translations). A second term pulls the two together wherever they differ:
a head that sees only English serves the other languages as far as their vectors are the English sentence's.
"""

import math
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the bag is trained; the model card repeats it."""

    seed: int = 0
    pieces: int = 32_000
    sample: int = 60_000
    dim: int = 384
    epochs: int = 3
    batch: int = 2048
    rate: float = 1e-2
    piece_dropout: float = 0.1
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


def train_bag(corpus: Corpus, recipe: Recipe, checkpoint: Path, *, every: int = 200) -> Bag:
    """All epochs, resumed from `checkpoint` where it exists; the same seed gives the same bag, resumed or not."""
    bag = Bag(corpus.vocabulary, recipe)
    optimiser = torch.optim.AdamW(bag.parameters(), lr=recipe.rate, weight_decay=0.0, fused=True)
    settings = {**asdict(recipe), "corpus": corpus.fingerprint}
    done = _resume(checkpoint, bag, optimiser, settings)
    steps, step = sum(len(epoch_batches(corpus, recipe.batch, recipe.seed, epoch)) for epoch in range(recipe.epochs)), 0
    with progress_bar() as progress:
        task = progress.add_task("text encoder", total=steps, completed=done)
        for epoch in range(recipe.epochs):
            for batch in epoch_batches(corpus, recipe.batch, recipe.seed, epoch):
                step += 1
                if step <= done:
                    continue
                loss = _step(bag, optimiser, corpus, batch, step, steps, recipe)
                progress.update(task, advance=1, description=f"text encoder, loss {loss:.3f}")
                if step % every == 0 or step == steps:
                    state = {"bag": bag.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
                    save_checkpoint(checkpoint, settings, state)
    return bag


def _resume(checkpoint: Path, bag: Bag, optimiser: torch.optim.Optimizer, settings: dict[str, Any]) -> int:
    state = load_checkpoint(checkpoint, settings)
    if state is None:
        return 0
    bag.load_state_dict(state["bag"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _step(
    bag: Bag, optimiser: torch.optim.Optimizer, corpus: Corpus, batch: Batch, step: int, steps: int, recipe: Recipe
) -> float:
    for group in optimiser.param_groups:
        group["lr"] = recipe.rate * triangle(step / steps)
    pieces, starts = corpus.sentences.take(np.concatenate([batch.left, batch.right]))
    kept = np.random.default_rng([recipe.seed, step]).random(len(pieces), np.float32) >= recipe.piece_dropout
    vectors = bag(torch.from_numpy(pieces), torch.from_numpy(starts), torch.from_numpy(kept.astype(np.float32)))
    left, right = vectors.chunk(2)
    loss = ranking_loss(left, right, batch, bag.log_scale.exp().clamp(max=recipe.most_scale), recipe)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return float(loss.detach())
