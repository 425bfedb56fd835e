"""The text of every statement on the invoice table and the queue, as a DBA reads it, and its T-SQL parsed.

No statement was run on a SQL Server by these tests. `UPDATE_GOLDEN=1` writes the files anew.
"""

import os
import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.mssql.pyodbc import MSDialect_pyodbc
from tsql import complaints

from process_manager.integrations import openorchestrator
from processes.fakturering import invoice_table

FOLDER = Path(__file__).parents[2] / "sql"
SOURCES = {"fakturering": invoice_table, "openorchestrator": openorchestrator}
STATEMENTS = [
    pytest.param(f"{prefix}_{name}.{dialect}.sql", sql, id=f"{prefix}-{name}-{dialect}")
    for prefix, source in SOURCES.items()
    for dialect in ("mssql", "sqlite")
    for name, sql in source.statements(dialect).items()
]
TSQL = [
    pytest.param(sql, id=f"{prefix}-{name}")
    for prefix, source in SOURCES.items()
    for name, sql in source.statements("mssql").items()
]


@pytest.mark.parametrize(("file", "sql"), STATEMENTS)
def test_the_golden_file_holds_the_text_that_is_sent(file: str, sql: str) -> None:
    golden = FOLDER / file
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(sql + "\n", "utf-8")

    assert golden.read_text("utf-8") == sql + "\n"


def test_there_is_no_golden_file_without_a_statement() -> None:
    files = {file.name for prefix in SOURCES for file in FOLDER.glob(f"{prefix}_*.sql")}

    assert files == {case.values[0] for case in STATEMENTS}


@pytest.mark.slow
@pytest.mark.parametrize("sql", TSQL)
def test_the_sql_server_text_is_valid_tsql(sql: str) -> None:
    assert complaints(sql) == []


@pytest.mark.parametrize(
    "sql",
    ["SELECT TOP 5 FROM t", "UPDATE t SET a = 1 OUTPUT inserted.a INTO WHERE b = 2", "SELECT a FRM t WHERE b = 1"],
)
def test_the_parser_refuses_what_is_no_tsql(sql: str) -> None:
    assert complaints(sql) != []


@pytest.mark.parametrize("sql", TSQL)
def test_the_sql_server_text_compiles_for_pyodbc_with_every_parameter_bound(sql: str) -> None:
    compiled = text(sql).compile(dialect=MSDialect_pyodbc(paramstyle="qmark"))

    assert str(compiled).count("?") == len(re.findall(r":\w+", sql))


@pytest.mark.parametrize("name", ["move", "hold"])
def test_rows_are_locked_one_by_one_and_those_of_others_passed_by(name: str) -> None:
    sql = invoice_table.statements("mssql")[name]

    assert "WITH (UPDLOCK, READPAST, ROWLOCK, READCOMMITTEDLOCK, FORCESEEK)" in sql


def test_a_table_with_triggers_is_updated_with_output_into_and_no_temporary_table() -> None:
    texts = invoice_table.statements("mssql").values()

    assert [sql for sql in texts if re.search(r"OUTPUT(?!.* INTO @)", sql) or "#" in sql] == []
