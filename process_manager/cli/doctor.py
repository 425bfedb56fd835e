"""`doctor`: the state of the database and of what is in it; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
    from process_manager.inspection.examination import Examination

_COLUMNS: Final = ("what", "result", "message")


Found = Iterator["Finding"]


@click.command(cls=CliCommand, example="doctor --quick")
@click.option("--quick", is_flag=True, help="Leave out what reads all that there is.")
@output_option
@click.pass_obj
def doctor(session: Session, quick: bool, form: str) -> None:
    """Examine the database, and what is in it.

    Its setup, clock and schema, whether it can be written, what is due, and whether history, lanes, keys and the newest
    rows of the audit chain are sound.
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
    from process_manager.inspection.examination import LOOKS
    from process_manager.inspection.findings import problem

    findings: list[Finding] = []
    code = 0
    try:
        with _opened(session, quick=quick) as examined:
            for look in LOOKS:
                findings += look(examined)
            code = _schema_code(examined.database)
            if not code:
                findings += _rows(session, examined)
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
    from process_manager.inspection.examination import Examination

    lease = session.settings.lease
    with session.connected() as database:
        file = Path(str(database.engine.url.database))
        if database.dialect != "sqlite":
            yield Examination(database, lease, quick)
            return
        schema.require_file(database)
        if is_write_ahead(file):
            yield Examination(database, lease, quick)
        else:
            with _onlooker(session) as looking:
                yield Examination(looking, lease, quick, looks_only=True)


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


def _rows(session: Session, examined: Examination) -> Found:
    """Check that a row can be written, what is due, the newest rows of the audit chain, and every invariant."""
    from process_manager import clock
    from process_manager.inspection import (
        audit_check,
        celery_tick,
        invariants,
        late_schedules,
        left_uploads,
        what_must_hold,
        write_check,
    )

    lease = session.settings.lease
    if not examined.looks_only:
        yield write_check.row(examined.database, clock.now())
    with examined.database.read() as connection:
        around = context.around(session, connection, zone=session.zone)
        yield invariants.due(connection, around, lease=lease, viewer=session.viewer)
        yield invariants.left_behind(connection, zone=session.zone)
        yield from celery_tick.celery_tick(connection, around)
        yield from late_schedules.late_schedules(connection, around, viewer=session.viewer)
        yield audit_check.finding(connection)
        yield from left_uploads.left_uploads(connection, now=around.now, keep=session.settings.upload_keep)
    asked = invariants.names(quick=examined.quick)
    values = invariants.values(around.now, lease=lease)
    for finding in invariants.audit(examined.database, values, names=asked, viewer=session.viewer):
        yield invariants.forgiven(finding, around.workers)
    if examined.quick:
        left_out = ["file"] if examined.database.dialect == "sqlite" else []
        left_out += [invariant.what for name, invariant in what_must_hold.INVARIANTS.items() if name not in asked]
        tell(f"Left out, for they read all that there is: {', '.join(left_out)}.")
