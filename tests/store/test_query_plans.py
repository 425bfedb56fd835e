"""The plans of the statements that run all the time: each finds its rows by an index, however many others there are."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from rig import claim_request as of

from process_manager.database import Database, connect, schema
from process_manager.lifecycle import Status, intervention
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Seen, Transition
from process_manager.store import claiming, dedup_keys, due, filters, lanes, queries, recording, reports, tables
from process_manager.store.claiming import Lease
from process_manager.store.filters import Filter
from process_manager.store.reports import Ended

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
ROWS = 5_000
DAY = (NOW, NOW + timedelta(days=1))
LEASE = Lease("w", NOW, NOW + timedelta(seconds=90))
ONE = of(("invoice", 1))
THREE = of(("invoice", 1), ("letter", 1), ("letter", 2))
ONE_CHANNEL = replace(THREE, channels=("default", "night"))

FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
INSERT INTO processes (seq, name, version, channel, step, parameters, order_key, dedup_hash, status, due_at, worker,
    lease_ends_at, step_started_at, created_at, created_by, updated_at, finished_at)
SELECT 1, iif(i % 3, 'invoice', 'letter'), 1 + i % 2, 'default', iif(i % 4, 'claim', NULL), '{}',
    iif(i % 5, NULL, i % 100), iif(i % 7, NULL, hex(i)),
    CASE i % 4 WHEN 0 THEN 'succeeded' WHEN 1 THEN 'pending' WHEN 2 THEN 'running' ELSE 'failed' END,
    iif(i % 4 = 1, '2026-11-01 00:00:00.000000', NULL), iif(i % 4 = 2, 'w', NULL),
    iif(i % 4 = 2, '2026-11-03 09:01:00.000000', NULL), iif(i % 4 = 2, '2026-11-03 08:59:00.000000', NULL),
    '2026-11-01 00:00:00.000000', 'a', '2026-11-01 00:00:00.000000',
    iif(i % 4, NULL, '2026-11-02 00:00:00.000000')
FROM n
"""
FILL_HISTORY = """
INSERT INTO process_steps (process_id, seq, round, step, attempt, outcome, message, started_at, finished_at, worker)
SELECT id, 1, 1, 'claim', 1, 'done', '', created_at, created_at, 'w' FROM processes
"""
FILL_KEYS = """
INSERT INTO dedup_keys (name, key_hash, process_id, scope)
SELECT name, dedup_hash, id, 'while_open' FROM processes WHERE dedup_hash IS NOT NULL
"""
FILL_LANES = "INSERT INTO lanes (order_key) SELECT DISTINCT order_key FROM processes WHERE order_key IS NOT NULL"

Act = Callable[[sa.Connection], object]

