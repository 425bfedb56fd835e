"""What a server says while it restarts, moves, throttles or runs short passes, and is said of no row."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

import fake_odbc
import pytest
import sqlalchemy as sa
from fake_server import Fault
from rig import Bench, eventually, outcomes, start, status

from process_manager import Done, Process, StepRun
from process_manager.database import Database, error_codes, lock_timeouts
from process_manager.errors import DatabaseUnreachable

SQL_SERVER = {
    "starts": "904 913 921 922 941 17142 17194 17197 17198 18401 18451 18461 4221 42108 42109",
    "stops": "596 6005 6006 17188 17191 18056 9001",
    "fails over": "952 954 955 956 976 978 979 982 983 988 615 40197 40613 40143 40166 40540 40545 3906 3908",
    "is closed": "923 924 926 927 942 945",
    "throttles": "10922 10928 10929 10936 40501 40648 40671 49918 49919 49920 49977 49983",
    "ends what takes much": "40549 40550 40551 40552 40553",
    "runs short": "701 802 845 1204 8628 8645 8651 8657 3966 3967 17189 17300 17312 17809 41823 1132 1101 1105 9002",
    "is met by others": "601 617 669 1205 1222 3930 3935 3960 3961 3998 8179 9515 41301 41302 41305 41325 41839",
    "is lost": "20 64 121 233 10053 10054 10060 10061 11001 17830",
}
OF_FREETDS = "20002 20003 20004 20006 20009 20017 20047"
OF_ODBC = "08S01 08001 08007 HYT00 HYT01 HY001 HY014 IMC01 IMC02 IMC03 IMC04 IMC05 IMC06"
MARIADB = {
    "HY000": "1020 1021 1026 1041 1114 1135 1205 1206 1223 1290 1689 1836 2002 2003 2006 2008 2012 2013 2026 2055 4031",
    "HY001": "1037 1038",
    "08004": "1040",
    "08S01": "1047 1053 1152 1158 1159 1160 1161",
    "42000": "1203 1226",
    "40001": "1213",
    "70100": "1317 1927 1969",
    "XA102": "1614",
    "25006": "1792",
}
POSTGRESQL = (
    "08000 08003 08006 25006 25P03 25P04 40000 40001 40003 40P01 53000 53100 53200 53300 53400 55P03 57014 57P01 57P02"
    " 57P03 57P04 57P05 58000 58030"
)
SQLITE = "BUSY LOCKED FULL IOERR CANTOPEN READONLY NOMEM INTERRUPT PROTOCOL"
LOGINS = "4060 18456 18452 18487 18488 916 40615 1045 1049 1130"


def told_by_odbc() -> dict[str, Exception]:
    """Each as pyodbc raises it, of Microsoft's driver, of FreeTDS and of MariaDB's."""
    told: dict[str, Exception] = {}
    for number in " ".join(SQL_SERVER.values()).split():
        for name, driver in (("Microsoft", fake_odbc.MICROSOFT), ("FreeTDS", fake_odbc.FREETDS)):
            told[f"{name} {number}"] = fake_odbc.error(Fault(int(number)), driver)
    for number in OF_FREETDS.split():
        told[f"FreeTDS {number}"] = fake_odbc.error(Fault(int(number)), fake_odbc.FREETDS)
    for state in OF_ODBC.split():
        told[f"ODBC {state}"] = fake_odbc.error(Fault(0, "Gået i stykker", state=state))
    for state, number in ((state, number) for state, numbers in MARIADB.items() for number in numbers.split()):
        told[f"MariaDB {number}"] = fake_odbc.error(Fault(int(number), state=state), "[ma-3.1.15][10.11.19-MariaDB]")
    return told


class PostgresError(Exception):
    """As psycopg raises it."""

    def __init__(self, code: str) -> None:
        super().__init__("es geht nicht")
        self.sqlstate = code


def told_by_others() -> dict[str, Exception]:
    told: dict[str, Exception] = {f"PostgreSQL {code}": PostgresError(code) for code in POSTGRESQL.split()}
    for name in SQLITE.split():
        error = sqlite3.OperationalError("no")
        error.sqlite_errorname = f"SQLITE_{name}"
        told[f"SQLite {name}"] = error
    return told


PASSING = told_by_odbc() | told_by_others()


def wrapped(error: Exception) -> sa.exc.DBAPIError:
    """As SQLAlchemy has it by its class."""
    return sa.exc.DBAPIError("INSERT", {}, error)


@pytest.mark.parametrize("name", PASSING)
def test_it_passes_and_is_no_refused_row(name: str) -> None:
    error = wrapped(PASSING[name])

    assert error_codes.is_transient(error), error_codes.codes(error)
    assert error_codes.concerns_any_row(error)
    assert not error_codes.is_refused_row(error)


@pytest.mark.parametrize("number", LOGINS.split())
def test_a_login_that_is_refused_is_no_refused_row_whatever_it_says(number: str) -> None:
    error = wrapped(fake_odbc.error(Fault(int(number), state="28000"), call="SQLDriverConnect"))

    assert error_codes.concerns_any_row(error)
    assert not error_codes.is_refused_row(error)


@pytest.mark.parametrize("driver", [fake_odbc.MICROSOFT, fake_odbc.FREETDS])
@pytest.mark.parametrize("number", [515, 547, 2601, 2627, 2628, 8115, 8152])
def test_a_row_that_is_refused_is_known_as_such(number: int, driver: str) -> None:
    error = wrapped(fake_odbc.error(Fault(number), driver))

    assert error_codes.is_refused_row(error)
    assert not error_codes.is_transient(error)
    assert not error_codes.concerns_any_row(error)


@pytest.mark.parametrize(("number", "state"), [(1047, "42000"), (1038, "42000"), (1041, "42000"), (1020, "42000")])
def test_a_statement_that_sql_server_cannot_read_does_not_pass_by_a_number_of_mariadb(number: int, state: str) -> None:
    assert not error_codes.is_transient(wrapped(fake_odbc.error(Fault(number, state=state))))


def test_what_a_step_answered_is_recorded_whatever_the_server_says_meanwhile(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = database.engine.dialect.do_execute
    says: list[Exception] = []

    def do_execute(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if "INSERT INTO process_steps" in statement and says:
            raise says.pop()
        plain(cursor, statement, parameters, context)

    def recorded() -> object:
        with suppress(sa.exc.DBAPIError, DatabaseUnreachable):  # the worker waits, and tries again
            bench.write(claim=False)
        return not says and not bench.claims.held

    monkeypatch.setattr(database.engine.dialect, "do_execute", do_execute)
    bench, ids = Bench(database, Single), []
    for error in told_by_odbc().values():
        ids.append(start(database, Single))
        bench.run(*bench.write())
        says += [driver_error(error)] * 2  # it is still so when each answer is tried alone
        eventually(recorded)

    assert {status(database, each) for each in ids} == {"succeeded"}
    assert {tuple(outcomes(database, each)) for each in ids} == {(("a", "done"),)}


class Single(Process):
    """One step, done with the process."""

    STEPS = {"a": "do"}

    def do(self, run: StepRun) -> Done:
        return Done()


def driver_error(error: Exception) -> sqlite3.Error:
    """The same, of the class that the engine's own driver raises."""
    kind = sqlite3.DatabaseError if isinstance(error, fake_odbc.DatabaseError) else sqlite3.Error
    return kind(*error.args)


@pytest.mark.parametrize("dialect", ["postgresql", "mssql"])
def test_nobody_waits_long_behind_a_change_of_the_schema(dialect: str) -> None:
    limit = {"postgresql": "lock_timeout = '500ms'", "mssql": "LOCK_TIMEOUT 500"}

    assert lock_timeouts.SESSION_TIMEOUTS[dialect].endswith(limit[dialect])
