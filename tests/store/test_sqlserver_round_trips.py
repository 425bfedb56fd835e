"""What a step costs on SQL Server, counted at the driver: statements, round trips, questions of the driver's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import fake_odbc
import pytest
import sqlalchemy as sa
from fake_server import Answer, Server, Statement
from rig import CLAIM, NOON, Bench, Three

from process_manager.database import connect
from process_manager.store.claiming import CLAIM_COLUMNS


class Due:
    """A server that has so many processes due, and does what it is told to them."""

    def __init__(self, number: int) -> None:
        known = {**CLAIM._asdict(), "name": "three", "step_started_at": NOON.replace(tzinfo=None)}
        names = [column.name for column in CLAIM_COLUMNS]
        rows = [{**known, "id": each} for each in range(1, number + 1)]
        self._due = [tuple(row.get(name) for name in names) for row in rows]
        self._names = names

    def __call__(self, said: Statement) -> Answer | None:
        if said.text.startswith("UPDATE processes SET status='running'"):
            given, self._due = self._due, []
            return Answer(self._names, given, len(given))
        if said.text.startswith("UPDATE processes"):
            rows = json.loads(next(each for each in said.values if str(each).startswith("[")))
            return Answer(("id",), [(row[0],) for row in rows], len(rows))
        if said.text.startswith("INSERT INTO process_steps"):
            return Answer(count=1)
        return Answer(("nothing",)) if said.text.startswith("SELECT") and "processes" in said.text else None


class Cost(NamedTuple):
    """What was sent for each step."""

    statements: float
    round_trips: float
    described: int


@contextmanager
def bench(server: Server, number: int) -> Iterator[tuple[Bench, sa.Connection]]:
    """A worker's claims on a connection, polled once before so many processes become due."""
    database = connect(fake_odbc.URL)
    server.script = Due(0)
    made = Bench(database, Three, threads=number)
    with database.connect() as connection:
        made.claims.write(connection, claim=True)
        server.forget()
        server.script = Due(number)
        made.claims.look_now()
        yield made, connection
    database.close()


def cost(server: Server, number: int) -> Cost:
    """Of processes of three steps that go from their start to their end side by side."""
    steps = 0
    with bench(server, number) as (made, connection):
        while made.claims.has_news() or not steps:
            made.claims.write(connection, claim=made.claims.may_look())
            jobs = made.claims.take_ready()
            for job in jobs:
                made.run(job)
            steps += len(jobs)
        sent, round_trips = len(server.sent), server.round_trips
    assert steps == 3 * number
    return Cost(round(sent / steps, 3), round(round_trips / steps, 3), server.described)


# Three steps: 9 statements and 4 commits, whether one goes through them or a hundred side by side.
@pytest.mark.parametrize(("number", "most"), [(1, Cost(3.0, 4.334, 0)), (100, Cost(0.03, 0.044, 0))])
def test_a_step_costs_no_more_round_trips_than_these(odbc: Server, number: int, most: Cost) -> None:
    found = cost(odbc, number)

    assert all(each <= limit for each, limit in zip(found, most, strict=True)), found
    assert found.round_trips > found.statements > 0


def test_a_step_is_recorded_by_two_statements_and_a_commit(odbc: Server) -> None:
    with bench(odbc, 1) as (made, connection):
        made.claims.write(connection, claim=True)
        (job,) = made.claims.take_ready()
        made.run(job)
        odbc.forget()
        made.claims.write(connection, claim=False)
        round_trips = odbc.round_trips

    assert [said.text.partition(" SET ")[0].partition(" (")[0] for said in odbc.sent] == [
        "UPDATE processes",
        "INSERT INTO process_steps",
    ]
    assert (round_trips, odbc.described) == (3, 0)
