"""The dispatch on the user's own SQL Server: a trigger on the invoice table, OpenOrchestrator's columns, a held row."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from backends import SQL_SERVER
from rig import execute, settings, start, told

from benchmarks.lent import Lent
from process_manager import classic
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.integrations import databases
from process_manager.worker import Plan, Worker
from processes.fakturering import Fakturering

NAME = "VejmanKassen"
ROWS = 60
SENT = 50

pytestmark = [
    pytest.mark.skipif(not os.environ.get(SQL_SERVER), reason=f"{SQL_SERVER} names no SQL Server"),
    pytest.mark.parametrize("database", ["mssql"], indirect=True),
]

TABLES = {
    "VejmanFakturering": """(ID int IDENTITY PRIMARY KEY, VejmanID int, VejmanFakturaID nvarchar(50) NOT NULL UNIQUE,
        Tilladelsesnr nvarchar(50), FakturaStatus nvarchar(20) NOT NULL)""",
    "VejmanFaktureringLog": """(ID int IDENTITY PRIMARY KEY, RowID int NOT NULL, ActionType nvarchar(50) NOT NULL,
        OldStatus nvarchar(20), NewStatus nvarchar(20), PerformedBy nvarchar(100) NOT NULL,
        PerformedAt datetime2 NOT NULL DEFAULT SYSUTCDATETIME())""",
    "Queues": """(id uniqueidentifier NOT NULL PRIMARY KEY, queue_name varchar(100) NOT NULL,
        status varchar(11) NOT NULL, data varchar(2000), reference varchar(100), created_date datetime NOT NULL,
        start_date datetime, end_date datetime, message varchar(1000), created_by varchar(100))""",
}
AFTER = [
    "CREATE INDEX IX_VejmanFakturering_FakturaStatus ON VejmanFakturering (FakturaStatus, ID)",
    "CREATE TRIGGER TR_VejmanFakturering ON VejmanFakturering AFTER UPDATE AS SET NOCOUNT ON",
]


@pytest.fixture
def till(database: Database, lent: Lent) -> Iterator[Database]:
    """The engine's database, with rows to dispatch and a queue beside its tables."""
    if execute(database, "SELECT DB_NAME()") != [(NAME,)]:
        pytest.skip(f"the statements name {NAME}: an empty database of that name, on a server that is for tests")
    for table, columns in TABLES.items():
        execute(database, f"CREATE TABLE {table} {columns}")
    for each in AFTER:
        execute(database, each)
    for number in range(ROWS):
        execute(
            database,
            "INSERT INTO VejmanFakturering (VejmanID, VejmanFakturaID, Tilladelsesnr, FakturaStatus)"
            " VALUES (:vejman, :invoice, :permit, :status)",
            vejman=1000 + number,
            invoice=f"VF-{number}",
            permit=f"Æ-{number}/26",
            status="Afsendt" if number < SENT else "Ny",
        )
    yield database
    databases.engine.cache_clear()
    for table in TABLES:
        execute(database, f"DROP TABLE {table}")


def dispatch(database: Database) -> list[tuple[object, ...]]:
    """What one run of the dispatch answered, step by step."""
    own = os.environ[SQL_SERVER]
    process_id = start(database, Fakturering)
    given = settings(fakturering_url=own, openorchestrator_url=own)
    Worker(database, Plan(Registry([Fakturering]), given, classic(), until_empty=True)).run()
    return told(database, process_id, "step", "outcome", "message")


def queued(database: Database) -> list[tuple[str, dict[str, object], str]]:
    found = execute(database, "SELECT reference, data, status FROM Queues")
    return [(reference, json.loads(data), status) for reference, data, status in found]


def statuses(database: Database) -> Counter[str]:
    return Counter(status for (status,) in execute(database, "SELECT FakturaStatus FROM VejmanFakturering"))


def test_each_row_is_queued_once_with_its_facts_though_the_table_has_a_trigger(till: Database) -> None:
    answers = dispatch(till)

    assert answers == [
        ("claim", "done", f"{SENT} rows claimed"),
        ("queue", "done", f"{SENT} rows put into VejmanKassenSAP"),
        ("finalise", "done", f"{SENT} rows TilFakturering"),
    ]
    assert sorted(queued(till), key=lambda row: int(row[0])) == [
        (str(number + 1), {"ID": number + 1, "VejmanID": 1000 + number, "Tilladelsesnr": f"Æ-{number}/26"}, "NEW")
        for number in range(SENT)
    ]
    assert statuses(till) == {"TilFakturering": SENT, "Ny": ROWS - SENT}
    assert execute(till, "SELECT ActionType, COUNT(*) FROM VejmanFaktureringLog GROUP BY ActionType ORDER BY 1") == [
        ("Claim", SENT),
        ("TilFakturering", SENT),
    ]


def test_a_row_that_another_session_holds_is_left_for_the_next_run_and_holds_up_no_other(till: Database) -> None:
    with till.engine.connect() as another:
        another.execute(sa.text("UPDATE VejmanFakturering SET Tilladelsesnr = 'held' WHERE ID = 1"))
        (claim, *_) = dispatch(till)
        another.rollback()
    first = len(queued(till))
    dispatch(till)

    assert claim == ("claim", "done", f"{SENT - 1} rows claimed; 1 row held by another session, left for the next run")
    assert (first, len(queued(till))) == (SENT - 1, SENT)
    assert statuses(till) == {"TilFakturering": SENT, "Ny": ROWS - SENT}
