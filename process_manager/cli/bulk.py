"""What is done to one process, to several, or to all that match, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from process_manager.cli import confirm, filters
from process_manager.cli.base_command import an_id, output_options
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.progress import Progress
from process_manager.cli.session import Session, tell
from process_manager.errors import DatabaseUnreachable, FateUnknown, PartlyFailed, ProcessManagerError
from process_manager.lifecycle.status import NEEDS_A_PERSON, sources
from process_manager.plurals import counted

if TYPE_CHECKING:
    import sqlalchemy as sa

    from process_manager.database import Database
    from process_manager.inspection import Filter, Viewer

_USUAL: Final = {
    "restart": tuple(status for status in sources("restart") if status in NEEDS_A_PERSON),
    "abandon": sources("abandon"),
}
"""What --where means without a status: what rests by design or was rejected is restarted only when it is named."""

F = TypeVar("F", bound=Callable[..., Any])
Act = Callable[["sa.Connection", int], None]

_OPTIONS: Final = (
    click.argument("ids", metavar="[ID]...", type=an_id, nargs=-1),
    click.option(
        "--where", "texts", multiple=True, metavar="KEY=VALUE", help="All that match; keys are the options of `list`."
    ),
    click.option("--dry-run", is_flag=True, help="Say what would become of each, and change nothing."),
    click.option("--yes", is_flag=True, help="Do not ask before what --where finds is changed."),
    output_options("How the result of each is written."),
)


def options(function: F) -> F:
    """Return the options that say which processes, and what is written of each."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@dataclass(frozen=True, slots=True)
class Bulk:
    """What is done, to which processes, and how it is told."""

    trigger: str
    done: str  # what a process is afterwards
    act: Act
    ids: tuple[int, ...]
    texts: tuple[str, ...]
    dry_run: bool
    yes: bool
    form: str | None

    @property
    def is_one(self) -> bool:
        """Whether it is one process, named by its id, of which nothing but the deed is asked."""
        return len(self.ids) == 1 and not self.texts and not self.dry_run and self.form is None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of one of many."""

    id: int
    result: str
    message: str


def do(session: Session, bulk: Bulk) -> None:
    """Do it to one, or to each of many with a row that says how it went; raises PartlyFailed."""
    if bool(bulk.ids) == bool(bulk.texts):
        raise click.UsageError("Give ids, or --where key=value." if not bulk.ids else "Give ids or --where, not both.")
    which = _matching(session, bulk) if bulk.texts else None
    _ = session.registry if bulk.trigger == "restart" else None  # a broken installation is told before any is touched
    with session.opened() as database:
        if bulk.is_one:
            _once(database, bulk, bulk.ids[0], None, session.viewer)
            return
        ids = tuple(dict.fromkeys(bulk.ids)) if which is None else _found(session, database, bulk, which)
        _write(session, bulk, ids, database, which)


def _matching(session: Session, bulk: Bulk) -> Filter:
    """Return the processes that --where means: where it names no status, those of `_USUAL`."""
    which = filters.where(session, bulk.texts)
    return which if which.status else replace(which, status=_USUAL[bulk.trigger])


def _found(session: Session, database: Database, bulk: Bulk, which: Filter) -> tuple[int, ...]:
    """Return the ids that match, once the person has said yes; raise UsageError where nobody can be asked."""
    from process_manager import inspection

    with database.read() as connection:
        ids = tuple(inspection.matching(connection, which, viewer=session.viewer))
    if ids and not (bulk.yes or bulk.dry_run):
        question = f"{counted(len(ids), 'process')} would be {bulk.done}"
        confirm.confirm(question, hint="Say --yes to do it, or --dry-run to see them.")
    return ids


def _write(session: Session, bulk: Bulk, ids: Sequence[int], database: Database, which: Filter | None) -> None:
    """Do it to each and write what became of them, however it ends."""
    results: list[BulkResult] = []
    try:
        with Progress("Restarting" if bulk.trigger == "restart" else "Giving up", len(ids)) as progress:
            for process_id in ids:
                results.append(_result(database, bulk, process_id, which, session.viewer))
                progress.step()
    finally:
        look = Look(bulk.form or "table", BulkResult.__slots__, session.zone)
        write_rows([fields(each) for each in results], look)
    failed = sum(each.result in ("refused", "unknown") for each in results)
    if failed:
        raise PartlyFailed(failed=failed, total=len(results))
    tell(f"{len(results)} {'would be ' if bulk.dry_run else ''}{bulk.done}.")


def _result(database: Database, bulk: Bulk, process_id: int, which: Filter | None, viewer: Viewer) -> BulkResult:
    try:
        done = _once(database, bulk, process_id, which, viewer)
    except DatabaseUnreachable:
        raise
    except FateUnknown as problem:
        return BulkResult(process_id, "unknown", str(problem))
    except ProcessManagerError as problem:
        return BulkResult(process_id, "refused", str(problem))
    if not done:
        return BulkResult(process_id, "refused", "It has changed since it was looked for, and matches no more.")
    return BulkResult(process_id, f"would be {bulk.done}" if bulk.dry_run else bulk.done, "")


def _once(database: Database, bulk: Bulk, process_id: int, which: Filter | None, viewer: Viewer) -> bool:
    """Do it, in a transaction of its own, if the process still matches, and return whether it did; undo a dry run."""
    from process_manager import inspection

    def act(connection: sa.Connection) -> bool:
        if which is not None:
            same = replace(which, ids=(process_id,))
            if not inspection.matching(connection, same, viewer=viewer):
                return False
        with connection.begin_nested() as point:
            bulk.act(connection, process_id)
            if bulk.dry_run:
                point.rollback()
        return True

    return database.run(act)
