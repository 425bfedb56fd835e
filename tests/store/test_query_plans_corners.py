"""Who takes some channels only, or lists what went wrong, reads no row of all the others: on every database.

Counted is what the database itself says that it read.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from backends import laid_out, on_every, serving
from rig import NOON, claim_request, settings

from process_manager import Done, Process, StepRun
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.gates.switches import Switch
from process_manager.inspection import Filter, Viewer, count, matching, page
from process_manager.store import claiming, due, filters, switches
from process_manager.store.claiming import Lease
from process_manager.store.tables import process_steps, processes
from process_manager.worker.gatekeeper import Gatekeeper

LEASE = Lease("w", NOON, NOON + timedelta(seconds=90))
MANY, FEW = 2_000, 7
"""Rows that nobody asks for, and those that are asked for: they are the newest due, and the oldest in trouble."""

ROWS = 300
"""Rows that any of these may read: nothing that grows with the others."""

UNMARKED = Viewer(marks=lambda _name, _version: None)
"""Who asks: nothing is marked, whatever classes other tests have imported."""

Act = Callable[[sa.Connection], object]


class Letter(Process):
    STEPS = {"a": "step"}

    def step(self, run: StepRun) -> Done:
        return Done()


class Bill(Letter):
    STEPS = {"a": "step"}


ONE_CHANNEL = claim_request(("letter", 1), channels=("day",))
ANY_CHANNEL = claim_request(("letter", 1), ("bill", 1))
TWO_CHANNELS = claim_request(("letter", 1), ("bill", 1), channels=("day", "evening"))


def rows(number: int, **values: Any) -> list[dict[str, Any]]:
    """Rows of processes, each a millisecond younger than the one before."""
    common = {"name": "letter", "version": 1, "channel": "day", "step": "a", "parameters": "{}", "created_by": "a"}
    none = dict.fromkeys(["due_at", "finished_at", "worker", "lease_ends_at", "step_started_at", "order_key"])
    born = [NOON - timedelta(days=1) + timedelta(milliseconds=place) for place in range(number)]
    due = [{"due_at": moment} if values["status"] == "pending" else {} for moment in born]
    same = {**common, **none, "waiting_for": None, "seq": 1, **values}
    return [{**same, "created_at": at, "updated_at": at, **more} for at, more in zip(born, due, strict=True)]


HELD = {"worker": "w", "lease_ends_at": NOON, "step_started_at": NOON}
DUE = [*rows(MANY, status="pending", channel="night"), *rows(FEW, status="pending")]
ENDED = [
    *rows(FEW, status="failed"),
    *rows(FEW, status="rejected", finished_at=NOON),
    *rows(MANY, status="succeeded", step=None, finished_at=NOON),
    *rows(FEW, status="pending"),
    *rows(FEW, status="running", **HELD),
    *rows(FEW, status="waiting", waiting_for="lane", order_key="o"),
]
FAILED, REJECTED = list(range(1, FEW + 1)), list(range(FEW + 1, 2 * FEW + 1))
PENDING, RUNNING, IN_LANE = (list(range(first, first + FEW)) for first in range(2 * FEW + MANY + 1, len(ENDED), FEW))


class Places(NamedTuple):
    due: Database  # much in another channel, all of it longer due
    ended: Database  # much that has ended well, all of it newer than what did not


@pytest.fixture(scope="module", params=on_every(leaves="mssql"))
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    with ExitStack() as opened:
        if request.param == "sqlite":
            urls = [f"sqlite:///{tmp_path_factory.mktemp(name) / 'engine.db'}" for name in Places._fields]
        else:
            server = opened.enter_context(serving(request.param))
            urls = [server.create(name) for name in Places._fields]
        made = Places(*(opened.enter_context(laid_out(url)) for url in urls))
        fill(made.due, DUE)
        fill(made.ended, ENDED)
        yield made


def fill(database: Database, layout: list[dict[str, Any]]) -> None:
    """Make the rows, each with an entry in its history."""
    outcome = sa.case(
        {"failed": "retry", "rejected": "reject", "pending": "lost"}, value=processes.c.status, else_="done"
    )
    told = {"process_id": processes.c.id, "seq": 1, "round": 1, "attempt": 1, "outcome": outcome, "worker": "w"}
    told |= {"message": "SAP said no", "started_at": processes.c.created_at, "finished_at": processes.c.created_at}
    entries = sa.select(
        *(value if isinstance(value, sa.ColumnElement) else sa.literal(value) for value in told.values())
    )
    with database.begin() as connection:
        connection.execute(sa.insert(processes), layout)
        connection.execute(sa.insert(process_steps).from_select(list(told), entries))
        if database.dialect == "postgresql":
            connection.exec_driver_sql("ANALYZE processes, process_steps")  # what it does by itself soon after


def read_by(connection: sa.Connection, act: Act) -> int:
    """Return how many rows the database read for this; of SQLite's instructions one for each sixty."""
    if connection.dialect.name == "sqlite":
        return _instructions(connection, act) // 60
    told = READ[connection.dialect.name]
    before = _told(connection, told)
    cost = _told(connection, told) - before  # of asking
    act(connection)
    return _told(connection, told) - before - 2 * cost


