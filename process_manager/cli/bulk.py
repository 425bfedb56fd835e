"""What is done to one process, to several, or to all that match, a hundred in a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from process_manager.cli import confirm, filters
from process_manager.cli.base_command import an_id, output_options
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.progress import Progress
from process_manager.cli.session import Session, tell
from process_manager.errors import FateUnknown, PartlyFailed
from process_manager.lifecycle.status import NEEDS_A_PERSON, sources
from process_manager.plurals import counted

if TYPE_CHECKING:
    from process_manager.database import Database
    from process_manager.governance.action import Action
    from process_manager.governance.acts import Matching
    from process_manager.inspection import Filter, Viewer

_USUAL: Final = {
    "restart": tuple(status for status in sources("restart") if status in NEEDS_A_PERSON),
    "abandon": sources("abandon"),
}
"""What --where means without a status: what rests by design or was rejected is restarted only when it is named."""

F = TypeVar("F", bound=Callable[..., Any])

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
    action: Callable[[int], Action[None]]  # by the id of the process
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
            session.act(database, bulk.action(bulk.ids[0]))
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
            for result in _results(session, bulk, ids, database, which):
                results.append(result)
                progress.step()
    finally:
        look = Look(bulk.form or "table", BulkResult.__slots__, session.zone)
        write_rows([fields(each) for each in results], look)
    failed = sum(each.result in ("refused", "unknown") for each in results)
    if failed:
        raise PartlyFailed(failed=failed, total=len(results))
    tell(f"{len(results)} {'would be ' if bulk.dry_run else ''}{bulk.done}.")


def _results(
    session: Session, bulk: Bulk, ids: Sequence[int], database: Database, which: Filter | None
) -> Iterator[BulkResult]:
    """Do it to each, a hundred in a transaction, and yield what became of each once that is committed."""
    from process_manager import governance

    results = governance.acting_on_each(
        database,
        session.actor,
        map(bulk.action, ids),
        policies=session.policies,
        matching=None if which is None else _still(which, session.viewer),
        dry_run=bulk.dry_run,
    )
    done = f"would be {bulk.done}" if bulk.dry_run else bulk.done
    for process_id, each in zip(ids, results, strict=True):
        failed = "unknown" if isinstance(each.problem, FateUnknown) else "refused"
        yield BulkResult(process_id, done if each.problem is None else failed, str(each.problem or ""))


def _still(which: Filter, viewer: Viewer) -> Matching:
    """Return what tells which processes still match."""
    from process_manager import inspection

    return lambda connection, ids: inspection.matching(connection, replace(which, ids=tuple(ids)), viewer=viewer)
