"""What stands in for pyodbc and SQL Server does what they do, where the engine's tests stand on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import fake_odbc
import pytest
import sqlalchemy as sa
from fake_server import Answer, Fault, Server, Statement

from process_manager.database import connect, error_codes

BOOK = sa.Table(
    "book",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("line", sa.Unicode(100), unique=True),
)


@pytest.fixture
def plain(odbc: Server) -> Iterator[sa.Engine]:
    """An engine as SQLAlchemy makes it for the fake, with a table of books."""
    engine = sa.create_engine(fake_odbc.URL)
    with engine.begin() as connection:
        BOOK.create(connection)
    odbc.forget()
    yield engine
    engine.dispose()


def write(connection: sa.Connection, *lines: str | None) -> None:
    for line in lines:
        connection.execute(sa.insert(BOOK).values(line=line))


def lines(server: Server) -> list[str]:
    return [line for (line,) in server.rows("SELECT line FROM book ORDER BY id")]


def test_what_is_committed_is_kept_and_what_is_not_is_not(odbc: Server, plain: sa.Engine) -> None:
    with plain.begin() as connection:
        write(connection, "first", "second")
        found = connection.execute(sa.select(BOOK.c.line).limit(1)).all()
    with plain.connect() as connection:
        write(connection, "third")

    assert found == [("first",)]
    assert lines(odbc) == ["first", "second"]
    assert [said.values for said in odbc.committed if said.text.startswith("INSERT")] == [("first",), ("second",)]
    assert (len(odbc.sent), odbc.round_trips) == (4, 7)  # a commit, and the pool's rollback twice


def test_an_error_under_xact_abort_rolls_everything_back_and_nobody_is_told(odbc: Server, plain: sa.Engine) -> None:
    with plain.begin() as connection:
        connection.exec_driver_sql("SET XACT_ABORT ON; SET LOCK_TIMEOUT 1000")
        write(connection, "first")
        with pytest.raises(sa.exc.IntegrityError, match=r"^\(fake_odbc.IntegrityError\) \('23000', .* \(2627\) \(SQL"):
            write(connection, "first")
        write(connection, "after")

    assert odbc.taken_back == 1
    assert lines(odbc) == ["after"]


def test_without_xact_abort_only_the_statement_is_rolled_back(odbc: Server, plain: sa.Engine) -> None:
    with plain.begin() as connection:
        write(connection, "first")
        with pytest.raises(sa.exc.IntegrityError):
            write(connection, "first")
        write(connection, "after")

    assert odbc.taken_back == 0
    assert lines(odbc) == ["first", "after"]


@pytest.mark.parametrize("aborts", ["ON", "OFF"])
def test_a_deadlock_rolls_everything_back_and_a_text_that_cannot_be_read_nothing(
    odbc: Server, plain: sa.Engine, aborts: str
) -> None:
    def script(said: Statement) -> Answer | None:
        if said.values == ("deadlock",):
            raise Fault(1205)
        return None

    odbc.script = script
    with plain.begin() as connection:
        connection.exec_driver_sql(f"SET XACT_ABORT {aborts}")
        write(connection, "first")
        with pytest.raises(sa.exc.DBAPIError) as misspelt:
            connection.exec_driver_sql("INSRT")
        write(connection, "second")
        with pytest.raises(sa.exc.DBAPIError) as refused:
            write(connection, "deadlock")
        write(connection, "after")

    assert error_codes.codes(misspelt.value) == {"102", "42000/102"}
    assert error_codes.codes(refused.value) == {"1205", "40001/1205"}
    assert (odbc.taken_back, lines(odbc)) == (1, ["after"])


def test_a_savepoint_holds_without_xact_abort_and_is_gone_with_it(odbc: Server, plain: sa.Engine) -> None:
    with plain.begin() as connection:
        write(connection, "first")
        with suppress(sa.exc.IntegrityError), connection.begin_nested():
            write(connection, "second", "first")
        write(connection, "after")
    assert lines(odbc) == ["first", "after"]

    with plain.connect() as connection:
        connection.exec_driver_sql("SET XACT_ABORT ON")
        with pytest.raises(sa.exc.DBAPIError, match=r"\(6401\)"), connection.begin_nested():
            write(connection, "first")


def test_a_session_that_ends_takes_its_transaction_with_it(odbc: Server, plain: sa.Engine) -> None:
    def script(said: Statement) -> None:
        if said.values == ("cut",):
            raise Fault(10054, "TCP Provider: connection reset by peer", state="08S01")

    odbc.script = script
    with pytest.raises(sa.exc.OperationalError) as cut, plain.begin() as connection:
        write(connection, "first", "cut")

    assert error_codes.is_broken(cut.value)
    with plain.begin() as connection:
        write(connection, "after")
    assert lines(odbc) == ["after"]


def test_a_none_costs_a_round_trip_and_too_many_parameters_reach_nobody(odbc: Server, plain: sa.Engine) -> None:
    with plain.begin() as connection:
        write(connection, "first", None)
        with pytest.raises(sa.exc.DBAPIError, match="07002"):
            connection.exec_driver_sql(f"SELECT {', '.join('?' * 2101)}", (1,) * 2101)
        assert len(connection.exec_driver_sql(f"SELECT {', '.join('?' * 2000)}", (1,) * 2000).one()) == 2000

    assert (len(odbc.sent), odbc.described, odbc.round_trips) == (3, 1, 6)  # a commit and a rollback


def test_the_engine_s_own_database_opens_on_it(odbc: Server) -> None:
    database = connect(fake_odbc.URL)

    with database.begin() as connection:
        said = [connection.exec_driver_sql(f"SELECT {what}").scalar() for what in ("@@TRANCOUNT", "XACT_STATE()")]
        level = connection.get_isolation_level()

    database.close()
    assert (said, level) == ([0, 0], "READ COMMITTED")
    assert [(each.text[:17], each.text[-22:]) for each in odbc.sent if each.text.startswith("SET XACT")] == [
        ("SET XACT_ABORT ON", " SET LOCK_TIMEOUT 5000")
    ]
