"""How the database is set up, looked at from several sides; nothing is changed. `doctor` and the page System ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from process_manager.database import (
    Database,
    clock_offset,
    open_transactions,
    postgresql_schema,
    schema,
    schema_drift,
    server_settings,
)
from process_manager.inspection import database_setup, invariants, write_check
from process_manager.inspection.findings import Finding
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import Viewer
from process_manager.store.tables import SCHEMA


@dataclass(frozen=True, slots=True)
class Examination:
    """What is looked at.

    Attributes:
        database: The engine's database.
        lease: How long a claim holds: no transaction should be open for longer.
        quick: Leave out what reads all that there is.
        looks_only: Its connections are not set up as a worker's.
    """

    database: Database
    lease: timedelta
    quick: bool = False
    looks_only: bool = False


Found = Iterator[Finding]
Around = Callable[[sa.Connection], Surroundings]


def condition(examined: Examination) -> Found:
    """Look at how it is set up."""
    with examined.database.read() as connection:
        found = server_settings.ask(connection)
    yield from database_setup.condition(examined.database.dialect, found)


def disk(examined: Examination) -> Found:
    """Look at the room on the disk of an SQLite file."""
    if examined.database.dialect == "sqlite":
        yield write_check.room(Path(str(examined.database.engine.url.database)))


def file(examined: Examination) -> Found:
    """Look whether an SQLite file is whole, which reads all of it."""
    if examined.database.dialect == "sqlite" and not examined.quick:
        with examined.database.read() as connection:
            found = server_settings.quick_check(connection, most=100)
        yield database_setup.file(found)


def clock(examined: Examination) -> Found:
    """Look how far the clocks are apart."""
    with examined.database.read() as connection:
        yield database_setup.clocks(clock_offset.measure(connection))


def transactions(examined: Examination) -> Found:
    """Look whether a transaction has been open for too long."""
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
            yield database_setup.transactions(found, longest=examined.lease)


def whereabouts(examined: Examination) -> Found:
    """Look in which schema of PostgreSQL the tables are."""
    if examined.database.dialect == "postgresql":
        from process_manager.store.indexes import metadata  # with every dialect: a tenth of a second for all others

        with examined.database.read() as connection:
            yield from database_setup.whereabouts(postgresql_schema.ask(connection, list(metadata.tables)))


def version(examined: Examination) -> Found:
    """Look which version the schema has."""
    with examined.database.read() as connection:
        found = schema.current(connection)
    yield database_setup.version(found, SCHEMA)


def drift(examined: Examination) -> Found:
    """Look whether the schema is as it was made, which reads all of its description."""
    from process_manager.store.indexes import metadata  # as above

    with examined.database.read() as connection:
        if schema.current(connection) is not None:
            yield from database_setup.drift(schema_drift.compare(connection, metadata))


LOOKS: Final[Sequence[Callable[[Examination], Found]]] = (
    condition,
    disk,
    file,
    clock,
    transactions,
    whereabouts,
    version,
    drift,
)
"""What can be asked of any database, whatever its schema."""


def written_version(examined: Examination) -> Found:
    """Look which version stands in the schema, and only where none does, why."""
    try:
        with examined.database.read() as connection:
            found = schema.written(connection)
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise
        yield from version(examined)
    else:
        yield database_setup.version(found, SCHEMA)


AT_A_GLANCE: Final = (condition, disk, clock, transactions, whereabouts, written_version)
"""What takes no time on any database."""


def at_a_glance(examined: Examination, around: Around, viewer: Viewer) -> list[Finding]:
    """Return how the database stands, and what is due, as far as that takes a moment.

    Args:
        examined: What is looked at.
        around: What surrounds every process, asked on a connection.
        viewer: Who asks.
    """
    found = [finding for look in AT_A_GLANCE for finding in look(examined)]
    with examined.database.read() as connection:
        surroundings = around(connection)
        found.append(invariants.due(connection, surroundings, lease=examined.lease, viewer=viewer))
        found.append(invariants.left_behind(connection, zone=surroundings.zone))
    return found
