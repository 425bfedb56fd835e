"""Microsoft's own driver for Python, the real one, before a peer that speaks as a SQL Server: errors are told apart."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from backends import need
from fake_server import Fault
from tds_peer import Late, Peer

from process_manager.database import Database, connect, error_codes, server_engine
from process_manager.database.error_codes import RolledBack
from process_manager.errors import DatabaseUnreachable
from process_manager.integrations import databases

MISSING = None if importlib.util.find_spec("mssql_python") else "it is a wheel: pip install mssql-python"
SAID = {
    "@@version": "Microsoft SQL Server 2022 (RTM-CU16) - 16.0.4165.4 (X64)",
    "schema_name()": "dbo",
    "transaction_isolation_level": "READ COMMITTED",
}


@pytest.fixture
def heard() -> list[str]:
    """What the peer was sent."""
    return []


@pytest.fixture
def url(heard: list[str]) -> Iterator[str]:
    """A peer that refuses what is called `fail` with the number behind it."""

    def answer(text: str) -> str | None:
        heard.append(text)
        if text.startswith("fail "):
            raise Fault(int(text.split()[1]), "As the login's language says it.")
        if text.startswith("count and fail "):
            raise Late(int(text.split()[3]), "As the login's language says it.")
        return next((said for word, said in SAID.items() if word in text), "1" if text.startswith("SELECT") else None)

    need(MISSING)
    with Peer(answer) as peer:
        yield f"mssql+mssqlpython://office:secret@127.0.0.1:{peer.port}/pm?Encrypt=no"
    databases.engine.cache_clear()


def refused(database: Database, number: int) -> sa.exc.DBAPIError:
    with pytest.raises(sa.exc.DBAPIError) as found, database.engine.connect() as connection:
        connection.exec_driver_sql(f"fail {number}")
    return found.value


def test_an_error_carries_the_server_s_number_through_the_driver(url: str) -> None:
    database = connect(url)

    found = {number: error_codes.codes(refused(database, number)) for number in (1205, 1222, 2627, 2628, 40613, 102)}

    database.close()
    assert found == {
        1205: {"1205", "40001/1205"},
        1222: {"1222", "42000/1222"},
        2627: {"2627", "23000/2627"},
        2628: {"2628", "42000/2628"},
        40613: {"40613", "42000/40613"},
        102: {"102", "42000/102"},
    }


def test_a_lock_that_was_waited_for_passes_and_a_row_that_is_refused_does_not(url: str) -> None:
    database = connect(url)
    lock, row, moved = (refused(database, number) for number in (1222, 2628, 40613))

    assert [error_codes.is_transient(each) for each in (lock, row, moved)] == [True, False, True]
    assert [error_codes.is_refused_row(each) for each in (lock, row, moved)] == [False, True, False]
    assert error_codes.is_lock_timeout(lock)
    database.close()


def test_an_error_behind_a_count_is_kept_by_the_driver_and_told_in_an_office_s_database(url: str) -> None:
    plain = sa.create_engine(url)
    with plain.connect() as connection:
        assert connection.exec_driver_sql("count and fail 547").rowcount == 1
    plain.dispose()

    with databases.engine(url).connect() as connection:
        with pytest.raises(sa.exc.DBAPIError) as found:
            connection.exec_driver_sql("count and fail 547")
        with pytest.raises(RolledBack):
            connection.exec_driver_sql("count")
    assert error_codes.codes(found.value) == {"547", "23000/547"}


def test_a_statement_that_answers_no_rows_is_heard_to_its_end(url: str) -> None:
    with databases.engine(url).begin() as connection:
        assert connection.exec_driver_sql("nothing").rowcount == -1
        assert connection.exec_driver_sql("SELECT 2").scalar() == "1"


def test_a_session_is_told_what_pyodbc_s_is_told(url: str, heard: list[str]) -> None:
    database = connect(url)
    with database.begin() as connection:
        driver = connection.connection.dbapi_connection
        limit = driver.timeout if driver is not None else None  # type: ignore[attr-defined]
    database.close()
    with databases.engine(url).begin():
        pass

    assert limit == 10
    assert [text.partition(";")[0] for text in heard if "LOCK_TIMEOUT" in text] == ["SET XACT_ABORT ON"] * 2
    assert any("SET TRANSACTION ISOLATION LEVEL READ COMMITTED" in text for text in heard)


def test_a_server_that_is_not_there_is_reported_with_what_to_do() -> None:
    need(MISSING)
    database = connect("mssql+mssqlpython://office:secret@127.0.0.1:1/pm?Encrypt=no", call_timeout=timedelta(seconds=1))
    told = r"cannot be reached or does not answer .*Check that it runs"

    with pytest.raises(DatabaseUnreachable, match=told), database.read():
        pass


def test_a_word_that_the_driver_does_not_know_is_told_as_what_it_is(url: str) -> None:
    database = connect(f"{url}&colour=blue")

    with pytest.raises(DatabaseUnreachable, match=r"an option .* that mssql-python does not know"), database.read():
        pass


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("?driver=FreeTDS", "brings its own ODBC driver"),
        ("?driver=ODBC+Driver+18+for+SQL+Server", "Remove driver=… from it"),
        ("?dsn=office", "Remove dsn=… from it"),
    ],
)
def test_an_odbc_driver_that_is_named_is_refused_for_it_brings_its_own(query: str, problem: str) -> None:
    with pytest.raises(DatabaseUnreachable, match=problem):
        connect(f"mssql+mssqlpython://office:secret@db/pm{query}")
    with pytest.raises(DatabaseUnreachable, match=problem):
        databases.engine(f"mssql+mssqlpython://office:secret@db/pm{query}")


def test_a_database_must_be_named() -> None:
    with pytest.raises(DatabaseUnreachable, match="it names no database"):
        connect("mssql+mssqlpython://office:secret@db/")


def test_a_driver_that_is_not_there_is_told_by_the_name_that_pip_knows() -> None:
    with pytest.raises(DatabaseUnreachable, match=r"Run pip install mssql-python\."), server_engine.driver_needed("x"):
        raise ModuleNotFoundError(name="mssql_python")