READ = {
    "postgresql": "SELECT 'rows', sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables",
    "mariadb": "SHOW SESSION STATUS LIKE 'Handler_read%'",
}


def _told(connection: sa.Connection, statement: str) -> int:
    return sum(int(value) for _name, value in connection.exec_driver_sql(statement))


def _instructions(connection: sa.Connection, act: Act) -> int:
    driver: Any = connection.connection.driver_connection
    seen = itertools.count()
    driver.set_progress_handler(lambda: next(seen) < 0, 1)
    try:
        act(connection)
    finally:
        driver.set_progress_handler(None, 1)
    return next(seen)


def ids(found: Iterable[Any]) -> list[int]:
    return sorted(each.id for each in found)


DAYS = list(range(MANY + 1, MANY + FEW + 1))
CLAIMS: dict[str, tuple[Act, object]] = {
    "in one channel": (lambda c: ids(claiming.claim_due(c, ONE_CHANNEL, LEASE, limit=5)), DAYS[:5]),
    "in two": (lambda c: len(claiming.claim_due(c, TWO_CHANNELS, LEASE, limit=10)), FEW),
    "of their ids": (lambda c: len(claiming.due_ids(c, TWO_CHANNELS, LEASE, limit=10)), FEW),
    "of the next moment": (lambda c: due.next_due(c, ONE_CHANNEL), NOON - timedelta(days=1)),
    "of the channels": (lambda c: due.channels(c, ANY_CHANNEL, most=5), ("day", "night")),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_reads_nothing_of_another_channel(places: Places, name: str) -> None:
    act, expected = CLAIMS[name]
    answers = []

    with rolled_back(places.due) as connection:
        read = read_by(connection, lambda c: answers.append(act(c)))

    assert answers == [expected]
    assert read <= ROWS


@contextmanager
def rolled_back(database: Database) -> Iterator[sa.Connection]:
    with database.connect() as connection:
        transaction = connection.begin()
        try:
            yield connection
        finally:
            transaction.rollback()


@pytest.mark.slow
def test_a_claim_reads_nothing_of_a_channel_that_is_disabled(places: Places) -> None:
    gatekeeper = Gatekeeper(places.due, Registry([Letter, Bill]), settings(), ())
    with places.due.begin() as connection:
        switches.throw(connection, Switch("night", "too loud", "Ada", NOON))
    try:
        gatekeeper.look()
    finally:
        with places.due.begin() as connection:
            switches.take_back(connection, "night")

    claimed: list[list[int]] = []
    request = replace(gatekeeper.claim_request(NOON), ranges=ONE_CHANNEL.ranges)
    with rolled_back(places.due) as connection:
        read = read_by(connection, lambda c: claimed.append(ids(claiming.claim_due(c, request, LEASE, limit=10))))

    assert claimed == [DAYS]
    assert read <= ROWS


LISTS: dict[str, tuple[Filter, list[int]]] = {
    "failed": (Filter(status=("failed",)), FAILED),
    "failed or rejected": (Filter(status=("failed", "rejected")), [*FAILED, *REJECTED]),
    "abandoned": (Filter(status=("abandoned",)), []),
    "running": (Filter(status=("running",)), RUNNING),
    "waiting": (Filter(status=("waiting",)), IN_LANE),
    "pending or failed": (Filter(status=("pending", "failed")), [*FAILED, *PENDING]),
    "in error": (Filter(error="sap SAID"), [*FAILED, *REJECTED, *PENDING]),
    "failed in error": (Filter(status=("failed",), error="SAP"), FAILED),
    "succeeded in error": (Filter(status=("succeeded",), error="SAP"), []),
}
ASKED: dict[str, Callable[[sa.Connection, Filter], list[int]]] = {
    "page": lambda c, which: ids(page(c, which, limit=50, viewer=UNMARKED)),
    "matching": lambda c, which: matching(c, which, viewer=UNMARKED),
    "count": lambda c, which: [count(c, which, viewer=UNMARKED)],
}


@pytest.mark.slow
@pytest.mark.parametrize("how", ASKED)
@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_what_went_wrong_or_moves_reads_nothing_that_ended_well(places: Places, name: str, how: str) -> None:
    which, expected = LISTS[name]
    answers: list[list[int]] = []

    with rolled_back(places.ended) as connection:
        read = read_by(connection, lambda c: answers.append(ASKED[how](c, which)))

    assert answers == [[len(expected)] if how == "count" else expected]
    assert read <= ROWS


@pytest.mark.slow
def test_the_newest_of_many_that_move_are_found_among_their_ids(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "FEW", FEW)
    filters.few_statement.cache_clear()

    with rolled_back(places.due) as connection:
        found = page(connection, Filter(status=("pending",), below=MANY + 4), limit=2)
        read = read_by(connection, lambda c: page(c, Filter(status=("pending",)), limit=2))
    filters.few_statement.cache_clear()

    assert ids(found) == [MANY + 2, MANY + 3]
    assert read <= ROWS
