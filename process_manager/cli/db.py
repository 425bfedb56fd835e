"""`db`: the schema of the engine's database; `db upgrade` and `db downgrade` alone change one that is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from process_manager.cli import confirm
from process_manager.cli.base_command import CliCommand
from process_manager.cli.session import Session, tell
from process_manager.errors import SchemaInUse
from process_manager.plurals import counted

if TYPE_CHECKING:
    from process_manager.database import Database


_CHAIN: Final = "0012"
"""The version that began the audit chain."""

DIALECTS = ("sqlite", "postgresql", "mssql", "mariadb")


@click.group(epilog="\b\nExample:\n  process-manager db upgrade")
def db() -> None:
    """Make, change and read the schema of the database."""


@db.command(cls=CliCommand, example="db upgrade")
@click.argument("revision", default="head")
@click.pass_obj
def upgrade(session: Session, revision: str) -> None:
    """Bring the schema to this program's version.

    Or up to REVISION. One change at a time: a second one waits for the first, and then finds it done. One that was
    broken off goes on.
    """
    from process_manager.database import schema
    from process_manager.database.schema_lock import Waiting

    with session.connected() as database:
        found = schema.upgrade(database, revision, Waiting(tell))
    tell(f"{database.url} has schema {found} now.")


@db.command(cls=CliCommand, example="db downgrade 0001 --yes")
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask before it is taken back.")
@click.pass_obj
def downgrade(session: Session, revision: str, yes: bool) -> None:
    """Take the schema back to REVISION, and lose what is newer.

    `base` takes all tables back. It says what would be lost and asks first. While workers live, or a process is worked
    on, it ends with 6.
    """
    from process_manager.database import schema
    from process_manager.database.clock_sync import ClockSync
    from process_manager.database.schema_lock import Waiting

    with session.connected() as database, ClockSync(database, session.settings):
        schema.require_file(database)
        _confirm(session, database, revision, yes=yes)
        found = schema.downgrade(database, revision, Waiting(tell))
    tell(f"{database.url} has schema {found} now.")


def _confirm(session: Session, database: Database, revision: str, *, yes: bool) -> None:
    """Let a person say that the loss is meant; UsageError where nobody can be asked, SchemaInUse while it is used."""
    from process_manager.database import schema

    lost = schema.reverted(database, revision)
    if not lost:
        return
    _require_idle(session, database)
    question = _loss(database, lost)
    if yes:
        tell(question)
        return
    confirm.confirm(question)
    _require_idle(session, database)


def _loss(database: Database, lost: Sequence[str]) -> str:
    """Return what is lost with these versions, the newest first."""
    from process_manager.database.schema import FIRST_VERSION
    from process_manager.store import schema_impact

    with database.read() as connection:
        every, still_open = schema_impact.processes_kept(connection)
        chained = schema_impact.acts_chained(connection) if _CHAIN in lost else 0
    what = f"{counted(every, 'process')}, {still_open} of them still open"
    chain = f", and the audit chain with its {counted(chained, 'row')}" if chained else ""
    if lost[-1] == FIRST_VERSION:
        return (
            f"Taking back all of the schema deletes all that is in {database.url}: {what}, with their histories{chain}"
        )
    told = f"Taking back {', '.join(lost)} deletes what these versions keep in {database.url}{chain}"
    return f"{told}; there are {what}"


def _require_idle(session: Session, database: Database) -> None:
    from process_manager import clock, durations
    from process_manager.inspection.findings import listed
    from process_manager.store import schema_impact

    now, lease = clock.now(), session.settings.lease
    with database.read() as connection:
        workers, held = (
            schema_impact.workers_seen(connection, since=now - lease),
            schema_impact.held(connection, now=now),
        )
    if not workers and not held:
        return
    holder = f"alive are {listed(workers)}" if workers else f"somebody works on {listed(map(str, held))}"
    hint = f"Stop the workers first; of one that was killed nothing is left after {durations.format(lease)}."
    raise SchemaInUse(url=database.url, holder=holder, hint=hint)


@db.command(cls=CliCommand, example="db current")
@click.pass_obj
def current(session: Session) -> None:
    """Print the version of the database's schema."""
    from process_manager.database import schema
    from process_manager.store.tables import SCHEMA

    with session.connected() as database:
        schema.require_file(database)
        with database.read() as connection:
            found = schema.current(connection) or "none"
    click.echo(found)
    if found != SCHEMA:
        tell(f"This program works with {SCHEMA}.")


@db.command(cls=CliCommand, example="db sql --dialect mssql > schema.sql")
@click.option("--dialect", type=click.Choice(DIALECTS), default="sqlite", show_default=True)
@click.option("--from", "found", metavar="REVISION", default="base", help="What is there already; `base`: nothing.")
@click.argument("revision", default="head")
def sql(dialect: str, found: str, revision: str) -> None:
    """Print the schema as SQL for a DBA to read and run.

    Nothing is connected to. With --from what leads from that version to REVISION, up or down. Its first lines say which
    client runs it.
    """
    from process_manager.database import schema

    click.echo(schema.statements(dialect, found=found, wanted=revision), nl=False)
