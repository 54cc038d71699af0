import hashlib
from pathlib import Path

from tests.ui.cli.conftest import photoveil


def _cache(tmp_path: Path) -> dict[str, str]:
    return {"PHOTOVEIL_CACHE": str(tmp_path / "cache"), "PHOTOVEIL_MODELS": ""}


def test_list_tells_what_is_here_and_what_is_not(tmp_path: Path) -> None:
    models = {one["name"]: one for one in photoveil("models", "list", "--json", **_cache(tmp_path)).json["models"]}
    assert models["starter-text"]["here"] and models["starter-image"]["here"]
    assert not models["resnet152"]["here"]
    assert models["resnet152"]["url"] and models["resnet152"]["licence"]
    assert "resnet152" in photoveil("models", "list", **_cache(tmp_path)).out


def test_our_own_weights_verify(tmp_path: Path) -> None:
    done = photoveil("models", "verify", "--json", **_cache(tmp_path))
    assert done.code == 0
    assert done.json["ok"] and done.json["models"]["starter-text"] is True


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "foreign.pth").write_bytes(b"anything")
    done = photoveil("models", "import", tmp_path / "foreign.pth", "--json", **_cache(tmp_path))
    assert (done.code, done.out) == (1, "") and done.err.count("\n") == 1


def test_a_wrong_file_of_the_right_name_is_refused_and_not_kept(tmp_path: Path) -> None:
    file = tmp_path / "resnet152-394f9c45.pth"
    file.write_bytes(b"not these weights")
    assert not hashlib.sha256(file.read_bytes()).hexdigest().startswith("394f9c45")
    assert photoveil("models", "import", file, **_cache(tmp_path)).code == 1
    assert not list((tmp_path / "cache" / "models").glob("resnet152*"))


def test_unknown_names_and_missing_files_are_told(tmp_path: Path) -> None:
    assert photoveil("models", "pull", "gold", **_cache(tmp_path)).code == 1
    assert photoveil("models", "import", tmp_path / "nowhere.pth", **_cache(tmp_path)).code == 2
