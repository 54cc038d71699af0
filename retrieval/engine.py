"""The Engine: all that `ui` and `eval` hold of photoveil. One library, its profile, and questions to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from indexer import anonymise, embed, pipeline, prepare
from indexer.devices import pick_device
from indexer.errors import DetectionError, PhotoError, PhotoNotFoundError, SpaceMismatchError, UsageError
from indexer.library import Filter, Library, Problem, Receipt, Scored, Stats
from indexer.manifest import Paths
from indexer.modelstore import ModelStore
from indexer.profiles import IDENTITY, Profile, profile
from indexer.settings import Settings, get_settings
from indexer.stages import Anonymiser, ImageEncoder, State, Vectors
from retrieval.export import export
from retrieval.head import Head, full_name, load_head
from retrieval.identity import identity_head
from retrieval.text import TextEncoder, load_text_encoder
from retrieval.text.language import detect_language, parse_language


@dataclass(frozen=True, slots=True)
class Query:
    """A question: words, example photos (ids in the library, or files anywhere), or both together."""

    text: str | None = None
    like: tuple[int | Path, ...] = ()
    k: int = 10
    filters: Filter = field(default_factory=Filter)
    min_score: float | None = None
    language: str | None = None
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer. `score` is the head's metric, higher is better: a cosine, or minus the squared distance."""

    rank: int
    photo: int
    path: str | None
    score: float
    state: State
    tags: dict[str, float]
    thumbnail: Path | None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answers, best first, and the language the question was taken to be in (None: could not be told)."""

    query: str | None
    language: str | None
    hits: list[Hit]


class Engine:
    """A library with the encoders, the head and the anonymiser of its profile, each loaded when first needed."""

    def __init__(self, library: Library, settings: Settings, device: str | None = None) -> None:
        self.library = library
        self.store = ModelStore(settings)
        self.settings = settings
        self.profile: Profile = profile(library.manifest.profile)
        self._device = device
        self._heads: dict[str, Head] = {}

    @classmethod
    def open(cls, path: Path, *, writable: bool = False, device: str | None = None) -> Self:
        """Open an existing library. Raises `LibraryNotFoundError`, `LibraryLockedError` when `writable`."""
        settings = get_settings()
        return cls(Library.open(path, writable=writable, database_url=settings.database_url), settings, device)

    @classmethod
    def create(cls, path: Path, profile_name: str, *, paths: Paths = "relative", device: str | None = None) -> Self:
        """Make an empty library for a profile, with the best detectors that this machine has weights for."""
        settings = get_settings()
        store = ModelStore(settings)
        encoder = embed.load_encoder(profile(profile_name).image, store, pick_device(device))
        library = Library.create(
            path,
            space=encoder.space,
            profile=profile_name,
            policy=anonymise.default_policy(store).to_json(),
            paths=paths,
            database_url=settings.database_url,
        )
        return cls(library, settings, device)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the writer lock and the catalog connection back."""
        self.library.close()

    @cached_property
    def encoder(self) -> ImageEncoder:
        """The profile's image encoder. Raises `SpaceMismatchError` when it ends in another space than the library."""
        encoder = embed.load_encoder(self.profile.image, self.store, pick_device(self._device))
        if encoder.space != self.library.manifest.space:
            raise SpaceMismatchError(
                f"The library rests in {self.library.manifest.space.identity}, the profile's encoder ends in "
                f"{encoder.space.identity}: index into a new library, or bring back the weights it was made with."
            )
        return encoder

    @cached_property
    def anonymiser(self) -> Anonymiser:
        """The anonymiser that the library's policy names."""
        policy = anonymise.Policy.from_json(self.library.manifest.policy)
        return anonymise.build_anonymiser(policy, self.store)

    @cached_property
    def text_encoder(self) -> TextEncoder:
        """The profile's text encoder."""
        return load_text_encoder(self.profile.text, self.store, pick_device(self._device))

    def head(self, name: str | None = None) -> Head:
        """The named head, or the profile's. Raises `SpaceMismatchError` when it belongs to other encoders."""
        name = full_name(name, self.profile.head, self.store)
        head = self._head_of_space(name)
        if head.text != self.text_encoder.identity:
            raise SpaceMismatchError(
                f"The head '{name}' was trained on {head.text}, the profile's text encoder is "
                f"{self.text_encoder.identity}: choose a head trained on it."
            )
        return head

    def _head_of_space(self, name: str) -> Head:
        """The head of that name; the text encoder, which may be large, is not needed to know that it fits the photos.

        `identity` is that of a profile whose words end in the photos' space themselves.
        """
        space = self.library.manifest.space
        if name not in self._heads:
            joint = name == self.profile.head == IDENTITY
            self._heads[name] = (
                identity_head(space, self.text_encoder.identity) if joint else load_head(name, self.store)
            )
        head = self._heads[name]
        if head.space != space.identity:
            raise SpaceMismatchError(
                f"The head '{name}' ends in {head.space}, this library rests in {space.identity}: "
                "choose a head trained for it."
            )
        return head

    def ingest(
        self, sources: Sequence[Path], on_progress: Callable[[pipeline.Progress], None] | None = None
    ) -> pipeline.IngestReport:
        """Take photos in: find, anonymise, embed, commit; then publish the index that the profile's head reads.

        Idempotent and resumable: what is known is skipped. A photo counted as indexed survives a crash.
        """
        report = pipeline.ingest(
            sources,
            self.library,
            lambda: self.anonymiser,
            lambda: self.encoder,
            self._limits,
            workers=self.settings.workers,
            on_progress=on_progress,
        )
        name = self.profile.head
        if report.indexed and (name == IDENTITY or self.store.knows(f"head-{name}")):
            self.library.publish(self._head_of_space(name).view)
        return report

    def search(self, query: Query) -> SearchResult:
        """The k best photos for a question; k hits whenever k photos pass the filters (and `min_score`)."""
        if query.text is None and not query.like:
            raise UsageError("Ask with words, with --like PHOTO, or with both: there is nothing to look for.")
        head = self.head(query.head)
        language = _language(query)
        allowed = np.setdiff1d(self.library.select(query.filters), [p for p in query.like if isinstance(p, int)])
        scored = self.library.search(self._point(query, head, language)[None], query.k, head.view, allowed)[0]
        kept = [hit for hit in scored if query.min_score is None or hit.score >= query.min_score]
        return SearchResult(query.text, language, self._hits(kept))

    def stats(self) -> Stats:
        """How much the library holds."""
        return self.library.stats()

    def verify(self) -> list[Problem]:
        """Read every byte of the library and list what is wrong."""
        return self.library.verify()

    def compact(self) -> None:
        """Give the space of what is gone back."""
        self.library.compact()

    def erase(self, photos: Sequence[int] = (), *, path: str | None = None, tag: str | None = None) -> Receipt:
        """Erase photos by id, by a glob over their paths, or by a tag; in whatever state they are.

        Raises `UsageError` when nothing is named and `PhotoNotFoundError` when nothing fits.
        """
        if not photos and path is None and tag is None:
            raise UsageError("Name what to erase: ids of photos, --path GLOB or --tag TAG.")
        ids = set(photos)
        if path is not None or tag is not None:
            wanted = Filter(tags=(tag,) if tag else (), path_glob=path, states=None)
            ids |= set(self.library.select(wanted).tolist())
        if not ids:
            raise PhotoNotFoundError("No photo of this library fits: check the pattern or the tag.")
        return self.library.erase(sorted(ids))

    def export(self, folder: Path) -> dict[str, Any]:
        """Write Parquet + NPY + manifest into an empty folder; returns the manifest."""
        return export(self.library, folder)

    @property
    def _limits(self) -> prepare.Limits:
        return prepare.Limits(self.settings.max_pixels, self.settings.decode_seconds)

    def _point(self, query: Query, head: Head, language: str | None) -> Vectors:
        """The question as one point in the head's view, float32 [dim]: the mean of its words and its photos."""
        points: list[Vectors] = []
        if query.text is not None:
            sentence = self.text_encoder.encode([query.text], language)
            points.append(head.view.prepare_queries(head.project(sentence)))
        if query.like:
            points.append(head.view.prepare(self._photo_vectors(query.like)).mean(axis=0, keepdims=True))
        return np.asarray(np.concatenate(points).mean(axis=0), np.float32)

    def _photo_vectors(self, photos: Sequence[int | Path]) -> Vectors:
        return np.stack([self._stored(photo) if isinstance(photo, int) else self._encoded(photo) for photo in photos])

    def _stored(self, photo_id: int) -> Vectors:
        vector: Vectors = self.library.vectors([photo_id])[1][0]
        return vector

    def _encoded(self, path: Path) -> Vectors:
        """An example photo goes the way in, but nothing of it is kept."""
        prepared = prepare.prepare(path, self.anonymiser, self.encoder.preprocess, self._limits)
        if prepared.state is State.FAILED:
            raise PhotoError(f"The example photo cannot be used: {prepared.reason}")
        if prepared.model_input is None:
            raise DetectionError(
                f"The example photo cannot be anonymised safely, so it was not used: {prepared.reason}"
            )
        vector: Vectors = self.encoder.encode(prepared.model_input[None])[0]
        return vector

    def _hits(self, scored: Sequence[Scored]) -> list[Hit]:
        photos = self.library.photos([hit.photo_id for hit in scored])
        return [
            Hit(rank, photo.id, photo.path, hit.score, photo.state, dict(photo.tags), photo.thumbnail)
            for rank, (hit, photo) in enumerate(zip(scored, photos, strict=True), start=1)
        ]


def _language(query: Query) -> str | None:
    if query.language:
        return parse_language(query.language)
    return detect_language(query.text) if query.text else None
