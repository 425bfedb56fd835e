"""The index of the decision records."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from docs.generate import markdown

FOLDER: Final = Path(__file__).parent.parent / "decisions"
INTRODUCTION: Final = """\
What was decided, why, and what it costs. A record is not changed when a later one takes its place; it says what was
known then, in the words and with the names of its day."""


def page() -> str:
    """Return the page."""
    return markdown.page("Decisions", INTRODUCTION, "\n".join(f"- [{title(each)}]({each.name})" for each in records()))


def records() -> list[Path]:
    """Return the records in their order."""
    return sorted(FOLDER.glob("[0-9]*.md"))


def title(record: Path) -> str:
    """Return the title of a record, with its number."""
    return record.read_text("utf-8").partition("\n")[0].removeprefix("# ")
