"""What a list of ended jobs costs does not grow with how many have ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from rig import NOON

from process_manager.database import Database, connect, schema
from process_manager.inspection import jobs as asked_for
from process_manager.store import bots, jobs, tables
from tests.store.verbs_of_jobs import BOT

pytestmark = pytest.mark.slow

FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
INSERT INTO processes (seq, name, version, channel, step, parameters, status, created_at, created_by, updated_at,
    finished_at)
SELECT 1, 'three', 1, 'default', CASE :status WHEN 'succeeded' THEN NULL ELSE 'a' END, '{}', :status, :now, 'a',
    :now, :now
FROM n
"""


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = connect(f"sqlite:///{(tmp_path_factory.mktemp('walks') / 'x.db').as_posix()}")
    schema.require(made, wanted=tables.SCHEMA, tell=lambda _said: None)
    yield made
    made.close()


def more(database: Database, count: int, status: str) -> None:
    """Add jobs that stand so."""
    with database.begin() as connection:
        first = connection.execute(sa.text("SELECT coalesce(max(id), 0) FROM processes")).scalar_one()
        bot_id = bots.named(connection, "Reader") or bots.insert(connection, BOT)
        connection.execute(sa.text(FILL), {"count": count, "status": status, "now": f"{NOON:%Y-%m-%d %H:%M:%S.%f}"})
        job = sa.text("INSERT INTO bot_jobs (process_id, bot_id) SELECT id, :bot FROM processes WHERE id > :first")
        connection.execute(job, {"bot": bot_id, "first": first})


def cost(database: Database, status: str) -> int:
    """Thousands of instructions of SQLite that a page of such jobs takes."""
    counted: list[int] = []
    with database.read() as connection:
        handle = connection.connection.driver_connection
        assert handle is not None
        handle.set_progress_handler(lambda: counted.append(1) or 0, 1_000)  # type: ignore[func-returns-value]
        jobs.newest(connection, asked_for.filters(status), limit=20)
        handle.set_progress_handler(None, 0)
    return len(counted)


@pytest.mark.parametrize(
    ("asked", "others"), [("success", "abandoned"), ("cancelled", "succeeded"), ("failed", "skipped")]
)
def test_a_page_of_jobs_costs_the_same_however_many_have_ended_otherwise(
    database: Database, asked: str, others: str
) -> None:
    more(database, 4_000, others)
    few = cost(database, asked)
    more(database, 36_000, others)

    assert cost(database, asked) <= few + 5


def test_one_that_was_cancelled_is_found_behind_any_number_that_went_well(database: Database) -> None:
    more(database, 1, "abandoned")
    more(database, 10_000, "succeeded")

    with database.read() as connection:
        found = jobs.newest(connection, asked_for.filters("cancelled"), limit=20)

    assert found == ([1], None)
