"""Learning rates over a training, as a share of the highest: `progress` runs from 0 to 1."""

import math

FLOOR = 0.02


def triangle(progress: float, warmup: float = 0.05) -> float:
    """Straight up to 1, then straight down to 0."""
    return progress / warmup if progress < warmup else (1 - progress) / (1 - warmup)


def one_cycle(progress: float, warmup: float = 0.3) -> float:
    """Half a cosine up from 1/25, half a cosine down to nothing (Smith and Topin 2018)."""
    if progress < warmup:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * progress / warmup)) / 2
    return (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


def cycle_then_floor(epochs: float, cycle: int) -> float:
    """One cycle over the first `cycle` epochs, then on at 1/50 until somebody stops; the highest throughout for 0."""
    if not cycle:
        return 1.0
    return max(one_cycle(epochs / cycle), FLOOR) if epochs < cycle else FLOOR
