"""The photographs of the demo: free pictures that ship inside the wheels of scikit-image and scikit-learn.

Neither package is imported, and neither needs to be installed: `python -m ui.demo.photos WHEELS` takes the pictures
out of downloaded wheels (a zip file each), which is what the `run` script does to keep the set-up small.
"""

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

from indexer.errors import MissingExtraError

UNPACKED = Path(sys.prefix) / "share" / "photoveil" / "demo"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture inside a package: its place there, what the demo calls it, and whom to thank."""

    place: str
    name: str
    credit: str


PHOTOS = (
    Photo("skimage/data/astronaut.png", "astronaut.png", "NASA, public domain"),
    Photo("skimage/data/camera.png", "photographer.png", "Lav Varshney, CC0"),
    Photo("skimage/data/chelsea.png", "cat.png", "Stefan van der Walt, CC0"),
    Photo("skimage/data/coffee.png", "coffee.png", "Rachel Michetti, CC0"),
    Photo("skimage/data/rocket.jpg", "rocket.jpg", "SpaceX, public domain"),
    Photo("sklearn/datasets/images/china.jpg", "temple.jpg", "danielbuechele, CC BY 2.0"),
    Photo("sklearn/datasets/images/flower.jpg", "flower.jpg", "vultilion, CC BY 2.0"),
    Photo("skimage/data/clock_motion.png", "clock.png", "Stefan van der Walt, public domain"),
    Photo("skimage/data/coins.png", "coins.png", "Brooklyn Museum, no known restrictions"),
    Photo("skimage/data/hubble_deep_field.jpg", "galaxies.jpg", "NASA, public domain"),
)


def copy_photos(folder: Path) -> list[Path]:
    """Copies the demo's photographs to `folder` and returns their new places.

    Raises `MissingExtraError` when this machine does not have them.
    """
    found = [(photo, place) for photo in PHOTOS if (place := _place(photo)).is_file()]
    if not found:
        raise MissingExtraError("demo", "The demo without a folder of your own photos")
    folder.mkdir(parents=True, exist_ok=True)
    for photo, place in found:
        (folder / photo.name).write_bytes(place.read_bytes())
    return [folder / photo.name for photo, _ in found]


def unpack(wheels: Path, folder: Path = UNPACKED) -> None:
    """Takes the photographs out of the wheels that lie in `wheels`."""
    for wheel in sorted(wheels.glob("*.whl")):
        with ZipFile(wheel) as archive:
            for member in {photo.place for photo in PHOTOS}.intersection(archive.namelist()):
                archive.extract(member, folder)


def _place(photo: Photo) -> Path:
    unpacked = UNPACKED / photo.place
    if unpacked.is_file():
        return unpacked
    package, _, rest = photo.place.partition("/")
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) / rest if folders else unpacked


if __name__ == "__main__":
    unpack(Path(sys.argv[1]))
