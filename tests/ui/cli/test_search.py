from pathlib import Path

import pytest

from tests.ui.cli.conftest import photoveil

FIELDS = {"rank", "photo", "path", "score", "state", "tags"}


def test_hits_are_as_the_contract_pins_them(library: Path) -> None:
    fields = photoveil("search", "a red ball", "--library", library, "--json", "--lang", "en").json
    hits = fields["hits"]
    assert (fields["query"], fields["language"]) == ("a red ball", "en")
    assert [hit["rank"] for hit in hits] == [1, 2, 3, 4]
    assert all(set(hit) == FIELDS and hit["photo"].isdecimal() and hit["tags"] == [] for hit in hits)
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert {hit["path"] for hit in hits} == {"red.png", "green.png", "below/blue.png", "below/grey.png"}


def test_a_photo_finds_itself(library: Path, photos: Path) -> None:
    hits = photoveil("search", "--like", photos / "red.png", "--library", library, "-k", 2, "--json").json["hits"]
    assert len(hits) == 2
    assert hits[0]["path"] == "red.png"


def test_a_photo_by_its_id_finds_others(library: Path) -> None:
    first = photoveil("search", "ball", "--library", library, "-k", 1, "--json").json["hits"][0]["photo"]
    hits = photoveil("search", "--like", first, "--library", library, "--json").json["hits"]
    assert len(hits) == 3 and first not in [hit["photo"] for hit in hits]


def test_words_and_photos_together(library: Path, photos: Path) -> None:
    done = photoveil("search", "ball", "--like", photos / "red.png", "--library", library, "--json")
    assert len(done.json["hits"]) == 4


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--folder", "below"], 2),
        (["--tag", "dog"], 0),
        (["--not-tag", "dog"], 4),
        (["--min-score", "1.01"], 0),
        (["--since", "2020-01-01"], 0),
        (["--state", "anonymised"], 0),
        (["--state", "clear"], 4),
    ],
)
def test_filters(library: Path, options: list[str], found: int) -> None:
    done = photoveil("search", "ball", "--library", library, "--json", *options)
    assert done.code == 0
    assert len(done.json["hits"]) == found


def test_jp_is_read_as_ja(library: Path) -> None:
    assert photoveil("search", "犬", "--lang", "jp", "--library", library, "--json").json["language"] == "ja"


def test_hits_as_a_table(library: Path) -> None:
    done = photoveil("search", "a red ball", "--library", library)
    assert done.code == 0 and "below/blue.png" in done.out and done.err == ""


def test_no_hit_is_said_and_is_no_failure(library: Path) -> None:
    done = photoveil("search", "ball", "--tag", "dog", "--library", library)
    assert (done.code, done.out) == (0, "") and "No photo" in done.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--library", "LIB"], 2),
        (["ball"], 2),
        (["ball", "--library", "LIB", "-k", "0"], 2),
        (["ball", "--library", "LIB", "--lang", "xx"], 2),
        (["ball", "--library", "LIB", "--since", "yesterday"], 2),
        (["ball", "--library", "nowhere"], 1),
        (["ball", "--library", "LIB", "--head", "unheard"], 1),
        (["--library", "LIB", "--like", "42"], 1),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_a_code(library: Path, arguments: list[str], code: int) -> None:
    done = photoveil("search", *(str(library) if word == "LIB" else word for word in arguments), "--json")
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("photoveil: ") and done.err.count("\n") == 1
