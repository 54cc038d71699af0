import pytest

from ui.demo.questions import LANGUAGES, PEOPLE, PHOTOGRAPHER


@pytest.mark.parametrize("question", [PHOTOGRAPHER, PEOPLE])
def test_a_question_exists_once_in_every_language(question: dict[str, str]) -> None:
    assert list(question) == list(LANGUAGES) == ["en", "de", "fr", "it", "es", "ru", "ja", "zh", "pl", "tr", "ko"]
    assert len(set(question.values())) == 11
