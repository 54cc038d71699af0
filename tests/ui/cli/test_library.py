import json
import shutil
from pathlib import Path

import pytest

from tests.ui.cli.conftest import photoveil


@pytest.fixture
def own(library: Path, tmp_path: Path) -> Path:
    """A copy of the library that a test may change."""
    return Path(shutil.copytree(library, tmp_path / "own.library"))


def test_stats_count_what_is_there(library: Path) -> None:
    fields = photoveil("stats", "--library", library, "--json").json
    assert (fields["photos"], fields["vectors"]) == (5, 4)
    assert fields["states"] == {"clear": 4, "failed": 1}


def test_a_sound_library_verifies(library: Path) -> None:
    done = photoveil("verify", "--library", library, "--json")
    assert done.code == 0
    assert {name: done.json[name] for name in ("ok", "photos", "vectors", "problems")} == {
        "ok": True,
        "photos": 5,
        "vectors": 4,
        "problems": [],
    }
    assert "generation" in done.json


def test_a_damaged_library_does_not(own: Path) -> None:
    segment = max((own / "segments").rglob("*"), key=lambda file: file.stat().st_size if file.is_file() else 0)
    damaged = bytearray(segment.read_bytes())
    damaged[-1] ^= 1
    segment.write_bytes(damaged)
    done = photoveil("verify", "--library", own, "--json")
    assert done.code == 1
    assert done.json["ok"] is False
    assert all(set(problem) == {"kind", "what"} for problem in done.json["problems"]) and done.json["problems"]


def test_erase_by_path_and_what_is_left(own: Path) -> None:
    done = photoveil("erase", "--library", own, "--path", "below/*", "--json")
    assert done.json["erased"] == 2 and done.json["receipt"]
    hits = photoveil("search", "ball", "--library", own, "--json").json["hits"]
    assert {hit["path"] for hit in hits} == {"red.png", "green.png"}


def test_erase_by_id(own: Path) -> None:
    first = photoveil("search", "ball", "--library", own, "-k", 1, "--json").json["hits"][0]["photo"]
    assert photoveil("erase", first, "--library", own, "--json").json["erased"] == 1
    assert photoveil("stats", "--library", own, "--json").json["photos"] == 4


@pytest.mark.parametrize(("words", "code"), [([], 2), (["12"], 1), (["--path", "no/*"], 1), (["--tag", "dog"], 1)])
def test_erase_says_what_it_cannot_do(own: Path, words: list[str], code: int) -> None:
    done = photoveil("erase", *words, "--library", own, "--json")
    assert (done.code, done.out) == (code, "")
    assert done.err.count("\n") == 1


def test_compact_keeps_every_photo(own: Path) -> None:
    photoveil("erase", "--library", own, "--path", "red.png")
    assert photoveil("compact", "--library", own, "--json").json["bytes_after"] > 0
    assert photoveil("verify", "--library", own, "--json").json["vectors"] == 3


def test_export_writes_the_three_files(library: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the optional group 'export' writes Parquet")
    fields = photoveil("export", tmp_path / "out", "--library", library, "--json").json
    assert fields["photos"] == 4
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"vectors.npy", "photos.parquet", "manifest.json"}
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["photos"] == 4


@pytest.mark.parametrize("command", ["stats", "verify", "compact"])
def test_a_library_that_is_not_there_is_exit_1(command: str, tmp_path: Path) -> None:
    done = photoveil(command, "--library", tmp_path / "nowhere", "--json")
    assert (done.code, done.out) == (1, "")
    assert "no library" in done.err


@pytest.mark.parametrize("command", ["stats", "verify", "compact"])
def test_without_json_people_read_it(own: Path, command: str) -> None:
    done = photoveil(command, "--library", own)
    assert done.code == 0
    assert done.out or done.err
