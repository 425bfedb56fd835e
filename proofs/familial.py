"""A parent of many children under kills: it goes on once, soon after the last of them; none is lost or doubled."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.operations import Start
from process_manager.store.tables import process_steps, processes
from proofs import cases
from proofs.fleet import Fleet
from proofs.judging import Verdict, history_is_whole, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import Spread, work_off

WORKERS: Final = 8
LEASE: Final = 2.0
SOON: Final = timedelta(seconds=2)
"""The most that may lie between the end of the last child and the end of its parent."""


class Size(NamedTuple):
    """How many children one process starts, and how often a worker is killed meanwhile."""

    children: int
    kills: int


FULL = Size(1_000, 50)
SHORT = Size(60, 4)


def children(place: Place, size: Size) -> Row:
    """Start one process that starts many and waits for them, and kill workers meanwhile."""
    given = cases.payload(place.effects, children=size.children)
    place.enqueue([Start(cases.Parent, given)])
    kills = Spread(size.kills, size.children)
    with Fleet(place, WORKERS, concurrency=2, lease=LEASE) as fleet:

        def interfere(ended: int) -> None:
            if kills.is_due(ended) and (veterans := fleet.veterans()):
                fleet.replace(random.choice(veterans))
                kills.happened += 1

        seconds = work_off(place, interfere)
        faults = fleet.exits()
    verdict = _judged(place, size)
    verdict.faults += faults
    late = _late(place)
    verdict.require(late <= SOON, f"the parent ended {late.total_seconds():.1f} s after the last of its children")
    more = {"joined after, s": round(late.total_seconds(), 3)}
    return verdict.row("children", place, processes=size.children + 1, kills=fleet.kills, seconds=seconds, **more)


def _judged(place: Place, size: Size) -> Verdict:
    """Every child succeeded once, the parent was joined once, and what was counted is what there is."""
    verdict = Verdict()
    succeeded = rows(place.database, "SELECT count(*) FROM processes WHERE status = 'succeeded'")[0][0]
    made = rows(place.database, "SELECT count(*) FROM children")[0][0]
    joined = _done(place, "join")
    verdict.lost = size.children + 1 - succeeded
    verdict.doubled = max(made - size.children, 0) + _done(place, "one") - size.children + joined - 1
    left = rows(place.database, "SELECT settled, waking FROM joins")
    verdict.require(left == [(size.children, 0)], f"the joins say {left}")
    history_is_whole(place.database, verdict)
    return verdict


def _done(place: Place, step: str) -> int:
    h = process_steps.c
    counted = sa.select(sa.func.count()).where(h.step == step, h.outcome == "done")
    with place.database.read() as connection:
        return int(connection.execute(counted).scalar_one())


def _late(place: Place) -> timedelta:
    p = processes.c
    with place.database.read() as connection:
        last, parent = (
            connection.execute(sa.select(sa.func.max(p.finished_at)).where(p.name == name)).scalar_one()
            for name in ("one-of-many", "parent")
        )
    return timedelta.max if last is None or parent is None else parent - last
