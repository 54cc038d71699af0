"""The language of a question, where its script alone tells it; a language can always be given instead."""

import re

from indexer.errors import UnknownLanguageError

LANGUAGES = ("en", "de", "fr", "it", "es", "ru", "ja", "zh", "pl", "tr", "ko")
ALIASES = {"jp": "ja"}

# Kana comes before Han: Japanese is written with both, Chinese with Han alone.
SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]")),
    ("ja", re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")),
    ("zh", re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)


def language_of(text: str) -> str | None:
    """The code of the language, or None for Latin script: seven of the eleven share it, and a guess would be one."""
    return next((code for code, script in SCRIPTS if script.search(text)), None)


def parse_language(code: str) -> str:
    """One of the eleven codes (`jp` is read as `ja`). Raises `UnknownLanguageError` for any other."""
    code = ALIASES.get(code.lower(), code.lower())
    if code not in LANGUAGES:
        raise UnknownLanguageError(
            f"The language '{code}' is none of photoveil's eleven: choose one of {', '.join(LANGUAGES)}."
        )
    return code
