"""`photoveil search`: photos for words, for example photos, or for both."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ui.cli.options import Device, Head, Json, LibraryPath
from ui.cli.output import err, print_json, print_rows

if TYPE_CHECKING:
    from retrieval.engine import Hit, SearchResult

Text = Annotated[
    str | None, typer.Argument(help="What to look for, in any of the eleven languages.", show_default=False)
]
Like = Annotated[
    list[str] | None, typer.Option(help="An example: a photo's id or a file; may be repeated.", metavar="PHOTO")
]
Limit = Annotated[int, typer.Option("-k", "--limit", min=1, help="How many photos.")]
Tag = Annotated[list[str] | None, typer.Option(help="Only photos with this tag; may be repeated.")]
NotTag = Annotated[list[str] | None, typer.Option(help="No photo with this tag; may be repeated.")]
MinScore = Annotated[float | None, typer.Option(help="Only photos with at least this score.")]
Language = Annotated[
    str | None,
    typer.Option("--lang", help="Language of the words.", metavar="CODE", show_default="told from the words"),
]
Folder = Annotated[str | None, typer.Option(help="Only photos below this folder (as shown in the hits).")]
Since = Annotated[datetime | None, typer.Option(help="Taken on this day or later.", formats=["%Y-%m-%d"])]
Until = Annotated[datetime | None, typer.Option(help="Taken on this day or earlier.", formats=["%Y-%m-%d"])]
StateName = Annotated[Literal["clear", "anonymised"] | None, typer.Option(help="Only photos that ended this way.")]


def search(
    library: LibraryPath,
    text: Text = None,
    like: Like = None,
    limit: Limit = 10,
    tag: Tag = None,
    not_tag: NotTag = None,
    min_score: MinScore = None,
    language: Language = None,
    head: Head = None,
    folder: Folder = None,
    since: Since = None,
    until: Until = None,
    state: StateName = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Find photos by words, by example photos (--like), or by both together."""
    from indexer.library import Filter
    from indexer.stages import FINDABLE, State
    from retrieval.engine import Engine, Query

    filters = Filter(
        tags=tuple(tag or ()),
        not_tags=tuple(not_tag or ()),
        folder=folder,
        since=since,
        until=until + timedelta(days=1) if until else None,
        states=(State(state),) if state else FINDABLE,
    )
    examples = tuple(_example(one) for one in like or ())
    query = Query(text, examples, limit, filters, min_score, language, head)
    with Engine.open(library, device=device) as engine:
        result = engine.search(query)
    if as_json:
        print_json(
            {"query": result.query, "language": result.language, "hits": [hit_fields(hit) for hit in result.hits]}
        )
    else:
        print_hits(result)


def hit_fields(hit: "Hit") -> dict[str, object]:
    """One hit as CONTRACT pins it: the id as a decimal string, tags with the best first."""
    tags = sorted(hit.tags.items(), key=lambda item: (-item[1], item[0]))
    return {
        "rank": hit.rank,
        "photo": str(hit.photo),
        "path": hit.path,
        "score": hit.score,
        "state": str(hit.state),
        "tags": [{"name": name, "score": score} for name, score in tags],
    }


def print_hits(result: "SearchResult") -> None:
    """The hits as a table, or one sentence when there are none."""
    if not result.hits:
        err.print("No photo passes these filters.", highlight=False)
        return
    rows = [(hit.rank, hit.score, str(hit.photo), hit.path or "–", str(hit.state)) for hit in result.hits]
    print_rows(result.query or "Like these photos", ["rank", "score", "photo", "path", "state"], rows)


def _example(name: str) -> int | Path:
    return int(name) if name.isdecimal() and not Path(name).exists() else Path(name)
