"""Markdown as the generated pages write it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; a cell that is None is empty."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def code(text: object) -> str:
    """Return the text as code, or nothing where there is no text."""
    return f"`{text}`" if text not in (None, "") else ""


def fenced(text: str, language: str = "") -> str:
    """Return the text as a block of code."""
    return f"```{language}\n{text.strip()}\n```"


def folded(title: str, text: str) -> str:
    """Return the text so that a reader unfolds it."""
    return "\n".join([f'??? note "{title}"', "", *(f"    {line}" for line in text.splitlines())])


def plain(text: str) -> str:
    """Return the text so that Markdown shows it as it is; what stands in backticks stays code."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([\\*_\[\]<>])", r"\\\1", part) for part in parts)


def demoted(text: str, by: int = 1) -> str:
    """Return the page with its headings so many levels lower; lines within blocks of code stay."""
    return "\n".join(_demoted(text.splitlines(), "#" * by))


def page(title: str, *parts: str) -> str:
    """Return a page of these parts under its title."""
    return "\n\n".join([f"# {title}", *(part.strip("\n") for part in parts if part), ""])


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return " ".join(text.split()).replace("|", "\\|")


def _demoted(lines: Iterable[str], by: str) -> Iterator[str]:
    is_code = False
    for line in lines:
        is_code ^= line.lstrip().startswith("```")
        yield by + line if line.startswith("#") and not is_code else line
