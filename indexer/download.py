"""A resumable download."""

import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from indexer.errors import DownloadError

CHUNK = 1 << 20
TIMEOUT_SECONDS = 30.0


def download(
    url: str, part: Path, size: int | None = None, on_progress: Callable[[int, int | None], None] | None = None
) -> None:
    """Fetch `url` into `part`, going on where an earlier try ended; `on_progress` gets bytes so far and in all.

    Raises `DownloadError`; what has arrived stays, so that the next try goes on from there.
    """
    have = part.stat().st_size if part.exists() else 0
    if size is not None and have == size:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            have = have if response.status == HTTPStatus.PARTIAL_CONTENT else 0
            total = have + int(response.headers["Content-Length"]) if response.headers["Content-Length"] else size
            with part.open("ab" if have else "wb") as file:
                while chunk := response.read(CHUNK):
                    file.write(chunk)
                    have += len(chunk)
                    if on_progress:
                        on_progress(have, total)
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and size is None:
            return  # all of it is here already
        raise DownloadError(
            f"The server answered {error.code}: try again later, or import the file by hand."
        ) from error
    except (OSError, ValueError) as error:
        raise DownloadError(
            "The download broke off: check the connection and run the command again, it goes on from there."
        ) from error
    if total is not None and have < total:
        raise DownloadError(
            "The download broke off: check the connection and run the command again, it goes on from there."
        )
