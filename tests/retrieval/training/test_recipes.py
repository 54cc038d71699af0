"""Recipes by name, and the numbers of the published one."""

import pytest

from indexer.errors import UsageError
from retrieval.training.network import HeadNetwork
from retrieval.training.recipes import BY_NAME, recipe_for


@pytest.mark.parametrize("loss", ["infonce", "m3l", "patr"])
def test_the_published_settings(loss: str) -> None:
    recipe = recipe_for(loss, "paper")
    assert (recipe.first_moment, recipe.batch, recipe.epochs, recipe.rate) == (0.99, 128, 50, 1e-3)
    assert recipe.architecture == "paper"


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_recipes_train_what_they_are_called(name: str) -> None:
    assert {loss: recipe.loss for loss, recipe in BY_NAME[name].items()} == {
        loss: loss for loss in ("infonce", "m3l", "patr")
    }


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UsageError, match="hinge"):
        recipe_for("hinge")
    with pytest.raises(UsageError, match="theirs"):
        recipe_for("m3l", "theirs")


@pytest.mark.parametrize(("inputs", "expected"), [(1024, 7_345_152), (512, 6_820_864)])
def test_the_published_head_has_the_published_number_of_parameters(inputs: int, expected: int) -> None:
    assert sum(parameter.numel() for parameter in HeadNetwork(inputs, 2048, "paper").parameters()) == expected
