"""PostgreSQL: a statement that is a transaction of its own, sent with a third of the calls that the driver makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import execute

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

Rows = list[tuple[Any, ...]]

_UNKNOWN: Final = psycopg.errors.InvalidSqlStatementName


class Sender(psycopg.RawCursor[tuple[Any, ...]]):
    """A cursor for statements whose answer is read at once: to make one costs as much as to send it.

    A lone statement is prepared when it is first sent, and its answer is read as it comes. All others, and one that
    the server does not know any more, go the driver's own way.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        super().__init__(connection)
        self.sends_alone = False  # whether what is sent next is committed as it is executed
        self._driver = connection
        self._adapting = Transformer(connection)
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}  # as the server knows them, by text and types
        self._made = 0
        self._answer: Rows | None = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Sender:
        """As the driver's own; the statement is always the same text."""
        self._answer = None
        if self.sends_alone and params and self._driver.prepare_threshold is not None:
            try:
                self._answer = self._sent(query, params)
                return self
            except _UNKNOWN:  # after a rollback the driver drops all that is prepared; nothing was done
                self._names.clear()
        super().execute(query, params, **options)
        return self

    def fetchall(self) -> Rows:
        """Every row of the answer."""
        return super().fetchall() if self._answer is None else self._answer

    def _sent(self, text: str, values: Sequence[Any]) -> Rows:
        adapting, driver = self._adapting, self._driver
        given = adapting.dump_sequence(values, [PyFormat.AUTO] * len(values))
        key = text, adapting.types or ()
        with driver.lock:
            name = self._names.get(key) or self._prepared(key)
            driver.pgconn.send_query_prepared(name, given, param_formats=adapting.formats)
            result = _checked(driver.wait(execute(driver.pgconn)))
        adapting.set_pgresult(result)
        return adapting.load_rows(0, result.ntuples, tuple)

    def _prepared(self, key: tuple[str, tuple[int, ...]]) -> bytes:
        text, types = key
        self._made += 1
        name = f"process_manager_{self._made}".encode()
        driver = self._driver
        driver.pgconn.send_prepare(name, text.encode(), param_types=types)
        _checked(driver.wait(execute(driver.pgconn)))
        self._names[key] = name
        return name


def _checked(results: list[PGresult]) -> PGresult:
    """The one answer of the server; psycopg.Error when it is an error."""
    for each in results:
        if each.status == pq.ExecStatus.FATAL_ERROR:
            raise error_from_result(each)
    return results[0]
