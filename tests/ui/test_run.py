"""The start script, on a machine where python and pip only write down what they were asked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PYTHON = """#!/usr/bin/env bash
case "$*" in
  "-c "*) ;;
  *"-m venv"*)
    bin=${!#}/bin
    mkdir -p "$bin"
    cp "$0" "$bin/python"
    printf '#!/bin/sh\\n' > "$bin/pip"
    printf '#!/bin/sh\\necho "ran: $*"; echo "starter: $PHOTOVEIL_RUN" >&2; exit 7\\n' > "$bin/photoveil"
    chmod +x "$bin"/* ;;
  *"pip config list"*) echo "$FAKE_PIP_CONFIG" ;;
  *"pip "*) echo "noise on stdout"; echo "$*" >> "$FAKE_LOG"; exit "${FAKE_PIP_EXIT:-0}" ;;
  *) echo "$*" >> "$FAKE_LOG" ;;
esac
"""


class Clone:
    """A clone in which the real script runs with stand-ins for python and pip."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        (folder / "bin").mkdir(parents=True)
        for name in ("run", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder / name)
        (folder / "bin" / "python3").write_text(PYTHON)
        (folder / "bin" / "python3").chmod(0o755)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "FAKE_LOG": str(self.log), "FAKE_PIP_CONFIG": ""}
        env |= environment
        return subprocess.run(
            [self.folder / "run", *arguments], env=env, cwd="/", capture_output=True, text=True, timeout=30, check=False
        )

    def installed(self) -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


@pytest.mark.parametrize("script", ["run", ".ci/run"])
def test_the_scripts_are_executable_and_parse(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["bash", "-n", ROOT / script], check=True)


def test_the_first_start_sets_up_and_hands_over(clone: Clone) -> None:
    done = clone.run("search", "a dog")
    assert done.returncode == 7
    assert done.stdout == "ran: search a dog\n"
    assert f"starter: {clone.folder / 'run'}" in done.stderr
    [install] = clone.installed()
    assert f"--editable {clone.folder}[cpu]" in install or f"--editable {clone.folder}[gpu]" in install
    assert "--constraint" in install


def test_a_second_start_installs_nothing(clone: Clone) -> None:
    clone.run("stats")
    clone.installed()
    again = clone.run("stats")
    assert clone.installed() == []
    assert again.stderr == f"starter: {clone.folder / 'run'}\n"


def test_another_list_of_packages_is_installed_anew(clone: Clone) -> None:
    clone.run("stats")
    clone.installed()
    with (clone.folder / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    clone.run("stats")
    assert len(clone.installed()) == 1


def test_a_failed_set_up_is_tried_again(clone: Clone) -> None:
    assert clone.run("stats", FAKE_PIP_EXIT="1").returncode == 1
    clone.installed()
    assert clone.run("stats").returncode == 7
    assert len(clone.installed()) == 1


def test_setup_installs_groups_once(clone: Clone) -> None:
    assert clone.run("setup", "torch", "report").stdout == ""
    assert f"{clone.folder}[torch,report]" in clone.installed()[-1]
    clone.run("setup", "torch")
    assert clone.installed() == []


def test_the_demo_group_takes_pictures_out_of_wheels(clone: Clone) -> None:
    clone.run("setup", "demo")
    _, download, unpack = clone.installed()
    assert "pip" in download and "download" in download and "--no-deps" in download
    assert unpack.startswith("-m ui.demo.photos ")
    assert not Path(unpack.split()[-1]).exists()


@pytest.mark.parametrize(
    ("group", "pip_config", "other_index"),
    [("torch", "", True), ("torch", "global.find-links='somewhere'", False), ("report", "", False)],
)
def test_torch_comes_from_the_cpu_index_unless_pip_has_its_own_source(
    clone: Clone, group: str, pip_config: str, other_index: bool
) -> None:
    if shutil.which("nvidia-smi", path="/usr/bin:/bin") or os.uname().sysname != "Linux":
        pytest.skip("only a Linux machine without a GPU needs another source for torch")
    clone.run("setup", group, FAKE_PIP_CONFIG=pip_config)
    assert ("--extra-index-url" in clone.installed()[-1]) is other_index


def test_a_machine_without_python_is_told_what_to_install(clone: Clone) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        (clone.folder / "bin" / name).write_text("#!/bin/sh\nexit 1\n")
        (clone.folder / "bin" / name).chmod(0o755)
    done = clone.run("stats")
    assert done.returncode == 1
    assert "install Python 3.11" in done.stderr
    assert not (clone.folder / ".venv").exists()
