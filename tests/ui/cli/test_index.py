from pathlib import Path

from tests.ui.cli.conftest import Done, photoveil


def test_index_reports_every_photo_once(indexed: tuple[Path, Done]) -> None:
    done = indexed[1]
    fields = done.json
    assert done.code == 0
    assert fields["found"] == 5 == sum(fields[s] for s in ("indexed", "skipped", "duplicate", "review", "failed"))
    assert (fields["indexed"], fields["failed"]) == (4, 1)
    assert [failure["photo"] for failure in fields["failures"]] == ["broken.jpg"]
    assert fields["failures"][0]["reason"]
    assert fields["seconds"] > 0
    assert "photos" in done.err


def test_a_second_run_does_nothing_and_says_so(library: Path, photos: Path) -> None:
    again = photoveil("index", photos, "--library", library, "--json").json
    assert (again["found"], again["skipped"], again["indexed"]) == (5, 5, 0)


def test_a_table_shows_counts_and_reasons(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "empty.png").touch()
    done = photoveil("index", tmp_path / "photos", "--library", tmp_path / "photos.library")
    assert done.code == 0
    assert "failed" in done.out and "empty.png" in done.out and "The file is empty" in done.out


def test_another_profile_than_the_librarys_is_refused(library: Path, photos: Path) -> None:
    done = photoveil("index", photos, "--library", library, "--profile", "resnet50")
    assert done.code == 2
    assert "made with 'starter'" in done.err


def test_a_folder_that_is_not_there_is_wrong_usage(library: Path, tmp_path: Path) -> None:
    done = photoveil("index", tmp_path / "nowhere", "--library", library, "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") <= 2 and "check the path" in done.err


def test_an_unknown_profile_makes_no_library(photos: Path, tmp_path: Path) -> None:
    done = photoveil("index", photos, "--library", tmp_path / "new", "--profile", "gold")
    assert done.code == 1 and "starter" in done.err
    assert not (tmp_path / "new").exists()


def test_without_paths_no_name_is_kept(photos: Path, tmp_path: Path) -> None:
    photoveil("index", photos, "--library", tmp_path / "secret", "--paths", "none")
    hits = photoveil("search", "a red ball", "--library", tmp_path / "secret", "--json").json["hits"]
    assert len(hits) == 4 and all(hit["path"] is None for hit in hits)
    assert not any(b"green.png" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
