import pytest

from indexer.errors import UnknownLanguageError
from retrieval.text.language import language_of, parse_language


@pytest.mark.parametrize(
    ("text", "code"),
    [("해변의 개", "ko"), ("浜辺の犬", "ja"), ("海滩上的狗", "zh"), ("собака", "ru"), ("a dog", None), ("", None)],
)
def test_a_script_of_its_own_tells_the_language(text: str, code: str | None) -> None:
    assert language_of(text) == code


def test_codes_are_checked() -> None:
    assert parse_language("JP") == "ja" and parse_language("de") == "de"
    with pytest.raises(UnknownLanguageError, match="en, de"):
        parse_language("cs")
