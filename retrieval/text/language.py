"""The language of a question: its script tells four of the eleven, a language identifier the other seven.

The identifier is py3langid (Lui and Baldwin 2012, "langid.py"), an optional package; a language can always be given
instead.
"""

import re
from functools import cache
from typing import Any

from indexer.errors import UnknownLanguageError

LANGUAGES = ("en", "de", "fr", "it", "es", "ru", "ja", "zh", "pl", "tr", "ko")
ALIASES = {"jp": "ja"}
LATIN = ("en", "de", "fr", "it", "es", "pl", "tr")
LEAST_PROBABILITY = 0.5
"""Below it a guess of the identifier says nothing: one or two words can be of many languages."""

# Kana comes before Han: Japanese is written with both, Chinese with Han alone.
SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]")),
    ("ja", re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")),
    ("zh", re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)


def language_of(text: str) -> str | None:
    """The code of the language, or None for Latin script, which seven of the eleven share."""
    return next((code for code, script in SCRIPTS if script.search(text)), None)


def detect_language(text: str) -> str | None:
    """The code of the language by script, else by py3langid among the seven in Latin script.

    None where that package is not installed and where it cannot tell.
    """
    if code := language_of(text):
        return code
    identifier = _identifier()
    guess, probability = identifier.classify(text) if identifier else (None, 0.0)
    return str(guess) if probability >= LEAST_PROBABILITY else None


@cache
def _identifier() -> Any:
    try:
        from py3langid import langid
    except ImportError:
        return None
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(LATIN)
    return identifier


def parse_language(code: str) -> str:
    """One of the eleven codes (`jp` is read as `ja`). Raises `UnknownLanguageError` for any other."""
    code = ALIASES.get(code.lower(), code.lower())
    if code not in LANGUAGES:
        raise UnknownLanguageError(
            f"The language '{code}' is none of photoveil's eleven: choose one of {', '.join(LANGUAGES)}."
        )
    return code
