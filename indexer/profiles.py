"""Profiles: which parts make one system. The words of a query end in the space of the profile's image encoder."""

from dataclasses import dataclass

from indexer.errors import UnknownModelError


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
    )
}


def profile(name: str) -> Profile:
    """The profile of that name. Raises `UnknownModelError`."""
    if name not in PROFILES:
        raise UnknownModelError(f"No profile is called '{name}': choose one of {', '.join(PROFILES)}.")
    return PROFILES[name]
