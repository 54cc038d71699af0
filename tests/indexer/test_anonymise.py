import copy

import numpy as np
import pytest

from indexer.anonymise import DetectObfuscateVerify, Policy, build_anonymiser, default_policy
from indexer.errors import LibraryCorruptError, ModelMissingError
from indexer.modelstore import ModelStore
from indexer.settings import Settings
from indexer.stages import Box, Pixels, State
from tests.conftest import picture
from tests.indexer.stand_ins import Finds, FindsBright, Raises

FACE = Box(10, 10, 20, 20, 0.9, "face")


def bright() -> Pixels:
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[10:30, 10:30] = 255
    return pixels


def test_nothing_found_is_clear_and_untouched() -> None:
    result = DetectObfuscateVerify([Finds()], [Finds()], "blur").anonymise(picture(1))
    assert result.state is State.CLEAR and np.array_equal(result.pixels, picture(1))


def test_what_is_found_is_hidden() -> None:
    result = DetectObfuscateVerify([FindsBright(FACE)], [FindsBright(FACE)], "blur").anonymise(bright())
    assert result.state is State.ANONYMISED and result.boxes == (FACE,) and result.pixels.max() < 255


def test_what_only_verification_finds_is_hidden_too() -> None:
    verifier = FindsBright(FACE, identity="verifier")
    result = DetectObfuscateVerify([Finds()], [verifier], "blur").anonymise(bright())
    assert result.state is State.ANONYMISED and result.boxes == (FACE,)


def test_what_is_still_found_is_held_for_review() -> None:
    result = DetectObfuscateVerify([Finds([FACE])], [Finds([FACE], "verifier")], "solid").anonymise(picture(1))
    assert result.state is State.REVIEW and "still found" in result.reason


@pytest.mark.parametrize("verifying", [False, True])
def test_a_detector_that_raises_holds_the_photo_and_gives_no_pixels_away(verifying: bool) -> None:
    find, verify = ([Finds()], [Raises()]) if verifying else ([Raises()], [Finds()])
    result = DetectObfuscateVerify(find, verify, "blur").anonymise(picture(1))
    assert result.state is State.REVIEW and "could not be checked" in result.reason and not result.pixels.any()


def test_without_weights_the_cascades_serve(settings: Settings) -> None:
    store = ModelStore(settings)
    assert default_policy(store) == Policy(faces="cascades", plates="cascade")


def test_a_policy_comes_back_from_json() -> None:
    policy = Policy(faces="cascades", method="solid")
    assert Policy.from_json(policy.to_json()) == policy
    with pytest.raises(LibraryCorruptError):
        Policy.from_json({"noses": True})


def test_missing_weights_are_an_error_not_a_weaker_detector(settings: Settings) -> None:
    with pytest.raises(ModelMissingError):
        build_anonymiser(Policy(faces="yunet"), ModelStore(settings))


def test_the_cascades_hide_a_real_face(settings: Settings, astronaut: Pixels) -> None:
    store = ModelStore(settings)
    anonymiser = copy.deepcopy(build_anonymiser(default_policy(store), store))
    result = anonymiser.anonymise(astronaut)
    assert result.state is State.ANONYMISED
    assert any(box.x < 225 < box.x + box.w and box.y < 110 < box.y + box.h for box in result.boxes)
    assert np.abs(result.pixels[80:140, 195:255].astype(int) - astronaut[80:140, 195:255]).mean() > 10
