"""The code blocks of the README and of docs/ as tests, one for each block, in the order of their page.

What becomes of a block follows from its language; docs/README.md tells authors of it.
"""

from __future__ import annotations

import configparser
import json
import re
import shlex
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final

import yaml
from console_blocks import parsed, played
from pydantic import ValidationError
from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import SkipParser

from process_manager.settings import PREFIX, model_of

TOP: Final = Path(__file__).parent.parent.parent
PAGES: Final = [
    "README.md",
    *sorted(
        page.relative_to(TOP).as_posix()
        for page in [*TOP.glob("docs/*.md"), *TOP.glob("docs/how-to/**/*.md")]
        if page.name != "README.md"  # of the documentation: how it is built
    ),
]
"""What readers follow."""
FENCE: Final = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w+-]*)(?P<options>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```\s*$",
    re.MULTILINE | re.DOTALL,
)
CALL: Final = re.compile(r"(?:\S*[/\\])?process-manager(?:\.exe)? ([a-z].*)")
FILE: Final = re.compile(r'title="([^"]+)"')
READ_ONLY: Final = ("mermaid", "php", "sql", "text")
"""What stands there to be read; T-SQL has a test of its own, by its grammar."""


class Block:
    """A fenced block: its language, the file that it is, and what is in it."""

    def __init__(self, found: re.Match[str]) -> None:
        indent = re.compile(f"^{found['indent']}", re.MULTILINE)
        self.language = found["language"]
        self.text = indent.sub("", found["body"])
        named = FILE.search(found["options"])
        self.file = named[1] if named else None


def blocks(document: Document) -> Iterator[Region]:
    """Yield every block of a page."""
    for found in FENCE.finditer(document.text):
        yield Region(found.start(), found.end(), parsed=Block(found), evaluator=check)


def check(example: Example) -> str | None:
    """Do what a reader does with a block: save it, run it or read it; return what is wrong with it."""
    block: Block = example.parsed
    if block.file is not None:
        write(Path(block.file), block.text)
    if block.language in READ_ONLY:
        return None
    checked = CHECKS.get(block.language)
    if checked is None:
        return f"No test knows what to do with a block of {block.language or 'no language'}."
    return checked(block, example)


def write(file: Path, text: str) -> None:
    """Save a block as the file that its title names, in the folder of the page."""
    if file.is_absolute() or ".." in file.parts:
        raise ValueError(f"{file} would lie outside of the folder of the page.")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _run_python(block: Block, example: Example) -> str | None:
    """Run it among the names of the page; what is a file is only compiled, for a command imports it."""
    code = compile("\n" * example.line + block.text, str(example.path), "exec")
    if block.file is None:
        exec(code, example.namespace)  # noqa: S102 - the page's own
    return None


def _run_console(block: Block, example: Example) -> str | None:
    return played(block.text)


def _read_calls(block: Block, _example: Example) -> str | None:
    """Parse each call of the command, and run nothing."""
    text = re.sub(r"[\\^`]\n\s*", "", block.text)
    for line in text.splitlines():
        found = CALL.match(line.strip())
        if found:
            parsed(shlex.split(f"process-manager {found[1]}", comments=True))
    return None


def _read_env(block: Block, _example: Example) -> str | None:
    """Take every setting as the engine would."""
    pairs = re.findall(rf"^(?:export )?{PREFIX}(\w+)=(.*)$", block.text, re.MULTILINE)
    given = {name.lower(): value.strip().strip("'\"") for name, value in pairs}
    return _refused(given)


def _read_toml(block: Block, _example: Example) -> str | None:
    found = tomllib.loads(block.text)
    return _refused(found) if block.file == "process_manager.toml" else None


def _refused(given: dict[str, Any]) -> str | None:
    unknown = sorted(given.keys() - model_of().model_fields.keys())
    if unknown:
        return f"{', '.join(unknown)}: no such setting."
    try:
        model_of()(**given)
    except ValidationError as problem:
        return str(problem)
    return None


def _read(reader: Callable[[str], object]) -> Callable[[Block, Example], str | None]:
    def read(block: Block, _example: Example) -> str | None:
        reader(block.text)
        return None

    return read


def _unit(text: str) -> None:
    configparser.ConfigParser(interpolation=None, strict=False, delimiters="=").read_file(StringIO(text))


def _lines_of_json(text: str) -> None:
    for line in text.splitlines():
        json.loads(line)


CHECKS: Final[dict[str, Callable[[Block, Example], str | None]]] = {
    "python": _run_python,
    "console": _run_console,
    "shell": _read_calls,
    "bat": _read_calls,
    "powershell": _read_calls,
    "env": _read_env,
    "toml": _read_toml,
    "yaml": _read(yaml.safe_load),
    "json": _read(json.loads),
    "jsonl": _read(_lines_of_json),
    "ini": _read(_unit),
    "xml": _read(ET.fromstring),
}


pages: Final = Sybil(parsers=[SkipParser(), blocks])
