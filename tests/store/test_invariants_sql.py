"""The statements of the audit as a DBA of each database reads them. `UPDATE_GOLDEN=1` writes the files anew."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from tsql import complaints

from process_manager.database import Database, clock_offset, open_transactions, server_settings
from process_manager.inspection import invariants
from process_manager.store import invariants as auditing
from tests.store.test_query_plans import overheard

FOLDER = Path(__file__).parents[1] / "sql"
DIALECTS = {
    "sqlite": make_url("sqlite://").get_dialect()(paramstyle="named"),
    "postgresql": make_url("postgresql+psycopg://").get_dialect()(paramstyle="named"),
    "mssql": make_url("mssql+pyodbc://").get_dialect()(paramstyle="named"),
    "mariadb": make_url("mariadb+pyodbc://").get_dialect()(paramstyle="named"),
}
STATEMENTS: dict[str, ClauseElement] = {
    "audit_due": auditing.due_statement(),
    **{f"audit_{name}": question.statement() for name, question in auditing.QUESTIONS.items()},
}
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)
MOMENTS = ("now", "long_ago")


def text_of(statement: ClauseElement, dialect: str) -> str:
    """What the database is sent, with the values that never change where they stand."""
    compiled = statement.compile(dialect=DIALECTS[dialect])
    assert isinstance(compiled, SQLCompiler)
    state = compiled.construct_expanded_state({name: MOMENT for name in MOMENTS if name in compiled.binds})
    text = f"{state.statement}\n"
    for name, value in state.parameters.items():
        if name not in MOMENTS:
            text = re.sub(rf":{name}\b", repr(str(value)) if isinstance(value, str) else str(value), text)
    return text


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", STATEMENTS)
def test_the_golden_file_holds_the_text_of_the_statement(name: str, dialect: str) -> None:
    golden = FOLDER / f"{name}.{dialect}.sql"
    text = text_of(STATEMENTS[name], dialect)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(text, "utf-8")

    assert golden.is_file(), f"run UPDATE_GOLDEN=1 python -m pytest {Path(__file__).name}"
    assert golden.read_text("utf-8") == text


def test_there_is_no_golden_file_of_the_audit_without_a_statement() -> None:
    files = {file.name for file in FOLDER.glob("audit_*.sql")}

    assert files == {f"{name}.{dialect}.sql" for name in STATEMENTS for dialect in DIALECTS}


@pytest.mark.slow
@pytest.mark.parametrize("name", STATEMENTS)
def test_the_sql_server_text_is_valid_tsql(name: str) -> None:
    assert complaints(text_of(STATEMENTS[name], "mssql")) == []


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_writes_or_asks_for_more_rows_than_are_shown(name: str) -> None:
    for dialect in DIALECTS:
        text = text_of(STATEMENTS[name], dialect)

        assert text.startswith("SELECT")
        assert name == "audit_due" or re.search(r"TOP [15]\b|LIMIT [15]\b", text), text


@pytest.mark.parametrize("sql", [server_settings.MSSQL, clock_offset.NOW["mssql"], open_transactions.OPEN["mssql"]])
def test_what_sql_server_is_asked_of_itself_is_valid_tsql(sql: str) -> None:
    assert complaints(sql) == []


@pytest.mark.parametrize("name", [name for name, question in auditing.QUESTIONS.items() if not question.scans])
def test_a_quick_question_walks_an_index_of_what_is_open(database: Database, name: str) -> None:
    with database.read() as connection:
        text = text_of(STATEMENTS[f"audit_{name}"], "sqlite")
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", {"long_ago": "2026"})]

    reads = [line for line in plan if re.search(r"(SCAN|SEARCH) processes", line)]
    assert reads
    assert [line for line in reads if not re.search("ix_processes_(l|place)|PRIMARY KEY", line)] == []


def test_every_question_is_one_statement_however_many_rows_there_are(database: Database) -> None:
    with overheard(database.engine) as said:
        found = list(invariants.audit(database, {"long_ago": MOMENT}, names=auditing.QUESTIONS))

    assert len(found) == len([each for each in said if each[0].startswith("SELECT")]) == len(auditing.QUESTIONS)
