"""How a head is trained, by objective. What a card repeats."""

from dataclasses import dataclass
from typing import Literal

from indexer.errors import UsageError
from retrieval.head import Architecture

Loss = Literal["infonce", "m3l", "patr"]


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    """`warm_epochs` come before the `epochs` and pull each text to its image with nothing pushed away."""

    loss: Loss
    architecture: Architecture
    metric: Literal["cosine", "l2"]
    epochs: int
    batch: int
    rate: float
    schedule: Literal["one_cycle", "constant"]
    first_moment: float = 0.9
    weight_decay: float = 0.0
    warm_epochs: int = 0
    most_gradient: float | None = None


RECIPES: dict[str, HeadRecipe] = {
    "infonce": HeadRecipe("infonce", "compact", "cosine", 8, 512, 2e-3, "one_cycle", weight_decay=0.01),
    # From a random head the published loss diverges: it divides by distances between texts, which start near 0.
    "m3l": HeadRecipe("m3l", "paper", "l2", 16, 128, 3e-4, "constant", warm_epochs=4, most_gradient=5.0),
    "patr": HeadRecipe("patr", "paper", "l2", 30, 128, 1e-3, "constant", first_moment=0.99),
}


def recipe_for(loss: str) -> HeadRecipe:
    """The recipe of an objective. Raises `UsageError`."""
    if loss not in RECIPES:
        raise UsageError(f"No objective is called '{loss}': choose one of {', '.join(RECIPES)}.")
    return RECIPES[loss]