ACTS: dict[str, tuple[Act, str]] = {
    "claim": (lambda c: claiming.claim_due(c, ONE, LEASE, limit=10), "ix_processes_due"),
    "claim of three": (lambda c: claiming.claim_due(c, THREE, LEASE, limit=10), "ix_processes_due"),
    "claim in a channel": (lambda c: claiming.claim_due(c, ONE_CHANNEL, LEASE, limit=10), "ix_processes_channel"),
    "claim one": (lambda c: claiming.claim_one(c, 7, LEASE), "PRIMARY KEY"),
    "next due": (lambda c: due.next_due(c, THREE), "ix_processes_due"),
    "renew": (lambda c: claiming.renew(c, [(2, 0)], lease_ends_at=NOW), "PRIMARY KEY"),
    "still held": (lambda c: claiming.still_held(c, [(2, 0)]), "PRIMARY KEY"),
    "expired": (lambda c: claiming.expired(c, now=NOW, limit=100), "ix_processes_lease"),
    "held": (lambda c: claiming.held(c, 2), "PRIMARY KEY"),
    "record": (lambda c: recording.record(c, [advanced(2), advanced(6)]), "PRIMARY KEY"),
    "record an act": (lambda c: recording.record(c, [abandoned(3)]), "PRIMARY KEY"),
    "record an end in a lane": (lambda c: recording.record(c, [ended(10)]), "ix_processes_place"),
    "record an end with a dedup key": (lambda c: recording.record(c, [ended(14, "E")]), "PRIMARY KEY"),
    "heads": (lambda c: lanes.heads(c, {"5", "10"}), "ix_processes_place"),
    "advance": (lambda c: lanes.advance(c, {"5", "10"}, now=NOW), "PRIMARY KEY"),
    "step back": (lambda c: lanes.step_back(c, "5", behind=1, now=NOW), "ix_processes_place"),
    "holders of keys": (lambda c: dedup_keys.holders(c, [("invoice", "E")]), "PRIMARY KEY"),
    "a page of history": (lambda c: queries.history(c, 2), "PRIMARY KEY"),
    "one process": (lambda c: queries.process(c, 2), "PRIMARY KEY"),
    "what ended each day": (lambda c: reports.per_stretch(c, [DAY] * 3), "ix_processes_finished"),
    "the runs of what ended": (lambda c: reports.runs(c, Ended(DAY, one_in=7)), "ix_processes_finished"),
    "the errors of what ended": (lambda c: reports.errors(c, Ended(DAY), most=9), "ix_processes_finished"),
    "a reference": (
        lambda c: filters.newest(c, Filter(reference="x"), limit=10),
        "ix_processes_reference",
    ),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = filled(tmp_path_factory.mktemp("plans") / "x.db", rows=ROWS)
    yield made
    made.close()


def filled(path: Path, *, rows: int) -> Database:
    """A database with rows of every kind."""
    database = connect(f"sqlite:///{path.as_posix()}")
    schema.require(database, wanted=tables.SCHEMA, tell=lambda _said: None)
    with database.begin() as connection:
        connection.execute(sa.text(FILL), {"rows": rows})
        for statement in (FILL_HISTORY, FILL_KEYS, FILL_LANES):
            connection.execute(sa.text(statement))
    return database


def advanced(process_id: int) -> Transition:
    return Transition(claim(process_id), ProcessState(Status.RUNNING, "queue", 0), (entry(),), NOW)


def ended(process_id: int, dedup_hash: str | None = None) -> Transition:
    return Transition(
        claim(process_id, dedup_hash), ProcessState(Status.SUCCEEDED, None, 0, finished_at=NOW), (entry(),), NOW
    )


def abandoned(process_id: int) -> Transition:
    failed = Seen(claim(process_id), ProcessState(Status.FAILED, "claim", 0))
    return intervention.abandoned(failed, NOW, entry())


def claim(process_id: int, dedup_hash: str | None = None) -> Claim:
    return Claim(
        id=process_id,
        name="invoice",
        version=1,
        reference=None,
        order_key=str(process_id % 100),
        step="claim",
        attempts=0,
        attempts_since=None,
        round=1,
        seq=1,
        fence=0,
        crashes=0,
        reruns=None,
        payload="{}",
        dedup_hash=dedup_hash,
        step_started_at=NOW,
        worker="w",
    )


def entry() -> HistoryEntry:
    return HistoryEntry("claim", 1, "done", "", NOW, NOW)


def plans(connection: sa.Connection, act: Act) -> list[str]:
    """How SQLite runs every statement of the act: a line for each table that it reads."""
    with overheard(connection.engine) as said:
        act(connection)
    return [
        row.detail
        for statement, parameters in said
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]


@contextmanager
def overheard(engine: sa.Engine) -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    said: list[tuple[str, tuple[object, ...]]] = []

    def listen(
        _connection: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object
    ) -> None:
        said.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)


def scans(lines: list[str]) -> list[str]:
    """The lines that tell of a table of ours being read from end to end."""
    return [line for line in lines if re.match(rf"SCAN (TABLE )?({'|'.join(tables.metadata.tables)})\b", line)]


@pytest.mark.parametrize("name", ACTS)
def test_a_statement_of_the_hot_path_finds_its_rows_by_an_index(database: Database, name: str) -> None:
    act, index = ACTS[name]

    with database.connect() as connection:
        lines = plans(connection, act)

    assert scans(lines) == []
    assert any(index in line for line in lines), lines


def test_the_rows_that_are_planned_for_are_found(database: Database) -> None:
    with database.connect() as connection:
        assert len(claiming.claim_due(connection, THREE, LEASE, limit=10)) == 10
        assert recording.record(connection, [advanced(2), ended(10)]).kept == [advanced(2), ended(10)]
        assert lanes.heads(connection, {"5", "10"}) == {"5": 5, "10": 110}
