"""The parts that a library's folder consists of, opened together."""

from dataclasses import dataclass
from pathlib import Path

from indexer.catalog import Catalog
from indexer.catalog.census import Census, take_census
from indexer.generations import Generations
from indexer.manifest import Manifest
from indexer.segments import Segments
from indexer.thumbs import Thumbs

CATALOG = "catalog.db"
LOCK = "writer.lock"


@dataclass(frozen=True)
class Parts:
    """Handles on everything in a library's folder."""

    path: Path
    manifest: Manifest
    catalog: Catalog
    segments: Segments
    thumbs: Thumbs
    generations: Generations

    @classmethod
    def at(cls, path: Path, manifest: Manifest, catalog: Catalog) -> "Parts":
        """The parts of the library at `path`; touches no file."""
        segments = Segments(path, manifest.space, manifest.library_id)
        return cls(path, manifest, catalog, segments, Thumbs(path), Generations(path, manifest.space.identity))

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders of the library, parents first."""
        inner = (self.segments.folder.parent, self.segments.folder, self.thumbs.folder, self.generations.folder)
        return (self.path, *inner)

    def census(self, known: Census | None = None) -> Census:
        """The catalog as of now."""
        with self.catalog.reading() as connection:
            return take_census(connection, self.manifest.library_id, known)
