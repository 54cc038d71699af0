"""How a head is trained, by recipe and objective. What a card repeats."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from indexer.errors import UsageError
from retrieval.head import Architecture

Loss = Literal["infonce", "m3l", "patr"]


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    """One way to train a head.

    Photos are compared by `metric`, in `view_dim` whitened dimensions (None: as they are). `last_relu` is the ReLU of
    the `paper` architecture's last layer.

    `epochs` is the most; a training ends when `patience` evaluations in a row were no improvement (None: never),
    counted from the end of the warm-up and of the rate's cycle of `cycle` epochs (0: a constant rate). `warm_epochs`
    come first and pull each text to its image, with nothing pushed away.

    `noise` is what is added at random to a sentence's vector while training, as a share of its length. `margin` is
    PATR's, and `least_text_distance` is how far from the text M3L's negative text must be for its term to count (0: as
    published), both as shares of the median squared distance between two photos.
    """

    loss: Loss
    architecture: Architecture
    metric: Literal["cosine", "l2"]
    epochs: int
    batch: int
    rate: float
    cycle: int = 0
    patience: int | None = 5
    first_moment: float = 0.9
    weight_decay: float = 0.0
    view_dim: int | None = None
    last_relu: bool = True
    warm_epochs: int = 0
    most_gradient: float | None = None
    noise: float = 0.0
    margin: float = 1.0
    least_text_distance: float = 0.0

    def but(self, **named: Any) -> "HeadRecipe":
        """The same with other values, as far as they are not None."""
        return replace(self, **{key: value for key, value in named.items() if value is not None})


RECIPES: dict[str, HeadRecipe] = {
    "infonce": HeadRecipe("infonce", "compact", "cosine", 30, 512, 2e-3, cycle=8, weight_decay=0.01, view_dim=1024),
    "m3l": HeadRecipe(
        "m3l",
        "compact",
        "cosine",
        50,
        128,
        5e-4,
        cycle=16,
        weight_decay=0.1,
        view_dim=1024,
        warm_epochs=2,
        least_text_distance=0.3,
    ),
    "patr": HeadRecipe(
        "patr", "compact", "cosine", 50, 128, 1e-3, cycle=14, weight_decay=0.01, view_dim=1024, margin=0.8
    ),
}
"""Ours: the objectives measured between directions in a whitened space."""

PUBLISHED: dict[str, HeadRecipe] = {
    # A direction from the photos' mean has negative numbers, too: no ReLU may come last.
    "infonce": HeadRecipe(
        "infonce", "paper", "cosine", 50, 128, 1e-3, first_moment=0.99, patience=None, last_relu=False
    ),
    # From a random head the published loss diverges: it divides by distances between texts, which start near 0.
    "m3l": HeadRecipe(
        "m3l", "paper", "l2", 50, 128, 1e-3, first_moment=0.99, patience=None, warm_epochs=2, most_gradient=5.0
    ),
    "patr": HeadRecipe("patr", "paper", "l2", 50, 128, 1e-3, first_moment=0.99, patience=None),
}
"""Network and optimiser of Aggarwal and Kale (2020, sections 3 and 4): 50 epochs of Adam with beta1 .99 at 1e-3."""

BY_NAME = {"ours": RECIPES, "paper": PUBLISHED}


def recipe_for(loss: str, name: str = "ours") -> HeadRecipe:
    """The recipe of an objective. Raises `UsageError`."""
    if name not in BY_NAME:
        raise UsageError(f"No recipe is called '{name}': choose one of {', '.join(BY_NAME)}.")
    if loss not in BY_NAME[name]:
        raise UsageError(f"No objective is called '{loss}': choose one of {', '.join(RECIPES)}.")
    return BY_NAME[name][loss]
