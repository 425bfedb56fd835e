"""PostgreSQL: send a statement that is its own transaction, with a third of the driver's calls."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import execute

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

Rows = list[tuple[Any, ...]]

_STALE: Final = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)
"""A prepared statement that the server has forgotten, or whose answer has other types since a column was changed."""


class Sender(psycopg.RawCursor[tuple[Any, ...]]):
    """A cursor for statements whose answer is read at once, kept because making one costs as much as sending.

    A lone statement is prepared when it is first sent, and its answer is read as it arrives. All others, and any whose
    prepared form the server cannot use any more, go through the driver as usual.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Create the cursor; whoever sends by it sets `sends_alone` first."""
        super().__init__(connection)
        self.sends_alone = False  # whether what is sent next is committed as it is executed
        self._driver = connection
        self._adapting = Transformer(connection)
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}  # of prepared statements, by text and types
        self._made = 0
        self._answer: Rows | None = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Sender:
        """Execute a statement as the driver does; it is always the same text."""
        self._answer = None
        if self.sends_alone and params and self._driver.prepare_threshold is not None:
            try:
                self._answer = self._send(query, params)
                return self
            except _STALE:  # nothing was done
                options["prepare"] = False  # what the driver itself prepared is as old
        super().execute(query, params, **options)
        return self

    def fetchall(self) -> Rows:
        """Return every row of the answer."""
        return super().fetchall() if self._answer is None else self._answer

    def _send(self, text: str, values: Sequence[Any]) -> Rows:
        adapting, driver = self._adapting, self._driver
        given = adapting.dump_sequence(values, [PyFormat.AUTO] * len(values))
        key = text, adapting.types or ()
        with driver.lock:
            name = self._names.get(key) or self._prepare(key)
            driver.pgconn.send_query_prepared(name, given, param_formats=adapting.formats)
            try:
                result = _checked(driver.wait(execute(driver.pgconn)))
            except _STALE:
                self._forget(key)
                raise
        adapting.set_pgresult(result)
        return adapting.load_rows(0, result.ntuples, tuple)

    def _prepare(self, key: tuple[str, tuple[int, ...]]) -> bytes:
        text, types = key
        driver = self._driver
        while driver.prepared_max is not None and len(self._names) >= driver.prepared_max:
            self._forget(next(iter(self._names)))
        self._made += 1
        name = f"process_manager_{self._made}".encode()
        driver.pgconn.send_prepare(name, text.encode(), param_types=types)
        _checked(driver.wait(execute(driver.pgconn)))
        self._names[key] = name
        return name

    def _forget(self, key: tuple[str, tuple[int, ...]]) -> None:
        driver = self._driver
        driver.pgconn.send_query(b"DEALLOCATE " + self._names.pop(key))
        with suppress(psycopg.errors.InvalidSqlStatementName):  # the driver dropped all that there were at a rollback
            _checked(driver.wait(execute(driver.pgconn)))


def _checked(results: list[PGresult]) -> PGresult:
    """Return the one answer of the server; raise psycopg.Error when it is an error."""
    for each in results:
        if each.status == pq.ExecStatus.FATAL_ERROR:
            raise error_from_result(each)
    return results[0]
