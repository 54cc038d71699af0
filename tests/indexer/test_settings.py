import os
from pathlib import Path

import pytest

from indexer.devices import cpu_count, pick_device
from indexer.errors import UnknownModelError, UsageError
from indexer.profiles import PROFILES, profile
from indexer.settings import Settings


def test_folders_of_weights_are_separated_as_in_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOVEIL_MODELS", os.pathsep.join(["a", "b/c"]))
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/photos")
    settings = Settings()
    assert settings.models == (Path("a"), Path("b/c")) and settings.database_url == "postgresql://somewhere/photos"


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Settings().cache == tmp_path / "photoveil"


def test_the_gpu_is_taken_where_a_driver_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/bin/nvidia-smi")
    assert pick_device() == "cuda" and pick_device("cpu") == "cpu"
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert pick_device() == "cpu" and cpu_count() >= 1
    with pytest.raises(UsageError, match="no NVIDIA driver"):
        pick_device("cuda")
    with pytest.raises(UsageError, match="unknown"):
        pick_device("tpu")


def test_profiles_are_found_by_name() -> None:
    assert all(profile(name).name == name for name in PROFILES)
    joint = profile("joint:some/model")
    assert (joint.image, joint.text, joint.head) == ("joint:some/model", "sentence:some/model", "identity")
    for unknown in ("no-such-profile", "joint:", "joint"):
        with pytest.raises(UnknownModelError, match="starter, resnet50"):
            profile(unknown)
