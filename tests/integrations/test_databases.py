"""Databases outside the engine: no call on them waits without end, and what it waited for is said in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from rig import history, odd, start, status, work
from sqlalchemy.engine import make_url

from process_manager import StepRun, never
from process_manager.database import Database
from process_manager.errors import DatabaseUnreachable
from process_manager.integrations import databases
from process_manager.integrations.databases import OutsideDatabase
from tasks import databases as of_tasks

LOCKED = (
    "[42000] [Microsoft][ODBC Driver 18 for SQL Server]Tidsgrænsen for låsen er overskredet. (1222) (SQLExecDirectW)"
)


@dataclass
class Driver:
    """A connection as pyodbc makes it, as far as the deadlines go."""

    timeout: int = 0
    said: list[str] = field(default_factory=list)
    open_cursors: int = 0

    def cursor(self) -> Driver:
        self.open_cursors += 1
        return self

    def execute(self, sql: str) -> None:
        self.said.append(sql)

    def close(self) -> None:
        self.open_cursors -= 1


class DriverError(Exception):
    """An error as a driver raises it."""

    sqlstate: str | None = None


class PostgresError(DriverError):
    """With the code where psycopg keeps it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.sqlstate = code


@pytest.mark.parametrize("url", ["mssql+pyodbc://u:p@h/d?driver=x", "mssql://u:p@h/d?driver=x"])
def test_sql_server_gives_up_a_login_a_statement_and_a_wait_for_a_lock(url: str) -> None:
    engine = databases.engine(url)
    given: dict[str, object] = {}
    driver = Driver()

    @sa.event.listens_for(engine, "do_connect")
    def stop(_dialect: object, _record: object, _texts: object, options: dict[str, object]) -> None:
        given.update(options)
        raise sqlite3.OperationalError("far enough")

    with pytest.raises(sqlite3.OperationalError, match="far enough"):
        engine.connect()
    databases.limit_statements(driver, None)

    assert given["timeout"] == 20
    assert sa.event.contains(engine, "connect", databases.limit_statements)
    assert driver == Driver(timeout=20, said=["SET XACT_ABORT ON; SET LOCK_TIMEOUT 15000"], open_cursors=0)


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("postgresql+psycopg://u@h/d", {"connect_timeout": 20, "client_encoding": "utf8", "prepare_threshold": None}),
        ("postgresql+psycopg2://u@h/d", {"connect_timeout": 20, "client_encoding": "utf8"}),
        ("postgresql+psycopg2://u@h/d?connect_timeout=5", {"client_encoding": "utf8"}),
        ("postgresql+pg8000://u@h/d", {}),
    ],
)
def test_postgresql_gives_up_a_login_unless_the_url_says_when(url: str, given: dict[str, object]) -> None:
    assert databases.connect_args(make_url(url)) == given


@pytest.mark.parametrize(
    ("refusal", "problem"),
    [
        (DriverError("42000", LOCKED), "another session has held a lock that is needed here for too long"),
        (PostgresError("55P03", "canceling"), "another session has held a lock that is needed here for too long"),
        (DriverError("HYT00", "[HYT00] Query timeout expired"), "it has not answered in time"),
        (PostgresError("57014", "canceling"), "it has not answered in time"),
        (DriverError("42S02", "[42S02] Invalid object name"), r".*Invalid object name.*"),
    ],
)
def test_what_was_waited_for_is_said_in_words_whatever_the_language_of_the_server(
    outside: OutsideDatabase, refusal: DriverError, problem: str
) -> None:
    told = rf"^The database of TILL_URL cannot be used: {problem}\. Nothing is lost: try again when it answers\.$"

    with pytest.raises(DatabaseUnreachable, match=told), outside.begin():
        raise sa.exc.DBAPIError("UPDATE till", {}, refusal)


def test_a_step_that_meets_the_lock_of_a_caseworker_is_tried_again_and_says_why(
    database: Database, outside: OutsideDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "CALL_TIMEOUT", timedelta(milliseconds=50))

    def answer(_run: StepRun) -> None:
        with outside.begin():
            raise AssertionError("the lock was passed by")

    process = odd(answer, retry=never())
    process_id = start(database, process)
    with closing(sqlite3.connect(outside.url.removeprefix("sqlite:///"), isolation_level=None)) as caseworker:
        caseworker.execute("BEGIN IMMEDIATE")
        work(database, process)

    (first,) = history(database, process_id)
    assert (status(database, process_id), first.outcome) == ("failed", "retry")
    assert first.message == (
        "The database of TILL_URL cannot be used: another session has held a lock that is needed here for too long. "
        "Nothing is lost: try again when it answers."
    )


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[OutsideDatabase]:
    """A database of the office."""
    file = tmp_path / "till.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE till (id INTEGER)")
    yield OutsideDatabase("TILL_URL", f"sqlite:///{file}")
    databases.engine.cache_clear()


def test_an_author_finds_them_among_the_tasks() -> None:
    assert {name: getattr(databases, name) for name in of_tasks.__all__} == {
        name: getattr(of_tasks, name) for name in ("OutsideDatabase", "is_lock_timeout", "outside")
    }
