"""What a head learns by: symmetric InfoNCE on cosines, and the two published objectives on squared Euclidean distances.

M3L and PATR are those of Aggarwal and Kale, "Towards Zero-shot Cross-lingual Image Retrieval" (2020), with negatives
mined in the batch. All arithmetic is float32: a distance of 1,100 to the power of four has no place in half precision.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

LEAST_DISTANCE = 1e-6


def squared_distances(left: Tensor, right: Tensor) -> Tensor:
    """float [n, d] and [m, d] to squared Euclidean distances, float32 [n, m]."""
    left, right = left.float(), right.float()
    squares = left.square().sum(1)[:, None] + right.square().sum(1)[None, :]
    return (squares - 2 * left @ right.T).clamp(min=0)


def hardest_negatives(texts: Tensor, images: Tensor, photos: Tensor) -> Tensor:
    """For each text the row of the nearest image of another photo, int64 [n]; `photos` int64 [n] names the photos."""
    distances = squared_distances(texts.detach(), images.detach())
    same = photos[:, None] == photos[None, :]
    return distances.masked_fill(same, torch.finfo(torch.float32).max).argmin(dim=1)


def m3l(
    texts: Tensor,
    images: Tensor,
    negatives: Tensor,
    *,
    rho: float = 4.0,
    image_weight: float = 0.5,
    text_weight: float = 1.0,
    least_text_distance: float = 0.0,
) -> Tensor:
    """Multi-modal metric loss (section 3) per text, float32 [n].

    The distance to the text's own image over the distance to the negative image, and over the distance to that image's
    text, each ratio to the power `rho`. Two photos may have nearly the same caption, and a ratio over the distance
    between the two outweighs all others: above 0, `least_text_distance` (squared) leaves the second term out for them.

    texts, images float [n, d], negatives int64 [n]. The gradient reaches the negative's text too.
    """
    positive = _distance(texts, images)
    to_image = _distance(texts, images[negatives])
    to_text = _distance(texts, texts[negatives])
    image_term = torch.exp(rho * (positive.log() - to_image.log()))
    # Masked before the power: what overflows there has no gradient that a mask behind it could stop.
    duplicate = to_text < least_text_distance
    text_term = torch.exp(rho * (positive.log() - to_text.masked_fill(duplicate, torch.inf).log()))
    return image_weight * image_term + text_weight * text_term


def patr(texts: Tensor, images: Tensor, negatives: Tensor, *, margin: float = 1100.0) -> Tensor:
    """Positive-aware triplet ranking per text, float32 [n]: the distance to its image, plus what the negative's lacks
    to `margin`.

    The margin is a squared distance between raw image vectors: 1,100 fits ResNet-152 pool5, other encoders need about
    the median squared distance between two photos.
    """
    return _distance(texts, images) + (margin - _distance(texts, images[negatives])).clamp(min=0)


def info_nce(texts: Tensor, images: Tensor, photos: Tensor, scale: Tensor) -> Tensor:
    """Symmetric InfoNCE, one number: each text must find its image among the batch's images, and each image its text.

    texts, images float [n, d] (images already centred), photos int64 [n]; `scale` is one over the temperature. Other
    captions of the same photo are no negatives.
    """
    logits = F.normalize(texts.float(), dim=1) @ F.normalize(images.float(), dim=1).T * scale
    same = photos[:, None] == photos[None, :]
    logits = logits.masked_fill(same & ~torch.eye(len(same), dtype=torch.bool, device=same.device), -torch.inf)
    target = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def _distance(left: Tensor, right: Tensor) -> Tensor:
    """Row by row, float32 [n], at least 1e-6."""
    return (left.float() - right.float()).square().sum(dim=1).clamp(min=LEAST_DISTANCE)
