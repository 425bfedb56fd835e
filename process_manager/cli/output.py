"""Rows on stdout: as a table for people, as JSON, JSON lines or CSV for programs."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

import click

from process_manager import csv_cells, time_zone

FORMS: Final = ("table", "json", "jsonl", "csv")
LONGEST: Final = 2_000
"""Characters of a value that a person is shown."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """How rows are written: the form, and for a table its columns (none: all) and the zone of its moments."""

    form: str
    columns: Sequence[str] = ()
    zone: str | None = None  # none: they are shown in UTC
    spare: Sequence[str] = ()  # columns that a narrow terminal does without, the first of them first


def fields(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass with slots, in their order."""
    return {name: getattr(value, name) for name in value.__slots__}


def write_rows(rows: Sequence[Row], look: Look) -> None:
    """Write many rows, in JSON as one list."""
    if look.form == "table":
        _write_table(rows, look)
        return
    with RowStream(replace(look, columns=list(rows[0]) if rows else look.columns)) as stream:
        stream.write(rows)


def write_one(row: Row, look: Look) -> None:
    """Write one row, in JSON as one object, as a table with a line for each field."""
    match look.form:
        case "json":
            click.echo(as_json(row, indent=2))
        case "table":
            _write_fields(row, look)
        case _:
            write_rows([row], look)


class RowStream:
    """Writes batches of rows; as a table, each column but the last is as wide as it is said to be."""

    def __init__(self, look: Look, widths: Mapping[str, int] | None = None) -> None:
        self._look = look
        self._widths = widths or {}
        self._is_empty = True

    def __enter__(self) -> RowStream:
        if self._look.form in ("csv", csv_cells.EXCEL):
            click.echo(_csv_heading(self._look.columns, self._look.form), nl=False)
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
                click.echo(_csv_lines((row.values() for row in rows), form), nl=False)
        self._is_empty = False

    def _line(self, cells: Sequence[str]) -> str:
        widths = [self._widths.get(name, 0) for name in self._look.columns]
        *padded, last = [f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)]
        before = "".join(f"{each}  " for each in padded)
        return beside(before, last) if sys.stdout.isatty() else (before + last).rstrip()


def _indented(row: Row) -> str:
    return "  " + as_json(row, indent=2).replace("\n", "\n  ")


def _csv_heading(names: Sequence[str], form: str) -> str:
    """Return the first line of CSV."""
    return (csv_cells.MARK if form == csv_cells.EXCEL else "") + _csv_lines([names], form)


def _csv_lines(rows: Iterable[Iterable[Any]], form: str) -> str:
    """Return the rows as CSV, a line each."""
    return csv_cells.lines(([_cell(value) for value in row] for row in rows), form=form)


def as_json(value: Any, indent: int | None = None) -> str:
    """Return the value as JSON, its moments in UTC."""
    return json.dumps(value, indent=indent, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """Return what JSON has no word for: moments, and mappings that are no dict."""
    return _moment(value) if isinstance(value, datetime) else dict(value)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment(value)
    return as_json(value) if isinstance(value, Mapping | list | tuple) else value


def _write_table(rows: Sequence[Row], look: Look) -> None:
    columns = list(look.columns or (rows[0] if rows else ()))
    cells = [[shown(row[name], look.zone) for name in columns] for row in rows]
    if sys.stdout.isatty():
        _draw(columns, cells, look.spare)
        return
    widths = [max(len(row[index]) for row in [columns, *cells]) for index in range(len(columns))]
    for row in [columns, *cells]:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def _draw(columns: Sequence[str], cells: Sequence[Sequence[str]], spare: Sequence[str]) -> None:
    from process_manager.cli import tables

    drawn = tables.draw(columns, cells, width=terminal_width(), spare=spare)
    for number, line in enumerate(drawn.lines):
        click.echo(click.style(line, bold=True) if number < drawn.heading else line)
    if drawn.left_out:
        left = ", ".join(drawn.left_out)
        click.echo(f"No room here for {left}: `-o json` has all of it, a wider window more.", err=True)


def _write_fields(row: Row, look: Look) -> None:
    """Write a line for each field that has a value, which a terminal wraps beside its name."""
    found = [(name, text) for name, value in row.items() if (text := shown(value, look.zone))]
    width = max(map(len, row))
    if sys.stdout.isatty():
        from process_manager.cli import tables

        lines = tables.block(found, width=terminal_width())
    else:
        lines = [f"{name:<{width}}  {value}".rstrip() for name, value in found]
    click.echo("\n".join(lines))


def beside(before: str, text: str) -> str:
    """Return the text behind what stands before it, on a terminal: wrapped below itself."""
    from process_manager.cli import tables

    return "\n".join(tables.beside(before, text, width=terminal_width()))


def terminal_width() -> int:
    """Return how many letters a line of it has; on Windows one that is full begins another."""
    return shutil.get_terminal_size().columns - (os.name == "nt")


def shown(value: Any, zone: str | None) -> str:
    """Return a value as a person reads it: on one line, without what steers a terminal, and not without end."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return time_zone.on_clock(value, zone)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shortened(one_line(as_json(value) if isinstance(value, Mapping | list | tuple) else value))


def one_line(value: Any) -> str:
    """Return the text on one line and without what steers a terminal."""
    text = str(value)
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


def shortened(text: str) -> str:
    """Return the text, or its beginning, how much was left out, and who has it."""
    left = len(text) - LONGEST
    return text if left <= 0 else f"{text[:LONGEST]} … and {left:,} characters more, which `-o json` has"


def in_words(progress: Mapping[str, Any]) -> str:
    """Return how far a step says it is."""
    done, total, message = (progress.get(name) for name in ("done", "total", "message"))
    count = "" if done is None else f"{done} of {total}" if total is not None else str(done)
    return one_line(f"{count} {message or ''}".strip())
