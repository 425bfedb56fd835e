"""The page of the benchmarks: the kept figures, their charts, and how each is measured."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from docs.generate import markdown

FOLDER: Final = Path(__file__).parent.parent.parent / "benchmarks"
INTRODUCTION: Final = """\
What `make bench` and `make bench-peers` measured last, all on one machine with two cores. Rates depend on the machine
and on what else it does: compare the ratios, and measure on yours."""
DATABASES: Final[Mapping[str, str]] = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def page() -> str:
    """Return the page."""
    figures = json.loads((FOLDER / "latest.json").read_text("utf-8"))
    return markdown.page(
        "Benchmarks",
        INTRODUCTION,
        "## Figures",
        markdown.table(("figure", "value", "ratio", "beside"), map(_row, figures)),
        *(_charts(prefix, name) for prefix, name in DATABASES.items()),
        *(_method(file) for file in (FOLDER / "README.md", FOLDER / "peers" / "README.md")),
    )


def charts() -> list[Path]:
    """Return the charts, sorted by name."""
    return sorted((FOLDER / "charts").glob("*.svg"))


def _row(figure: Mapping[str, Any]) -> tuple[object, ...]:
    value, ratio = figure["value"], figure.get("ratio")
    told = f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
    beside = "" if ratio is None else f"{ratio:.3g}"
    against = markdown.plain(figure.get("against") or "")
    return markdown.code(figure["figure"]), f"{told} {figure['unit']}", beside, against


def _charts(prefix: str, name: str) -> str:
    shown = [f"![{each.stem.replace('_', ' ')}](benchmarks/charts/{each.name})" for each in charts()]
    return "\n\n".join([f"## Charts: {name}", *(each for each in shown if f"/{prefix}_" in each)])


def _method(file: Path) -> str:
    """Return a page of the benchmarks below a heading here; its links to files of the checkout become their names."""
    text = file.read_text("utf-8")
    return markdown.demoted(re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", text))
