"""However many wait for an event, or waited once, a look at events reads a bounded number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa
from backends import laid_out, serving
from rig import NOON

from process_manager.database import Database
from process_manager.store import event_keeping, event_queries, event_waits
from process_manager.store.event_tables import event_signals, events
from process_manager.store.event_tables import event_waits as waits
from process_manager.store.tables import processes
from tests.store.test_query_plans_corners import FEW, MANY, ROWS, Act, fill, read_by, rolled_back, rows

pytestmark = pytest.mark.slow

p = processes.c


@pytest.fixture(scope="module", params=["sqlite", "postgresql_18"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Many that wait for one event, and many that waited for another once; beside them a few with their own."""
    with ExitStack() as opened:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('waits') / 'engine.db'}"
        else:
            url = opened.enter_context(serving(request.param)).create("waits")
        made = opened.enter_context(laid_out(url))
        fill(made, rows(2 * MANY + FEW, status="waiting", waiting_for="event"))
        with made.begin() as connection:
            _let_wait(connection)
            if made.dialect == "postgresql":
                connection.exec_driver_sql("ANALYZE events, event_signals, event_waits")
        yield made


def _let_wait(connection: sa.Connection) -> None:
    keys = ["crowd", "past", *(f"own:{number}" for number in range(FEW))]
    connection.execute(sa.insert(events), [{"key": key, "number": 1} for key in keys])
    told = {"number": 1, "stated_at": NOON, "by": "ada", "withdrawn_at": NOON}
    connection.execute(sa.insert(event_signals), [{"key": key, **told} for key in keys])
    own = sa.literal("own:").concat(sa.cast(p.id - 2 * MANY - 1, sa.String(9)))
    key = sa.case((p.id <= MANY, "crowd"), (p.id <= 2 * MANY, "past"), else_=own)
    is_open = sa.case((sa.and_(p.id > MANY, p.id <= 2 * MANY), 0), else_=1)
    chosen = sa.select(p.id, sa.literal(1), key, sa.literal(1), sa.literal("a/0"), is_open)
    columns = ["process_id", "seq", "key", "number", "step_key", "is_open"]
    connection.execute(sa.insert(waits).from_select(columns, chosen))


LOOKS: dict[str, Act] = {
    "for who went on without": lambda c: event_waits.gone(c, ("crowd", MANY // 2)),
    "at the list": lambda c: event_queries.page(c, after="", limit=99),
    "for what is old": lambda c: event_keeping.old(c, after="", before=NOON),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_reads_no_more_than_some(database: Database, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(event_queries, "MOST", FEW)
    monkeypatch.setattr(event_waits, "LOOKED_AT", FEW)
    event_waits.gone_statement.cache_clear()

    with rolled_back(database) as connection:
        read = read_by(connection, LOOKS[name])
    event_waits.gone_statement.cache_clear()

    assert read <= ROWS
