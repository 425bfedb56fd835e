"""Completion in the shells."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shop import HERE, Shop


def completed(shop: Shop, line: str) -> list[str]:
    """What bash would offer for the last word of a line."""
    words = line.split(" ")
    answer = shop.really(COMP_WORDS=line, COMP_CWORD=str(len(words) - 1), _PROCESS_MANAGER_COMPLETE="bash_complete")
    assert answer.err == ""
    return [each.partition(",")[2] for each in answer.out.split()]


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("bash", "complete -o nosort"),
        ("zsh", "#compdef process-manager"),
        ("fish", "complete --no-files --command process-manager"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName process-manager"),
    ],
)
def test_the_script_of_each_shell_is_written_to_stdout(bare: Shop, shell: str, said: str) -> None:
    answer = bare.ask("completion", shell)

    assert (answer.code, answer.err) == (0, "")
    assert said in answer.out
    assert "_PROCESS_MANAGER_COMPLETE" in answer.out


def test_an_unknown_shell_is_told_in_one_line(bare: Shop) -> None:
    answer = bare.ask("completion", "csh")

    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("process-manager dis", ["disable"]),
        ("process-manager list --sta", ["--status"]),
        ("process-manager list --status fa", ["failed"]),
        ("process-manager start le", ["leaky", "letter"]),
        ("process-manager list --name sk", ["skipped"]),
        ("process-manager run-command import", ["import-books-service1", "import-books-service2"]),
        ("process-manager disable ti", ["tidy"]),
        ("process-manager diagram mo", ["moved"]),
        ("process-manager config ", ["example", "show"]),
    ],
)
def test_words_are_completed(bare: Shop, line: str, found: list[str]) -> None:
    assert completed(bare, line) == found


@pytest.mark.slow
def test_completing_makes_no_database(bare: Shop) -> None:
    completed(bare, "process-manager start le")

    assert not bare.file.exists()


@pytest.mark.slow
def test_a_broken_installation_completes_commands_and_says_nothing(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("office_broken").mkdir()
    Path("office_broken/__init__.py").write_text("")
    Path("office_broken/commands.py").write_text("import no_such_thing")
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "office_broken,office_of_nobody")

    assert completed(bare, "process-manager dis") == ["disable"]
    assert completed(bare, "process-manager start le") == []
    assert completed(bare, "process-manager no-such-command le") == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32" or shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_with_the_script(bare: Shop) -> None:
    program = Path("process-manager")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m process_manager "$@"\n')
    program.chmod(0o755)
    script = bare.ask("completion", "bash").out
    asked = "COMP_WORDS=(process-manager disable ti); COMP_CWORD=2; _process_manager_completion process-manager ti\n"

    told = subprocess.run(
        ["bash", "--norc", "-c", f'{script}{asked}echo "${{COMPREPLY[@]}}"'],
        env={
            **os.environ,
            "PATH": f"{bare.folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent.parent)]),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    assert told.stdout == "tidy\n"
