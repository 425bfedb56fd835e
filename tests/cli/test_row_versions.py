"""A SQL Server that keeps no row versions: readers wait for writers there, and `check` and `doctor` say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fake_odbc import URL
from fake_server import Answer, Server, Statement
from shop import Shop

from process_manager.database import connect, server_settings
from process_manager.inspection import database_setup
from process_manager.store.tables import SCHEMA
from tests.cli.test_check import found

HINT = "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON"


def saying(reads_versions: int) -> object:
    """What a server with the engine's tables says of itself."""
    facts = {
        "version": "16.0", "edition": "Standard", "encoding": "Danish_Norwegian_CI_AS", "snapshot": "OFF",
        "reads_versions": reads_versions, "durability": "DISABLED", "compatibility": 160, "isolation": 2,
    }  # fmt: skip

    def answer(said: Statement) -> Answer | None:
        if "is_read_committed_snapshot_on" in said.text:
            return Answer(tuple(facts), [tuple(facts.values())])
        if "version_num" in said.text:
            return Answer(("version_num",), [(SCHEMA,)])
        if "SYSUTCDATETIME" in said.text:
            return Answer(("",), [(str(datetime.now(UTC))[:26],)])
        if "TABLE_NAME" in said.text:
            return Answer(("TABLE_NAME",), [("alembic_version",), ("processes",)])
        return Answer(("",), [], 0)

    return answer


@pytest.mark.parametrize(("reads_versions", "result"), [(0, "warning"), (1, "ok")])
def test_check_warns_where_readers_wait_for_writers(
    shop: Shop, odbc: Server, monkeypatch: pytest.MonkeyPatch, reads_versions: int, result: str
) -> None:
    odbc.script = saying(reads_versions)  # type: ignore[assignment]
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", URL)

    code, rows = found(shop)

    assert (code, rows["database"][0], rows["isolation"][0]) == (0, "ok", result)
    assert (HINT in rows["isolation"][1]) is not bool(reads_versions)


def test_doctor_warns_of_it_and_says_why(odbc: Server) -> None:
    odbc.script = saying(0)  # type: ignore[assignment]
    database = connect(URL)

    with database.read() as connection:
        rows = {each.what: each for each in database_setup.condition("mssql", server_settings.ask(connection))}

    assert rows["isolation"].result == "warning"
    assert "who reads waits for whoever is writing" in rows["isolation"].message
    assert rows["isolation"].message.endswith(HINT)
    database.close()


def test_no_other_database_is_asked_of_it(shop: Shop) -> None:
    assert "isolation" not in found(shop)[1]
