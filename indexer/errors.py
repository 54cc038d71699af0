"""Every error that photoveil raises on purpose. Each message says in one sentence what to do.

PhotoveilError
├── UsageError                 wrong arguments; exit code 2
│   ├── UnknownLanguageError   a language code that is none of the eleven
│   └── SpaceMismatchError     a head or encoder that ends in another image space
├── PhotoError                 one photo cannot be taken in; the run goes on
│   ├── DecodeError            truncated, a bomb, a foreign format, too slow …
│   └── DetectionError         a detector raised or could not tell: the photo goes to `review`
├── LibraryError               a library cannot do what was asked
│   ├── LibraryNotFoundError   no library at that place
│   ├── LibraryLockedError     another process writes to it
│   ├── LibraryCorruptError    a file is damaged and cannot be rebuilt
│   ├── LibraryVersionError    written by a newer photoveil
│   └── PhotoNotFoundError     no such photo in this library
├── ModelError                 weights cannot be used
│   ├── UnknownModelError      no model of that name
│   ├── ModelMissingError      weights are not on this machine
│   ├── ModelIntegrityError    size, sha256, shape or dtype is not what it must be
│   └── DownloadError          a pull failed
├── LeakError                  held-out data would enter a training
├── DataError                  a data set, caption or tag file is not what it should be
└── MissingExtraError          an optional group of packages is not installed
"""


class PhotoveilError(Exception):
    """Root of the tree: catch this to catch whatever photoveil raises on purpose."""

    exit_code = 1


class UsageError(PhotoveilError):
    """The arguments do not make sense; nothing was done."""

    exit_code = 2


class UnknownLanguageError(UsageError):
    """A language code that is none of the eleven."""


class SpaceMismatchError(UsageError):
    """A head, encoder or vector that belongs to another image space than the library."""


class PhotoError(PhotoveilError):
    """One photo cannot be taken in; it becomes a row with this reason and the run goes on."""


class DecodeError(PhotoError):
    """The file is not a picture that can be read within the limits."""


class DetectionError(PhotoError):
    """A detector raised or could not tell, so the photo must be held for review."""


class LibraryError(PhotoveilError):
    """A library cannot do what was asked."""


class LibraryNotFoundError(LibraryError):
    """There is no library at that place."""


class LibraryLockedError(LibraryError):
    """Another process holds the library's writer lock."""


class LibraryCorruptError(LibraryError):
    """A file of the library is damaged and cannot be rebuilt from what is left."""


class LibraryVersionError(LibraryError):
    """The library was written by a newer photoveil."""


class PhotoNotFoundError(LibraryError):
    """No photo of that id, path or content is in this library."""


class ModelError(PhotoveilError):
    """Weights cannot be used."""


class UnknownModelError(ModelError):
    """No model, encoder, head or profile of that name exists."""


class ModelMissingError(ModelError):
    """The weights are not on this machine."""


class ModelIntegrityError(ModelError):
    """Size, sha256, shape or dtype of the weights is not what it must be."""


class DownloadError(ModelError):
    """A model could not be downloaded."""


class LeakError(PhotoveilError):
    """Held-out or excluded data would enter a training."""


class DataError(PhotoveilError):
    """A data set, caption or tag file is not what it should be."""


class MissingExtraError(PhotoveilError):
    """An optional group of packages is not installed."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(
            f"{what} needs the optional group '{extra}': pip install 'photoveil[{extra}]' "
            f"(from a clone: pip install -e '.[{extra}]')."
        )
        self.extra = extra
