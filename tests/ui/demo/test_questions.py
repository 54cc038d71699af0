import pytest

from ui.demo.questions import BUILDING, LANGUAGES, PEOPLE


@pytest.mark.parametrize("question", [BUILDING, PEOPLE])
def test_a_question_exists_once_in_every_language(question: dict[str, str]) -> None:
    assert list(question) == list(LANGUAGES) == ["en", "de", "fr", "it", "es", "ru", "ja", "zh", "pl", "tr", "ko"]
    assert len(set(question.values())) == 11
