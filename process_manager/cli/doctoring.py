"""How the database and what is in it are: every law asked, nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from process_manager.cli import surroundings
from process_manager.cli.command import Command, output_option
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell
from process_manager.errors import DatabaseUnreachable, ProcessManagerError

if TYPE_CHECKING:
    from process_manager.database import Database
    from process_manager.inspection import Finding

_COLUMNS: Final = ("what", "result", "message")


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at."""

    session: Session
    database: Database
    quick: bool
    looks_only: bool = False  # with a connection that is not set up as a worker's


Found = Iterator["Finding"]


@click.command(cls=Command, example="doctor --quick")
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

    findings, code = _examine(session, quick=quick)
    columns = _COLUMNS if form == "table" else inspection.Finding.__slots__
    write_rows([fields(each) for each in findings], Look(form, columns))
    results = [each.result.value for each in findings]
    counts = (f"{results.count('warning')} worth a warning", f"{results.count('problem')} a problem")
    tell(f"{results.count('ok')} ok, {', '.join(counts)}.")
    if code or "problem" in results:
        raise click.exceptions.Exit(code or 1)


def _examine(session: Session, *, quick: bool) -> tuple[list[Finding], int]:
    """What was found until the database could not be asked any more, and the exit code that says so."""
    from process_manager.inspection.finding import problem

    findings: list[Finding] = []
    code = 0
    try:
        with _opened(session, quick=quick) as patient:
            for look in _LOOKS:
                findings += look(patient)
            code = _schema_code(patient.database)
            if not code:
                findings += _rows(patient)
    except ProcessManagerError as trouble:
        if trouble.exit_code not in (7, 8):
            raise
        findings.append(problem("database", str(trouble)))
        code = trouble.exit_code
    return findings, code


@contextmanager
def _opened(session: Session, *, quick: bool) -> Iterator[Patient]:
    """The database as a worker would open it; an SQLite file whose journal that would change is only looked at."""
    from process_manager.database import schema
    from process_manager.database.condition import is_write_ahead

    with session.connected() as database:
        file = Path(str(database.engine.url.database))
        if database.dialect != "sqlite":
            yield Patient(session, database, quick)
            return
        schema.require_file(database)
        if is_write_ahead(file):
            yield Patient(session, database, quick)
        else:
            with _onlooker(session) as looking:
                yield Patient(session, looking, quick, looks_only=True)


@contextmanager
def _onlooker(session: Session) -> Iterator[Database]:
    from process_manager.database.looking import onlooker

    found = onlooker(session.settings.database_url.get_secret_value(), deadline=session.settings.lease / 4)
    if found is None:  # pragma: no cover - the file was there a moment ago
        raise DatabaseUnreachable(url="the file", problem="it is gone", cure="Try again.")
    try:
        yield found
    finally:
        found.close()


def _condition(patient: Patient) -> Found:
    from process_manager.database import condition
    from process_manager.inspection import footing

    with patient.database.read() as connection:
        found = condition.ask(connection)
    yield from footing.condition(patient.database.dialect, found)


def _file(patient: Patient) -> Found:
    from process_manager.database import condition
    from process_manager.inspection import footing

    if patient.database.dialect == "sqlite" and not patient.quick:
        with patient.database.read() as connection:
            found = condition.quick_check(connection, most=100)
        yield footing.file(found)


def _clock(patient: Patient) -> Found:
    from process_manager.database import offset
    from process_manager.inspection import footing

    with patient.database.read() as connection:
        yield footing.clocks(offset.measure(connection))


def _transactions(patient: Patient) -> Found:
    import sqlalchemy as sa

    from process_manager.database import sessions
    from process_manager.inspection import footing

    if patient.database.dialect == "sqlite":
        if not patient.looks_only:
            yield footing.writing(sessions.is_writing(patient.database))
        return
    with patient.database.read() as connection:
        try:
            found = sessions.ask(connection)
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            yield footing.secret(patient.database.dialect)
        else:
            yield footing.transactions(found, longest=patient.session.settings.lease)


def _schema(patient: Patient) -> Found:
    from process_manager.database import drift, schema
    from process_manager.inspection import footing
    from process_manager.store.indexes import metadata
    from process_manager.store.tables import SCHEMA

    with patient.database.read() as connection:
        found = schema.current(connection)
        yield footing.version(found, SCHEMA)
        if found is not None:
            yield from footing.drift(drift.compare(connection, metadata))


def _whereabouts(patient: Patient) -> Found:
    if patient.database.dialect != "postgresql":
        return
    from process_manager.database import whereabouts
    from process_manager.inspection import footing
    from process_manager.store.indexes import metadata

    with patient.database.read() as connection:
        yield from footing.whereabouts(whereabouts.ask(connection, list(metadata.tables)))


def _disk(patient: Patient) -> Found:
    from process_manager.inspection import writable

    if patient.database.dialect == "sqlite":
        yield writable.room(Path(str(patient.database.engine.url.database)))


_LOOKS: Final[tuple[Callable[[Patient], Found], ...]] = (
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
    """The exit code of a schema that this program cannot read; 0 when it can."""
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


def _rows(patient: Patient) -> Found:
    """Whether one can be written, what is due, and every law."""
    from process_manager import clock
    from process_manager.inspection import health, writable

    session = patient.session
    lease = session.settings.lease
    if not patient.looks_only:
        yield writable.row(patient.database, clock.now())
    with patient.database.read() as connection:
        around = surroundings.around(session, connection)
        yield health.due(connection, around, lease=lease)
        yield health.left_behind(connection)
    asked = health.names(quick=patient.quick)
    for finding in health.audit(patient.database, health.values(around.now, lease=lease), names=asked):
        yield health.forgiven(finding, around.workers)
    if patient.quick:
        left_out = ["file"] if patient.database.dialect == "sqlite" else []
        left_out += [law.what for name, law in health.LAWS.items() if name not in asked]
        tell(f"Left out, for they read all that there is: {', '.join(left_out)}.")
