"""A block of a terminal's: what is typed is done, and what is shown is compared with what was said."""

from __future__ import annotations

import difflib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

import click
import page_server
from page_folder import forget_authors

from process_manager.cli import exit_codes
from process_manager.cli.root import root
from process_manager.cli.session import Session

PROGRAM: Final = "process-manager"
ELSEWHERE: Final = {
    "./make.ps1": "sets up a checkout",
    "crontab": "changes the host",
    "docker": "needs a server",
    "git": "needs the network",
    "kill": "ends another program",
    "make": "sets up a checkout",
    "pip": "needs the network",
    "psql": "needs a server",
    "py": "is for Windows",
    "pytest": "runs a suite",
    "python3": "sets up an environment",
    "schtasks": "is for Windows",
    "sqlcmd": "needs a server",
    "sudo": "changes the host",
    "systemctl": "changes the host",
}
"""What is typed on the pages and not done here, and why."""
PUNCTUATION: Final = frozenset(("|", ">", ">>", "<", "&&", "||", ";", "&"))
VARYING: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d| UTC| \([A-Z]\w+/\w+\))?"), "<moment>"),
    (re.compile(r"\b\d\d:\d\d:\d\d(\.\d+)?\b"), "<time>"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|min|h)\b"), "<duration>"),
    (re.compile(r"[\w.-]+[:/]\d+[:/][0-9a-f]{4,}"), "<worker>"),
    (re.compile(r"\b[\w.-]+@[\w.-]+\b"), "<person>"),
    (re.compile(r"[─━]+"), "─"),
    (re.compile(r"[ \t]+"), " "),
)
"""What is another at each run, and the layout that follows from it."""
SECRET: Final = "pm_…"  # noqa: S105 - a page shows none
"""What a page writes for the secret of the token that it has just added."""
ANYTHING: Final = re.compile(r"…|\.\.\.")
ANY_LINES: Final = r"(?:.*\n)*?"


_secrets: list[str] = []


class Step(NamedTuple):
    """A line that is typed, behind its prompt, and what is shown below it."""

    prompt: str
    line: str
    shown: str


class Result(NamedTuple):
    """How a call ended: `told` is what it wrote to both streams, in the order of a terminal's."""

    code: int
    out: str = ""
    err: str = ""
    told: str = ""


class Stream(io.StringIO):
    """One of two streams that a terminal shows as one."""

    def __init__(self, terminal: io.StringIO) -> None:
        super().__init__()
        self._terminal = terminal

    def write(self, text: str) -> int:
        """Write to the stream, and to the terminal."""
        self._terminal.write(text)
        return super().write(text)


def played(text: str) -> str | None:
    """Do all that is typed in a block; return what did not come out as it says."""
    last = Result(0)
    for step in steps(text):
        result = done(step, last)
        if result is not None:
            if problem := differs(step, result):
                return problem
            last = result
    return None


def steps(text: str) -> Iterator[Step]:
    """Yield each line that is typed, with what is shown before the next."""
    found = re.split(r"^([$>]) ", re.sub(r"\\\n\s*", "", text), flags=re.MULTILINE)
    for prompt, rest in zip(found[1::2], found[2::2], strict=True):
        line, _, shown = rest.partition("\n")
        yield Step(prompt, line.strip(), shown.strip("\n"))


def done(step: Step, last: Result) -> Result | None:
    """Do what is typed; None where that is not for this suite. LookupError for what nobody thought of."""
    words = shlex.split(step.line, comments=True)
    program = words[0] if words else ""
    if step.prompt == ">":
        return parsed(words)
    if step.line == "echo $?":
        return Result(0, f"{last.code}\n")
    if program == PROGRAM and not PUNCTUATION & set(words):
        return called(words[1:])
    if program in ELSEWHERE:
        return None
    if program in INSIDE:
        return INSIDE[program](words[1:])
    raise LookupError(f"No test knows how to do {step.line!r}: teach tests/support/console_blocks.py.")


