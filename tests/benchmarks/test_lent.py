"""A database that somebody lends to tests and proofs: nothing that is not theirs is ever deleted in it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import fake_odbc
import pytest
import sqlalchemy as sa
from fake_server import Answer, Statement
from fake_server import Server as SqlServer
from rig import execute, start
from sql_server_report import Told, scheduling

import proofs.__main__ as command
from benchmarks import told
from benchmarks.hosting import Server
from benchmarks.lent import Lent, NotLent
from process_manager.database import connect, schema
from process_manager.errors import DatabaseUnreachable
from proofs.places import Place
from proofs.rows import Row
from proofs.scenarios import Scenario


@pytest.fixture(params=["postgresql_18", "mariadb"])
def url(request: pytest.FixtureRequest, server_of: Callable[[str], Server]) -> Iterator[str]:
    """A new database of somebody's."""
    server = server_of(request.param)
    yield server.create("office")
    server.drop("office")


def names(url: str) -> set[str]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    look = sa.inspect(engine)
    return {*look.get_table_names(), *look.get_view_names()}


def laid(url: str) -> None:
    """A process in the engine's tables."""
    database = connect(url)
    schema.upgrade(database, "head")
    start(database)
    database.close()


@pytest.mark.slow
def test_an_empty_database_is_taken_and_may_be_taken_again_with_what_a_killed_run_left(url: str) -> None:
    with Lent(url) as lent:
        laid(lent.create("proof"))
    assert "processes" in names(url)

    with Lent(url):
        assert names(url) == {"lent_to_proofs"}


def test_a_database_with_processes_of_somebody_s_is_refused_and_not_touched(url: str) -> None:
    laid(url)
    before = names(url)

    with pytest.raises(NotLent, match=r"holds tables that no proof made .*Nothing in it was touched"), Lent(url):
        pass

    database = connect(url)
    assert execute(database, "SELECT id, status FROM processes") == [(1, "pending")]
    database.close()
    assert names(url) == before


def test_a_table_that_came_later_keeps_all_of_it_from_being_emptied(url: str) -> None:
    with Lent(url) as lent:
        laid(lent.create("proof"))
        execute(lent.database, "CREATE TABLE customers (id INTEGER)")
        before = names(url)

        with pytest.raises(NotLent, match=r"holds what no proof made \(customers\)"):
            lent.empty()
        with pytest.raises(NotLent, match="another run of tests or proofs has it"), Lent(url):
            pass

    with pytest.raises(NotLent, match="customers"), Lent(url):
        pass
    assert names(url) == before


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(DatabaseUnreachable, match="cannot be reached") as found:
        Lent("postgresql+psycopg://clerk:tops3cret@127.0.0.1:1/office").__enter__()
    assert "tops3cret" not in str(found.value)


