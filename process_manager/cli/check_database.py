"""`check`, of the database: whether it answers, its schema, the rights of this account, and its clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from process_manager.cli.session import Session
from process_manager.errors import DatabaseUnreachable, ProcessManagerError

if TYPE_CHECKING:
    from process_manager.database import Database

SKEW: Final = timedelta(minutes=1)
"""A file or row of so much later says that this host's clock is slow."""

GRANT: Final = "Grant it the missing ones, or name an account that has them."

Found = Iterator[tuple[str, str]]


def database(session: Session) -> Found:
    """Check that it can be reached, and has the schema that this program works with."""
    from process_manager.database import schema
    from process_manager.store.tables import SCHEMA

    with _looked(session) as found:
        if found is None:
            yield "warning", f"there is no {_file(session)} yet: the first process that is started makes it"
            return
        with found.read() as connection:
            version = schema.current(connection)
        if version is None and found.dialect == "sqlite":
            yield "warning", "the file is empty: the first process that is started fills it"
            return
        if version != SCHEMA:
            raise schema.mismatch(found, version, SCHEMA)
    yield "ok", f"schema {SCHEMA}"


def rights(session: Session) -> Found:
    """Check that this account may do to the tables what the engine does; nothing of it is kept."""
    from process_manager.inspection import write_check

    with _ready(session) as found:
        if found is None:
            yield "ok", "nothing to ask for: there are no tables of this version"
            return
        lacking = _unwritable(_file(session)) if found.dialect == "sqlite" else write_check.lacking(found)
        if lacking:
            raise DatabaseUnreachable(url=found.url, problem=lacking, hint=GRANT)
    yield "ok", "this account may do what the engine does"


def _unwritable(file: Path) -> str | None:
    refused = [each for each in (file, file.absolute().parent) if not os.access(each, os.W_OK)]
    return f"this account may not write {' and '.join(map(str, refused))}" if refused else None


def isolation(session: Session) -> Found:
    """Check that readers do not wait for writers: only SQL Server leaves that to whoever makes the database."""
    from process_manager.database import server_settings
    from process_manager.inspection import database_setup

    with _looked(session) as found:
        if found is None or found.dialect != "mssql":
            return
        with found.read() as connection:
            told = database_setup.isolation(found.dialect, server_settings.ask(connection))
    yield "ok" if told.result == "ok" else "warning", told.message


def clock(session: Session) -> Found:
    """Check that the clocks of this host and of the database agree; of a file, that nothing in it is later."""
    from process_manager.database import clock_offset
    from process_manager.inspection import database_setup

    with _ready(session) as found:
        if found is not None and found.dialect != "sqlite":
            with found.read() as connection:
                told = database_setup.clocks(clock_offset.measure(connection))
            yield "ok" if told.result == "ok" else "warning", told.message
            return
    now = _now()
    latest = max(_traces(session), default=None)
    if latest is not None and latest[0] > now + SKEW:
        yield "warning", f"it is {now:%Y-%m-%d %H:%M:%S} UTC here, but {latest[1]} is of {latest[0]:%Y-%m-%d %H:%M:%S}"
    else:
        yield "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC"


def open_processes(session: Session) -> Found:
    """Check that this code can go on with all that is open: what a deployment of it would strand is a warning."""
    from process_manager import inspection
    from process_manager.gates.gate import Gates

    with _ready(session) as found:
        if found is None:
            return
        with found.read() as connection:
            around = inspection.look_around(connection, Gates(), {}, now=_now(), alive=session.settings.lease)
            page = inspection.kinds_page(connection, around=around, registry=session.registry)
    lost = [each for each in page.deployments if each.fate == "stranded"]
    for each in lost:
        where = f"at step {', '.join(map(repr, each.steps))}" if each.is_known else "and this code has no such version"
        yield "warning", f"{each.stranded} of version {each.version} of {each.name!r} would wait, {where}"
    if not lost:
        yield "ok", "this code can go on with all of them"


def _traces(session: Session) -> Iterator[tuple[datetime, str]]:
    """Moments that lie in the past if this host's clock is right: of files, and of what the database holds."""
    from process_manager import inspection

    yield _changed(Path(__file__)), "this program"
    with _ready(session) as found:
        if found is None or found.dialect != "sqlite":
            return
        yield _changed(_file(session)), "the database's file"
        with found.read() as connection:
            newest = inspection.newest_moment(connection)
        if newest is not None:
            yield newest, "the newest process"


def _changed(file: Path) -> datetime:
    from datetime import UTC

    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _now() -> datetime:
    from process_manager import clock

    return clock.now()


@contextmanager
def _ready(session: Session) -> Iterator[Database | None]:
    """Yield the database with this program's schema; None where there is none, which the look at the database tells."""
    from process_manager.database import schema
    from process_manager.store.tables import SCHEMA

    with ExitStack() as opened:
        found = None
        try:
            database = opened.enter_context(_looked(session))
            if database is not None:
                with database.read() as connection:
                    found = database if schema.current(connection) == SCHEMA else None
        except ProcessManagerError:
            found = None
        yield found


@contextmanager
def _looked(session: Session) -> Iterator[Database | None]:
    from process_manager.database.read_only import connect_read_only

    found = connect_read_only(session.settings.database_url.get_secret_value(), call_timeout=session.settings.lease / 4)
    try:
        yield found
    finally:
        if found is not None:
            found.close()


def _file(session: Session) -> Path:
    from sqlalchemy.engine import make_url

    return Path(str(make_url(session.settings.database_url.get_secret_value()).database))
