"""The floor: the same rows in the same tables, written by hand for this one workload and nothing else.

One thread, sqlite3's own statement cache, 100 outcomes in a transaction, no JSON, no objects, no retries, no renewal:
what is left of the engine's work when everything is left out that a reader of the tables could not miss.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.workload import Four, batches

HELD: Final = 100
WORKER: Final = "floor"
STEPS: Final = tuple(planned.name for planned in Four.plan)

CLAIM: Final = """
UPDATE processes SET status = 'running', fence = fence + 1, worker = ?, lease_ends_at = ?, step_started_at = ?,
    due_at = NULL, retry_after = NULL, waiting_for = NULL, updated_at = ?
WHERE id IN (SELECT id FROM processes WHERE name = ? AND version = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?)
    AND status IN ('pending', 'waiting')
RETURNING id, round, seq, fence, coalesce(payload, parameters)
"""

RECORD: Final = """
UPDATE processes SET status = ?, step = ?, seq = ?, fence = fence + ?, attempts = ?, attempts_since = ?, crashes = ?,
    due_at = ?, retry_after = ?, waiting_for = ?, payload = coalesce(?, payload), finished_at = ?, updated_at = ?,
    worker = ?, lease_ends_at = ?, step_started_at = ?
WHERE id = ? AND fence = ? AND status = 'running'
"""

APPEND: Final = """
INSERT INTO process_steps (process_id, seq, round, step, attempt, outcome, code, message, error, payload, started_at,
    finished_at, worker, "by")
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

START: Final = """
INSERT INTO processes (name, version, channel, step, parameters, reference, order_key, dedup_hash, rerun_of, status,
    due_at, retry_after, waiting_for, created_at, created_by, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Held(NamedTuple):
    """What is known of a claimed process."""

    id: int
    round: int
    seq: int
    fence: int
    payload: str


def drain(path: Path) -> int:
    """How many steps were run and recorded until nothing was due."""
    count = 0
    with closing(connect(path)) as connection:
        lease_end, held = _first(connection)
        while held:
            for place in range(len(STEPS)):
                answers = [(each, _now(), _act(each), _now()) for each in held]
                connection.execute("BEGIN IMMEDIATE")
                _record(connection, answers, place, lease_end)
                count += len(held)
                if place == len(STEPS) - 1:
                    lease_end, held = _claim(connection)
                connection.execute("COMMIT")
    return count


def enqueue(path: Path, count: int) -> None:
    """Start so many processes, 1,000 in a transaction."""
    with closing(connect(path)) as connection:
        for numbers in batches(count):
            now = _now()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                START,
                [
                    (Four.name, 1, Four.channel, STEPS[0], f'{{"number":{number}}}', None, None, None, None, "pending",
                     now, None, None, now, "code", now)
                    for number in numbers
                ],
            )  # fmt: skip
            connection.execute("COMMIT")


def connect(path: Path) -> sqlite3.Connection:
    """The file with the engine's own durability."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _first(connection: sqlite3.Connection) -> tuple[str, list[Held]]:
    connection.execute("BEGIN IMMEDIATE")
    found = _claim(connection)
    connection.execute("COMMIT")
    return found


def _claim(connection: sqlite3.Connection) -> tuple[str, list[Held]]:
    now, lease_end = _now(), _text(datetime.now(UTC) + timedelta(seconds=90))
    values = (WORKER, lease_end, now, now, Four.name, 1, now, HELD)
    return lease_end, [Held(*row) for row in connection.execute(CLAIM, values)]


def _act(_held: Held) -> str:
    """The step that does nothing."""
    return ""


def _record(
    connection: sqlite3.Connection, answers: Sequence[tuple[Held, str, str, str]], place: int, lease_end: str
) -> None:
    step, number = STEPS[place], place + 1
    moved: list[tuple[object, ...]]
    if number < len(STEPS):
        moved = [
            ("running", STEPS[number], number, 0, 0, None, 0, None, None, None, None, None, at,
             WORKER, lease_end, at, held.id, held.fence)
            for held, _began, _message, at in answers
        ]  # fmt: skip
    else:
        moved = [
            ("succeeded", None, number, 0, 0, None, 0, None, None, None, None, at, at,
             None, None, None, held.id, held.fence)
            for held, _began, _message, at in answers
        ]  # fmt: skip
    if connection.executemany(RECORD, moved).rowcount != len(answers):
        raise RuntimeError("a lease was lost")
    connection.executemany(
        APPEND,
        [
            (held.id, number, held.round, step, 1, "done", None, message, None, None, began, at, WORKER, None)
            for held, began, message, at in answers
        ],
    )


def _now() -> str:
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")
