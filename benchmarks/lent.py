"""A database that somebody lends to tests and proofs: it was empty then, and is nobody else's since."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import sqlalchemy as sa

from process_manager.database import Database, connect, error_codes
from process_manager.redaction import safe_url
from process_manager.store import indexes as _indexes  # noqa: F401 - with them, all of the metadata is declared
from process_manager.store import tables

MARK: Final = "lent_to_proofs"
"""The view that says so: a table would be in the schema's way. Whoever wants the database back drops it."""

_LEFT_BY_PROOFS: Final = ("book", "counted", "VejmanFakturering", "VejmanFaktureringLog", "Queues")
_LAID: Final = ("alembic_version", *(table.name for table in tables.metadata.sorted_tables))
_OURS: Final = frozenset({MARK, *_LAID, *_LEFT_BY_PROOFS})


class NotLent(Exception):  # noqa: N818 - named for what went wrong
    """A database that holds what is not ours to delete, or that another run has."""


class Lent:
    """The database, for as long as the block; it makes and drops the "databases" of a server by emptying itself."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._database = connect(url)
        if self._database.dialect == "sqlite":
            raise NotLent("An SQLite file need not be lent: tests and proofs make their own.")
        self._key: sa.Connection | None = None

    def __enter__(self) -> Self:
        try:
            with error_codes.explained(safe_url(self._url)):
                self._key = self._database.engine.connect()
                self._take(self._key)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._key is not None:
            self._key.invalidate()  # its end is what lets the lock go: it may not rest in a pool
            self._key.close()
        self._database.close()

    @property
    def dialect(self) -> str:
        """Of which kind it is."""
        return self._database.dialect

    @property
    def database(self) -> Database:
        """To ask it something."""
        return self._database

    def create(self, _name: str) -> str:
        """Its URL, with nothing in it."""
        self.empty()
        return self._url

    def drop(self, _name: str) -> None:
        """Leave nothing in it."""
        self.empty()

    def empty(self) -> None:
        """Drop every table of ours but the mark; NotLent when another has come there."""
        with self._database.begin() as connection:
            found = self._ours(connection)
            for name in sorted(found - {MARK}, key=_order):
                connection.execute(sa.text(f"DROP TABLE {connection.dialect.identifier_preparer.quote(name)}"))

    def _take(self, connection: sa.Connection) -> None:
        lock = _LOCKS.get(connection.dialect.name)
        if lock and not connection.exec_driver_sql(lock).scalar():
            raise NotLent(f"{safe_url(self._url)}: another run of tests or proofs has it. Wait until that has ended.")
        connection.commit()
        found = set(_names(connection))
        if found and MARK not in found:
            raise NotLent(
                f"{safe_url(self._url)} holds tables that no proof made ({_some(found)}). Nothing in it was touched:"
                " name a database that is empty."
            )
        if not found:
            connection.exec_driver_sql(f"CREATE VIEW {MARK} AS SELECT 1 AS id")
        connection.commit()
        self.empty()

    def _ours(self, connection: sa.Connection) -> set[str]:
        found = set(_names(connection))
        if MARK not in found or found - _OURS:
            raise NotLent(
                f"{safe_url(self._url)} holds what no proof made ({_some(found - _OURS)}), or is lent no longer."
                " Nothing in it was touched: name a database that is empty."
            )
        return found


def _names(connection: sa.Connection) -> Sequence[str]:
    """Every table and view, of whatever schema."""
    look = sa.inspect(connection)
    at_home = {None, look.default_schema_name}
    every: list[str] = []
    for schema in _schemas(look):
        names = [*look.get_table_names(schema), *look.get_view_names(schema)]
        every += names if schema in at_home else [f"{schema}.{name}" for name in names]
    return every


def _schemas(look: sa.Inspector) -> Sequence[str | None]:
    if look.dialect.name == "mariadb":  # there a schema is a database
        return [None]
    of_the_system = {"sys", "INFORMATION_SCHEMA", "information_schema"}
    return [name for name in look.get_schema_names() if name not in of_the_system and not name.startswith("db_")]


def _order(name: str) -> tuple[bool, int]:
    """Whoever refers to another goes first."""
    return (True, -_LAID.index(name)) if name in _LAID else (False, 0)


def _some(names: set[str]) -> str:
    first = sorted(names)[:5]
    return ", ".join(first) + (", …" if len(names) > len(first) else "")


_LOCKS: Final[dict[str, Any]] = {
    "postgresql": "SELECT pg_try_advisory_lock(8030606829170090)",
    "mariadb": "SELECT GET_LOCK(CONCAT('proofs ', MD5(DATABASE())), 0)",
    "mssql": (
        "SET NOCOUNT ON; DECLARE @got int; EXEC @got = sp_getapplock @Resource = N'process-manager proofs',"
        " @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0;"
        " SELECT CASE WHEN @got >= 0 THEN 1 ELSE 0 END"
    ),
}
"""How a session keeps others out until it ends."""