def test_a_proof_that_breaks_off_is_at_fault_and_the_next_is_run(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(place: Place, _size: Any) -> Row:
        raise DatabaseUnreachable(url=place.url, problem="its disk is gone", hint="Fix it.")

    def holds(place: Place, _size: Any) -> Row:
        return Row("it holds", place.name, 1, 2, 0, 0, 3.0)

    monkeypatch.setattr(command, "SCENARIOS", {"one": Scenario(breaks, 1, 1), "two": Scenario(holds, 1, 1)})
    found = command._on_lent(url, argparse.Namespace(only=["one", "two"], short=True))

    assert [(row.figure, row.holds) for row in found] == [("one", False), ("it holds", True)]
    said = capsys.readouterr().out
    assert (
        "| one | it broke off: DatabaseUnreachable: The database … cannot be used: its disk is gone. Fix it. |" in said
    )
    assert "| it holds | 1 | 2 | 0 | 0 | 3.0 | yes |" in said


def test_an_sqlite_file_need_not_be_lent() -> None:
    with pytest.raises(NotLent, match="tests and proofs make their own"):
        Lent("sqlite:///here.db")


def test_what_is_sent_names_versions_and_neither_server_nor_account(url: str) -> None:
    with Lent(url) as lent:
        lines = told.report("the proofs", told.facts(lent), ("proof",), [("sigkill",)])

    text = "\n".join(lines)
    assert "| driver | ps" in text or "| driver | pyodbc" in text
    assert "| isolation | read committed |" in text
    assert not any(word in text for word in ("127.0.0.1", "office", "root", "postgres@"))


OFFICE = "mssql+pyodbc://clerk:tops3cret@db.office.example/ledger?driver=ODBC+Driver+18+for+SQL+Server"
THERE, ELSEWHERE = "tests/test_x.py::test_a[mssql]", "tests/test_x.py::test_a[sqlite]"


def report(nodeid: str, outcome: Any, said: Any = None, when: Any = "call") -> pytest.TestReport:
    return pytest.TestReport(nodeid, ("", 0, ""), {}, outcome, said, when)


def test_one_worker_has_the_server_and_the_other_tests_go_file_by_file() -> None:
    kind = scheduling()
    made = kind.__new__(kind)

    told_of = [THERE, "tests/test_y.py::test_b[mssql-1]", ELSEWHERE, "tests/test_y.py::test_b[postgresql_18-1]"]
    assert [made._split_scope(each) for each in told_of] == [
        "PROCESS_MANAGER_TEST_MSSQL", "PROCESS_MANAGER_TEST_MSSQL", "tests/test_x.py", "tests/test_y.py",
    ]  # fmt: skip


def test_the_table_of_a_run_counts_what_was_run_there_and_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Told(OFFICE)
    monkeypatch.setattr(run, "_known", lambda: {"server": "SQL Server 16"})
    run.pytest_runtest_logreport(report(ELSEWHERE, "passed"))
    for when in ("setup", "call", "teardown"):
        run.pytest_runtest_logreport(report(THERE, "passed", when=when))
    run.pytest_runtest_logreport(report(THERE, "failed", "Login failed for 'clerk' of db.office.example: tops3cret"))
    run.pytest_runtest_logreport(report(THERE, "skipped", ("f.py", 1, "Skipped: no such index"), when="setup"))

    assert list(run.lines()) == [
        "|  | the suite |",
        "| --- | --- |",
        "| server | SQL Server 16 |",
        "",
        "| tests | passed | failed | skipped |",
        "| --- | --- | --- | --- |",
        "| test_x.py | 1 | 1 | 1 |",
        "| all | 1 | 1 | 1 |",
        "",
        "| test | end | reason |",
        "| --- | --- | --- |",
        "| test_a[mssql] | failed | Login failed for '…' of …: … |",
        "| test_a[mssql] | skipped | Skipped: no such index |",
    ]


def on_sql_server(*names: str) -> Callable[[Statement], Answer | None]:
    """What a SQL Server says that has these tables, as far as it is asked by whoever wants it lent."""

    def script(said: Statement) -> Answer | None:
        if "sp_getapplock" in said.text:
            return Answer(("",), [(1,)])
        if "[INFORMATION_SCHEMA].[SCHEMATA]" in said.text or "sys].[schemas]" in said.text:
            return Answer(("schema_name",), [("dbo",), ("sys",), ("db_owner",)])
        if "TABLE_TYPE" in said.text:
            asked = "BASE TABLE" in str(said.values) + said.text
            return Answer(("TABLE_NAME",), [(name,) for name in names if asked])
        return Answer() if said.text.startswith(("CREATE", "DROP")) else None

    return script


def changes(server: SqlServer) -> list[str]:
    return [said.text for said in server.sent if said.text.startswith(("CREATE", "DROP", "DELETE", "INSERT"))]


def test_a_sql_server_with_tables_of_somebody_s_is_sent_nothing_that_changes_it(odbc: SqlServer) -> None:
    odbc.script = on_sql_server("processes", "alembic_version")

    with pytest.raises(NotLent, match=r"holds tables that no proof made \(alembic_version, processes\)"):
        Lent(fake_odbc.URL).__enter__()

    assert changes(odbc) == []


def test_an_empty_sql_server_is_marked_first(odbc: SqlServer) -> None:
    odbc.script = on_sql_server()

    with pytest.raises(NotLent, match="is lent no longer"):  # this one keeps no view
        Lent(fake_odbc.URL).__enter__()

    assert changes(odbc) == ["CREATE VIEW lent_to_proofs AS SELECT 1 AS id"]
