import os
from pathlib import Path

import pytest
import typer

from indexer.errors import LibraryNotFoundError, MissingExtraError, UsageError
from ui.cli import extras
from ui.cli.exits import run


def _app(error: BaseException | None, code: int = 0) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def command(number: int = 0) -> None:
        if error is not None:
            raise error
        raise typer.Exit(code)

    return app


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LibraryNotFoundError("No library there: make one with photoveil index."), 1),
        (UsageError("Name a photo."), 2),
        (MissingExtraError("torch", "Training"), 1),
        (PermissionError(13, "Permission denied"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_error_is_one_sentence_on_stderr(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(_app(error), []) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("photoveil: ")
    assert printed.err.count("\n") == 1 and printed.err.rstrip()[-1] in ".;)"


@pytest.mark.parametrize("code", [0, 1])
def test_the_commands_own_code_is_kept(code: int) -> None:
    assert run(_app(None, code), []) == code


def test_wrong_usage_is_one_sentence_that_names_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(_app(None), ["--number", "many"]) == 2
    printed = capsys.readouterr().err
    assert "--number" in printed and "--help" in printed and printed.count("\n") == 1


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(_app(ZeroDivisionError()), [])


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A start script that writes down how it was called, and `os.execv` made to do the same."""
    script = tmp_path / "run"
    script.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\necho noise\n')
    script.chmod(0o755)
    monkeypatch.setenv(extras.STARTER, str(script))
    monkeypatch.setenv(extras.TRIED, "")
    monkeypatch.setattr(os, "execv", lambda program, words: (tmp_path / "restarted").write_text(" ".join(words[1:])))
    monkeypatch.setattr("sys.argv", ["photoveil", "train", "head"])
    return tmp_path


def test_the_start_script_installs_the_group_and_starts_again(starter: Path, capfd: pytest.CaptureFixture[str]) -> None:
    extras.install_and_restart("torch", "Training needs the optional group 'torch': pip install …")
    assert (starter / "calls").read_text() == "setup torch\n"
    assert (starter / "restarted").read_text() == "train head"
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "needs the optional group 'torch': installing it now." in printed.err


def test_a_group_is_installed_once_at_most(starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(extras.TRIED, "report torch")
    extras.install_and_restart("torch", "Training needs the optional group 'torch': pip install …")
    assert not (starter / "calls").exists()


def test_without_the_start_script_nothing_is_installed(starter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(extras.STARTER)
    extras.install_and_restart("torch", "Training needs the optional group 'torch': pip install …")
    assert not (starter / "calls").exists()
