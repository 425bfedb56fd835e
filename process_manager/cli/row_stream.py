"""Rows written to stdout as they come: a million of them use no memory."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from types import TracebackType

import click

from process_manager.cli.csv_cells import EXCEL
from process_manager.cli.output import Look, Row, as_json, beside, csv_heading, csv_lines, shown


class RowStream:
    """Writes batches of rows; as a table, each column but the last is as wide as it is said to be."""

    def __init__(self, look: Look, widths: Mapping[str, int]) -> None:
        self._look = look
        self._widths = widths
        self._is_empty = True

    def __enter__(self) -> RowStream:
        if self._look.form in ("csv", EXCEL):
            click.echo(csv_heading(self._look.columns, self._look.form), nl=False)
        if self._look.form == "table":
            click.echo(self._line(self._look.columns))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._look.form == "json":
            click.echo("[]" if self._is_empty else "\n]")

    def write(self, rows: Sequence[Row]) -> None:
        """Write some more, in one go."""
        if not rows:
            return
        match self._look.form:
            case "json":
                click.echo(("[\n" if self._is_empty else ",\n") + ",\n".join(map(_indented, rows)), nl=False)
            case "jsonl":
                click.echo("\n".join(map(as_json, rows)))
            case "table":
                click.echo("\n".join(self._line([shown(row[name], self._look.zone) for name in row]) for row in rows))
            case form:
                click.echo(csv_lines((row.values() for row in rows), form), nl=False)
        self._is_empty = False

    def _line(self, cells: Sequence[str]) -> str:
        widths = [self._widths.get(name, 0) for name in self._look.columns]
        *padded, last = [f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)]
        before = "".join(f"{each}  " for each in padded)
        return beside(before, last) if sys.stdout.isatty() else (before + last).rstrip()


def _indented(row: Row) -> str:
    return "  " + as_json(row, indent=2).replace("\n", "\n  ")
