"""The table that a person sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.peers.charts import told
from benchmarks.peers.rows import Row

COLOURS: Final = {"aim": "green", "must": "yellow", "missed": "red"}
HEADINGS: Final = ("figure", "value", "unit", "ratio", "reached", "held against")


def show(rows: Iterable[Row], console: Console) -> None:
    """Print a line for each row: what it is, what that is held against, and whether it is enough."""
    table = Table(header_style="bold")
    for heading in HEADINGS:
        is_last = heading == HEADINGS[-1]
        table.add_column(heading, justify="right" if heading in ("value", "ratio") else "left", no_wrap=not is_last)
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)


def _cells(row: Row) -> tuple[Text | str, ...]:
    figure, verdict = row.figure, row.verdict()
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    reached = Text(verdict, style=COLOURS.get(verdict, ""))
    return figure.figure, told(figure.value), figure.unit, ratio, reached, Text(figure.against)
