"""What a batch costs under a recipe: the objective, between points as the view compares them."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

from retrieval.losses import hardest_negatives, info_nce, m3l, patr
from retrieval.training.recipes import HeadRecipe

MOST_SCALE = 100.0


@dataclass(frozen=True)
class Objective:
    """`typical` is the median squared distance between two photos of the view."""

    recipe: HeadRecipe
    typical: float

    @property
    def margin(self) -> float:
        """PATR's margin, a squared distance in the view."""
        return self.recipe.margin * self.typical

    def warm(self, texts: Tensor, images: Tensor) -> Tensor:
        """Regression: the mean squared distance of a text to its own image, as a share of the typical one."""
        return (self._placed(texts) - images).square().sum(dim=1).mean() / self.typical

    def __call__(self, texts: Tensor, images: Tensor, photos: Tensor, scale: Tensor) -> Tensor:
        """One number. texts float32 [n, d'], images [n, d'] (points of the view), photos int64 [n] their names."""
        if self.recipe.loss == "infonce":
            return info_nce(texts, images, photos, scale.clamp(max=MOST_SCALE))
        texts = self._placed(texts)
        negatives = hardest_negatives(texts, images, photos)
        if self.recipe.loss == "patr":
            return patr(texts, images, negatives, margin=self.margin).mean()
        least = self.recipe.least_text_distance * self.typical
        return m3l(texts, images, negatives, least_text_distance=least).mean()

    def _placed(self, texts: Tensor) -> Tensor:
        """Texts to where the view compares them: on the unit sphere under the cosine."""
        return F.normalize(texts, dim=1) if self.recipe.metric == "cosine" else texts
