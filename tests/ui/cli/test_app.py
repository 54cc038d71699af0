import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from tests.ui.cli.conftest import draw_photos, in_a_process, photoveil

COMMANDS = (
    "demo",
    "index",
    "search",
    "anonymize",
    "stats",
    "verify",
    "compact",
    "erase",
    "export",
    "models list",
    "models pull",
    "models import",
    "models verify",
    "train text-encoder",
    "train head",
    "train image-encoder",
    "eval captions",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_json(command: str) -> None:
    done = photoveil(*command.split(), "--help")
    assert done.code == 0
    assert f"Example:  photoveil {command}" in done.out
    assert "--json" in done.out


def test_the_help_names_all_commands() -> None:
    done = photoveil("--help")
    assert done.code == 0
    assert all(command.split()[0] in done.out for command in COMMANDS)


def test_without_a_command_the_help_is_shown() -> None:
    assert in_a_process().out.strip() == in_a_process("--help").out.strip()


@pytest.mark.parametrize("words", [["fly"], ["models", "fly"], ["stats", "--fly"], ["stats"], ["models"]])
def test_wrong_usage_is_one_sentence_and_exit_2(words: list[str]) -> None:
    done = photoveil(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1 and "--help" in done.err


def test_the_help_loads_nothing_heavy() -> None:
    script = "import sys, ui.cli.app; print([name for name in sys.argv[1:] if name in sys.modules])"
    heavy = ["numpy", "PIL", "cv2", "faiss", "onnxruntime", "sqlalchemy", "pydantic_settings", "torch", "tensorflow"]
    done = subprocess.run([sys.executable, "-c", script, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    words = {"COMP_WORDS": "photoveil se", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "photoveil se"}
    words["_TYPER_COMPLETE_FISH_ACTION"] = "get-args"
    done = in_a_process(**words, _PHOTOVEIL_COMPLETE=f"complete_{shell}")
    assert "search" in done.out


def test_ctrl_c_is_exit_130_and_one_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("interrupted")
    photos = draw_photos(folder / "photos")
    for number in range(300):
        Image.new("RGB", (96, 96), (number % 256, number // 2, 90)).save(photos / f"{number}.png")
    words = ["index", str(photos), "--library", str(folder / "photos.library"), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not any((folder / "photos.library").glob("segments/*/*.seg")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)  # the first batch is in, nine are still to come
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.count("photoveil: ") == 1 and "Traceback" not in err
