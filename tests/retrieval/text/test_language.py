import pytest

from indexer.errors import UnknownLanguageError
from retrieval.text.language import detect_language, language_of, parse_language


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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a man is skiing down a mountain", "en"),
        ("ein Hund läuft am Strand", "de"),
        ("un chien sur la plage", "fr"),
        ("un cane sulla spiaggia", "it"),
        ("un perro en la playa", "es"),
        ("pies na plaży", "pl"),
        ("plajda bir köpek", "tr"),
        ("собака", "ru"),
        ("浜辺の犬", "ja"),
        ("123", None),
    ],
)
def test_the_identifier_tells_languages_in_latin_script(text: str, code: str | None) -> None:
    pytest.importorskip("py3langid", reason="the lang group brings the identifier")
    assert detect_language(text) == code


def test_without_the_identifier_only_the_script_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.text.language._identifier", lambda: None)
    assert detect_language("un chien sur la plage") is None and detect_language("해변의 개") == "ko"
