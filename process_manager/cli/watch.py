"""`watch`: processes until they have come to rest, live on a terminal, elsewhere a line at each change."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from process_manager.cli.base_command import CliCommand, an_id
from process_manager.cli.output import in_words, one_line, shown, terminal_width
from process_manager.cli.session import Session
from process_manager.lifecycle.status import NEEDS_A_PERSON

if TYPE_CHECKING:
    from rich.text import Text

    from process_manager.database import Database
    from process_manager.inspection import Watched

_COLUMNS: Final = ("id", "name", "status", "step", "attempt", "due_at", "message")
_SPARE: Final = ("attempt", "due_at", "name", "step")

BEAT: Final = 0.25
"""Seconds between two looks."""

_Show = Callable[["Sequence[Watched]"], None]


@click.command(cls=CliCommand, example="watch 7 8")
@click.argument("ids", metavar="ID...", type=an_id, nargs=-1, required=True)
@click.pass_obj
def watch(session: Session, ids: tuple[int, ...]) -> None:
    """Watch processes until they have come to rest.

    On a terminal their lines are rewritten; elsewhere each change is a line. It ends when each has ended or needs a
    person, with 1 if one of them has failed, is uncertain or quarantined, or on Ctrl-C.
    """
    wanted = tuple(dict.fromkeys(ids))
    with session.opened() as database, _shown(session) as show:
        found = _watch(session, database, wanted, show)
    if any(each.process.status in NEEDS_A_PERSON for each in found):
        raise click.exceptions.Exit(1)


def _watch(session: Session, database: Database, ids: Sequence[int], show: _Show) -> list[Watched]:
    """Watch the processes until all have come to rest, and return what became of them."""
    from process_manager import inspection

    while True:
        with database.read() as connection:
            found = inspection.watched(connection, ids, viewer=session.viewer)
        show(found)
        if all(_rests(each) for each in found):
            return found
        time.sleep(BEAT)


def _rests(watched: Watched) -> bool:
    return watched.process.finished_at is not None or watched.process.status in NEEDS_A_PERSON


@contextmanager
def _shown(session: Session) -> Iterator[_Show]:
    """Yield how they are shown: in place on a terminal, elsewhere line by line."""
    if not sys.stdout.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.live import Live

    zone = session.zone
    with Live(console=Console(file=sys.stdout), auto_refresh=False) as live:
        yield lambda found: live.update(_table(found, zone), refresh=True)


def _lines() -> _Show:
    """Write a line for each process whenever something of it changed."""
    before: dict[int, str] = {}

    def show(found: Sequence[Watched]) -> None:
        for each in found:
            line = _told(each)
            if before.get(each.process.id) != line:
                before[each.process.id] = line
                at = each.process.updated_at  # None of a row that cannot be read
                click.echo(line if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ} {line}")

    return show


def _told(watched: Watched) -> str:
    process = watched.process
    where = "" if process.step is None else f" at {process.step}, attempt {process.attempt}"
    said = in_words(watched.progress) if watched.progress else process.message
    return f"process {process.id} {process.name} {process.status}{where}" + (f": {one_line(said)}" if said else "")


def _table(found: Sequence[Watched], zone: str | None) -> Text:
    from rich.text import Text

    from process_manager.cli import tables

    rows = [[shown(cell, zone) for cell in _cells(each)] for each in found]
    drawn = tables.draw(_COLUMNS, rows, width=terminal_width(), spare=_SPARE)
    heading = Text("\n".join(drawn.lines[: drawn.heading]), style="bold", no_wrap=True)
    return Text("\n", no_wrap=True).join([heading, Text("\n".join(drawn.lines[drawn.heading :]))])


def _cells(watched: Watched) -> tuple[object, ...]:
    process = watched.process
    said = in_words(watched.progress) if watched.progress else process.message
    return process.id, process.name, process.status, process.step, process.attempt, process.due_at, said
