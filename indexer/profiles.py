"""Profiles: which parts make one system. The words of a query end in the space of the profile's image encoder."""

from dataclasses import dataclass

from indexer.errors import UnknownModelError

IDENTITY = "identity"
"""The head of a profile whose text encoder ends in the image space itself."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Names of an image encoder, a text encoder and a head."""

    name: str
    image: str
    text: str
    head: str


PROFILES = {
    found.name: found
    for found in (
        Profile("starter", image="starter", text="starter", head="starter"),
        Profile("resnet50", image="resnet50", text="starter", head="resnet50"),
        Profile("resnet152", image="resnet152", text="starter", head="resnet152"),
        Profile("paper", image="resnet152", text="muse", head="paper"),
        Profile("laser", image="resnet152", text="laser1", head="laser"),
        Profile("laser2", image="resnet152", text="laser2", head="laser2"),
    )
}


def profile(name: str) -> Profile:
    """The profile of that name; `joint:MODEL` has pictures and words in one sentence-transformers model.

    Raises `UnknownModelError`.
    """
    family, _, model = name.partition(":")
    if family == "joint" and model:
        return Profile(name, image=name, text=f"sentence:{model}", head=IDENTITY)
    if name not in PROFILES:
        raise UnknownModelError(f"No profile is called '{name}': choose one of {', '.join(PROFILES)}, joint:MODEL.")
    return PROFILES[name]