def called(words: Sequence[str]) -> Result:
    """Call the command within this program, as a new one would start; a worker ends when nothing is due."""
    forget_authors()
    terminal = io.StringIO()
    out, err = Stream(terminal), Stream(terminal)
    with redirect_stdout(out), redirect_stderr(err):
        code = exit_codes.run([*words, "--until-empty"] if words[:1] == ["worker"] else words)
    if words[:2] == ["token", "add"]:
        _secrets.append(out.getvalue().strip())
    return Result(code, out.getvalue(), err.getvalue(), terminal.getvalue())


def parsed(typed: Sequence[str]) -> None:
    """Parse a call up to a pipe or a redirection, and run nothing."""
    words = list(takewhile(lambda word: word not in PUNCTUATION, typed))
    if words and re.split(r"[\\/]", words[0])[-1].removesuffix(".exe") == PROGRAM:
        with click.Context(root, info_name=PROGRAM, obj=Session()) as context:
            name, command, rest = root.resolve_command(context, list(words[1:]))
            if command is not None:
                command.make_context(name, rest, parent=context)


def _export(words: Sequence[str]) -> Result:
    for word in words:
        name, _, value = word.partition("=")
        os.environ[name] = _secrets[-1] if value == SECRET else value
    return Result(0)


def _change_folder(words: Sequence[str]) -> Result:
    os.chdir(words[0])
    return Result(0)


def _make_folders(words: Sequence[str]) -> Result:
    for word in words:
        Path(word).mkdir()
    return Result(0)


def _run_python(words: Sequence[str]) -> Result:
    ended = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        encoding="utf-8",
        timeout=150,  # a page may run tests of its own
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Result(ended.returncode, ended.stdout, ended.stderr, ended.stdout + ended.stderr)


def _ask_server(words: Sequence[str]) -> Result | None:
    """Ask the server of the page, where there is curl."""
    if shutil.which("curl") is None:
        return None
    command = ["curl", "--max-time", "60", *page_server.words_for(words)]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=90, check=False)
    return Result(ended.returncode, f"{ended.stdout}\n", ended.stderr, f"{ended.stdout}{ended.stderr}\n")


INSIDE: Final[dict[str, Callable[[Sequence[str]], Result | None]]] = {
    "cd": _change_folder,
    "curl": _ask_server,
    "export": _export,
    "mkdir": _make_folders,
    "python": _run_python,
}
"""What a shell does, done without one: the folder of a page and its environment are put back at its end."""


def differs(step: Step, result: Result) -> str | None:
    """Return how what is shown differs from what was said; where nothing is shown, it has to have gone well."""
    if not step.shown.strip():
        return None if result.code == 0 else f"{step.line!r} ended with {result.code}: {result.err.strip()}"
    wanted = pattern(step.shown)
    said = [result.told, result.out, result.err]
    if any(wanted.fullmatch(normal(each)) for each in said):
        return None
    shown, real = normal(step.shown).splitlines(), normal(result.told or result.out).splitlines()
    told = "\n".join(difflib.unified_diff(shown, real, "the page", "the command", lineterm=""))
    return f"{step.line!r} ended with {result.code} and says otherwise:\n{told}"


def pattern(shown: str) -> re.Pattern[str]:
    """Return what matches the text that is shown: an ellipsis stands for anything, on a line of its own for lines."""
    lines = (ANY_LINES if ANYTHING.fullmatch(line) else _line(line) for line in normal(shown).splitlines())
    return re.compile("".join(lines))


def _line(shown: str) -> str:
    return f"{'.*?'.join(map(re.escape, ANYTHING.split(shown)))}\n"


def normal(text: str) -> str:
    """Return the text with a word for everything that is another at each run."""
    for each, word in VARYING:
        text = each.sub(word, text)
    return "".join(f"{line.strip()}\n" for line in text.strip().splitlines())
