"""`doctor`: the state of the database and of what is in it; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from process_manager.cli import context
from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell
from process_manager.errors import DatabaseUnreachable, ProcessManagerError

if TYPE_CHECKING:
    from process_manager.database import Database
    from process_manager.inspection import Finding

_COLUMNS: Final = ("what", "result", "message")


@dataclass(frozen=True, slots=True)
class Examination:
    """What is looked at."""

    session: Session
    database: Database
    quick: bool
    looks_only: bool = False  # with a connection that is not set up as a worker's


Found = Iterator["Finding"]


@click.command(cls=CliCommand, example="doctor --quick")
@click.option("--quick", is_flag=True, help="Leave out what reads all that there is.")
@output_option
@click.pass_obj
def doctor(session: Session, quick: bool, form: str) -> None:
    """Examine the database, and what is in it.

    Its setup, clock and schema, whether it can be written, what is due, and whether history, lanes and keys are sound.
    It changes nothing: the row that it writes it takes back. It ends with 0 when nothing is a problem, with 1 when
    something is, with 7 or 8 for a database that cannot be used or has another schema.
    """
    from process_manager import inspection
    from process_manager.inspection.findings import Result, summary

    findings, code = _examine(session, quick=quick)
    columns = _COLUMNS if form == "table" else inspection.Finding.__slots__
    write_rows([fields(each) for each in findings], Look(form, columns))
    tell(summary(findings))
    if code or any(each.result is Result.PROBLEM for each in findings):
        raise click.exceptions.Exit(code or 1)


def _examine(session: Session, *, quick: bool) -> tuple[list[Finding], int]:
    """Return what was found until the database could not be asked any more, and the exit code that says so."""
    from process_manager.inspection.findings import problem

    findings: list[Finding] = []
    code = 0
    try:
        with _opened(session, quick=quick) as examined:
            for look in _LOOKS:
                findings += look(examined)
            code = _schema_code(examined.database)
            if not code:
                findings += _rows(examined)
    except ProcessManagerError as trouble:
        if trouble.exit_code not in (7, 8):
            raise
        findings.append(problem("database", str(trouble)))
        code = trouble.exit_code
    return findings, code


@contextmanager
def _opened(session: Session, *, quick: bool) -> Iterator[Examination]:
    """Yield the database as a worker would open it; an SQLite file whose journal it would change is only read."""
    from process_manager.database import schema
    from process_manager.database.server_settings import is_write_ahead

    with session.connected() as database:
        file = Path(str(database.engine.url.database))
        if database.dialect != "sqlite":
            yield Examination(session, database, quick)
            return
        schema.require_file(database)
        if is_write_ahead(file):
            yield Examination(session, database, quick)
        else:
            with _onlooker(session) as looking:
                yield Examination(session, looking, quick, looks_only=True)


@contextmanager
def _onlooker(session: Session) -> Iterator[Database]:
    from process_manager.database.read_only import connect_read_only

    found = connect_read_only(session.settings.database_url.get_secret_value(), call_timeout=session.settings.lease / 4)
    if found is None:  # pragma: no cover - the file was there a moment ago
        raise DatabaseUnreachable(url="the file", problem="it is gone", hint="Try again.")
    try:
        yield found
    finally:
        found.close()


def _condition(examined: Examination) -> Found:
    from process_manager.database import server_settings
    from process_manager.inspection import database_setup

    with examined.database.read() as connection:
        found = server_settings.ask(connection)
    yield from database_setup.condition(examined.database.dialect, found)


def _file(examined: Examination) -> Found:
    from process_manager.database import server_settings
    from process_manager.inspection import database_setup

    if examined.database.dialect == "sqlite" and not examined.quick:
        with examined.database.read() as connection:
            found = server_settings.quick_check(connection, most=100)
        yield database_setup.file(found)


def _clock(examined: Examination) -> Found:
    from process_manager.database import clock_offset
    from process_manager.inspection import database_setup

    with examined.database.read() as connection:
        yield database_setup.clocks(clock_offset.measure(connection))


def _transactions(examined: Examination) -> Found:
    import sqlalchemy as sa

    from process_manager.database import open_transactions
    from process_manager.inspection import database_setup

    if examined.database.dialect == "sqlite":
        if not examined.looks_only:
            yield database_setup.writing(open_transactions.is_writing(examined.database))
        return
    with examined.database.read() as connection:
        try:
            found = open_transactions.ask(connection)
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            yield database_setup.secret(examined.database.dialect)
        else:
            yield database_setup.transactions(found, longest=examined.session.settings.lease)


def _schema(examined: Examination) -> Found:
    from process_manager.database import schema, schema_drift
    from process_manager.inspection import database_setup
    from process_manager.store.indexes import metadata
    from process_manager.store.tables import SCHEMA

    with examined.database.read() as connection:
        found = schema.current(connection)
        yield database_setup.version(found, SCHEMA)
        if found is not None:
            yield from database_setup.drift(schema_drift.compare(connection, metadata))


def _whereabouts(examined: Examination) -> Found:
    if examined.database.dialect != "postgresql":
        return
    from process_manager.database import postgresql_schema
    from process_manager.inspection import database_setup
    from process_manager.store.indexes import metadata

    with examined.database.read() as connection:
        yield from database_setup.whereabouts(postgresql_schema.ask(connection, list(metadata.tables)))


def _disk(examined: Examination) -> Found:
    from process_manager.inspection import write_check

    if examined.database.dialect == "sqlite":
        yield write_check.room(Path(str(examined.database.engine.url.database)))


_LOOKS: Final[tuple[Callable[[Examination], Found], ...]] = (
    _condition,
    _disk,
    _file,
    _clock,
    _transactions,
    _whereabouts,
    _schema,
)
"""What can be asked of any database, whatever its schema."""


def _schema_code(database: Database) -> int:
    """Return the exit code of a schema that this program cannot read; 0 when it can."""
    from process_manager.database import schema
    from process_manager.errors import SchemaMismatch
    from process_manager.store.tables import SCHEMA

    with database.read() as connection:
        found = schema.current(connection)
    if found == SCHEMA:
        return 0
    tell("What is in the tables was not asked: their schema is not the one that this program knows.")
    wrong = schema.mismatch(database, found, SCHEMA)
    return wrong.exit_code if isinstance(wrong, ProcessManagerError) else SchemaMismatch.exit_code


def _rows(examined: Examination) -> Found:
    """Check that a row can be written, what is due, and every invariant."""
    from process_manager import clock
    from process_manager.inspection import invariants, write_check

    session = examined.session
    lease = session.settings.lease
    if not examined.looks_only:
        yield write_check.row(examined.database, clock.now())
    with examined.database.read() as connection:
        around = context.around(session, connection, zone=session.zone)
        yield invariants.due(connection, around, lease=lease, viewer=session.viewer)
        yield invariants.left_behind(connection, zone=session.zone)
    asked = invariants.names(quick=examined.quick)
    values = invariants.values(around.now, lease=lease)
    for finding in invariants.audit(examined.database, values, names=asked, viewer=session.viewer):
        yield invariants.forgiven(finding, around.workers)
    if examined.quick:
        left_out = ["file"] if examined.database.dialect == "sqlite" else []
        left_out += [invariant.what for name, invariant in invariants.INVARIANTS.items() if name not in asked]
        tell(f"Left out, for they read all that there is: {', '.join(left_out)}.")
