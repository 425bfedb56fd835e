"""The schema of the engine's database: the only command that changes one that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from process_manager.cli.command import Command
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError

if TYPE_CHECKING:
    from process_manager.database import Database


DIALECTS = ("sqlite", "postgresql", "mssql", "mariadb")


@click.group(epilog="\b\nExample:\n  process-manager db upgrade")
def db() -> None:
    """Make, change and read the schema of the database."""


@db.command(cls=Command, example="db upgrade")
@click.argument("revision", default="head")
@click.pass_obj
def upgrade(session: Session, revision: str) -> None:
    """Bring the schema to the version that this program works with, or up to REVISION."""
    from process_manager.database import schema

    _change(session, revision, schema.upgrade)


@db.command(cls=Command, example="db downgrade 0001")
@click.argument("revision")
@click.pass_obj
def downgrade(session: Session, revision: str) -> None:
    """Take the schema back to REVISION; what newer tables hold is lost (`base` takes back all of them)."""
    from process_manager.database import schema

    _change(session, revision, schema.downgrade)


def _change(session: Session, revision: str, act: Callable[[Database, str], str]) -> None:
    with session.connected() as database, _explained(revision):
        _refuse_newer(database)
        found = act(database, revision)
    tell(f"{database.url} has schema {found} now.")


def _refuse_newer(database: Database) -> None:
    """A schema of a newer program has migrations that this one has never heard of."""
    from process_manager.database import schema
    from process_manager.store.tables import SCHEMA

    with database.read() as connection:
        found = schema.current(connection)
    if found is not None and found > SCHEMA:
        raise schema.mismatch(database, found, SCHEMA)


@contextmanager
def _explained(revision: str) -> Iterator[None]:
    from alembic.util import CommandError

    try:
        yield
    except CommandError as error:
        cure = "Name one of the files in migrations/versions by its number, head or base."
        raise UsageError(problem=f"The schema cannot be changed to {revision!r}: {error}. {cure}") from None


@db.command(cls=Command, example="db current")
@click.pass_obj
def current(session: Session) -> None:
    """Print the version of the database's schema."""
    from process_manager.database import schema
    from process_manager.store.tables import SCHEMA

    with session.connected() as database, database.read() as connection:
        found = schema.current(connection) or "none"
    click.echo(found)
    if found != SCHEMA:
        tell(f"This program works with {SCHEMA}.")


@db.command(cls=Command, example="db sql --dialect mssql > schema.sql")
@click.option("--dialect", type=click.Choice(DIALECTS), default="sqlite", show_default=True)
@click.argument("revision", default="head")
def sql(dialect: str, revision: str) -> None:
    """Print the schema as SQL that a DBA can read and run; nothing is connected to."""
    from process_manager.database import schema

    with _explained(revision):
        click.echo(schema.statements(dialect, revision), nl=False)
