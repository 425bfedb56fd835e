"""The page of the examples: what their folder says of them, and each file as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from docs.generate import markdown

FOLDER: Final = Path(__file__).parent.parent.parent / "examples"


def page() -> str:
    """Return the page."""
    title, _, text = (FOLDER / "README.md").read_text("utf-8").partition("\n")
    linked = re.sub(r"\]\(([\w./]+)\)", lambda link: f"](#{anchor(link[1])})", text)
    return markdown.page(title.removeprefix("# "), linked.strip(), *map(section, files()))


def files() -> list[Path]:
    """Return the files of the examples, sorted; those of one folder stay together."""
    return sorted(file for file in FOLDER.rglob("*.py") if file != FOLDER / "__init__.py")


def section(file: Path) -> str:
    """Return a file below its name."""
    name = file.relative_to(FOLDER).as_posix()
    return f"## {markdown.plain(name)} {{ #{anchor(name)} }}\n\n{markdown.fenced(file.read_text('utf-8'), 'python')}"


def anchor(name: str) -> str:
    """Return what a link to a file's section ends with."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().removesuffix(".py")).strip("-")
