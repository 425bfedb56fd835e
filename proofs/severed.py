"""The way to the database breaks: the server restarts, replies to COMMIT are lost, a connection falls silent."""

from __future__ import annotations

import time
from typing import NamedTuple

from sqlalchemy.engine import make_url

from benchmarks.hosting import Server
from benchmarks.proxy import Proxy
from process_manager import clock
from process_manager.operations import Start
from process_manager.store import tables
from proofs import cases, effects
from proofs.fleet import Fleet
from proofs.judging import judge, lost_attempts, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import Spread, until, work_off

WORKERS = 4
STEPS = ("a", "b", "c")


class Size(NamedTuple):
    """How much is worked, and how often the way breaks."""

    processes: int
    breaks: int


RESTARTS_FULL = Size(4_000, 20)
RESTARTS_SHORT = Size(400, 3)
SWALLOWED_FULL = Size(4_000, 500)
SWALLOWED_SHORT = Size(400, 20)
SILENT_FULL = Size(1_000, 3)
SILENT_SHORT = Size(200, 1)

SOME_MORE = 20  # processes, so that there is one more COMMIT
MORE_TIMES = 10
CLAIMED_WITHIN = 5.0  # seconds after the server is back
GIVEN_UP_WITHIN = 30.0  # seconds of silence


def restarts(place: Place, size: Size) -> Row:
    """Restart the database server at once, again and again: every worker stays and claims soon."""
    server = _server(place)
    _enqueue(place, size.processes)
    due = Spread(size.breaks, size.processes)
    slowest = 0.0
    with Fleet(place, WORKERS, lease=30.0, concurrency=4) as fleet:

        def restart(ended: int) -> None:
            nonlocal slowest
            if due.is_due(ended):
                server.restart_immediately()
                slowest = max(slowest, _seconds_to_a_claim(place))
                due.happened += 1

        seconds = work_off(place, restart)
        exits = fleet.exits()
    verdict = judge(place, STEPS, repeats=0)
    verdict.require(not lost_attempts(place.database), f"{lost_attempts(place.database)} leases ran out")
    verdict.require(slowest <= CLAIMED_WITHIN, f"a first claim came {slowest:.1f} s after the server was back")
    verdict.require(due.happened == size.breaks, f"only {due.happened} restarts")
    verdict.faults += exits
    more = {"seconds": seconds, "slowest_claim": round(slowest, 2)}
    return verdict.row("server restarts", place, processes=size.processes, kills=due.happened, **more)


def swallowed(place: Place, size: Size) -> Row:
    """Lose the replies to COMMITs that have happened: nothing fails for it, nothing waits for a lease."""
    _enqueue(place, size.processes)
    with Proxy(_server(place).port) as proxy, Fleet(place, WORKERS, url=_through(proxy, place), lease=10.0) as fleet:
        due = Spread(size.breaks, size.processes)

        def swallow(ended: int) -> None:
            if due.is_due(ended):
                proxy.swallow_commits(1)
                due.happened += 1

        seconds = work_off(place, swallow)
        for _ in range(MORE_TIMES):  # the last was told when no COMMIT was left to come, or the end came before it
            if proxy.swallowed == size.breaks:
                break
            _enqueue(place, SOME_MORE)
            seconds += work_off(place, swallow)
        exits = fleet.exits()
    verdict = judge(place, STEPS, repeats=0)
    lost = lost_attempts(place.database)
    verdict.require(not lost, f"{lost} processes waited for a lease to run out")
    verdict.require(proxy.swallowed == size.breaks, f"{proxy.swallowed} replies were swallowed")
    verdict.faults += exits
    counted = {"processes": size.processes, "kills": proxy.swallowed}
    return verdict.row("swallowed commits", place, seconds=seconds, **counted)


def silent(place: Place, size: Size) -> Row:
    """Let every connection fall silent while new ones answer: the old ones are given up and the work goes on."""
    _enqueue(place, size.processes)
    slowest = 0.0
    with Proxy(_server(place).port) as proxy, Fleet(place, 2, url=_through(proxy, place), lease=90.0) as fleet:
        due = Spread(size.breaks, size.processes)

        def silence(ended: int) -> None:
            nonlocal slowest
            if due.is_due(ended):
                proxy.silence_present()
                slowest = max(slowest, _seconds_to_an_effect_of_each(place, fleet))
                due.happened += 1

        seconds = work_off(place, silence)
        exits = fleet.exits()
    verdict = judge(place, STEPS, repeats=lost_attempts(place.database))
    verdict.require(slowest <= GIVEN_UP_WITHIN, f"a silent connection was given up after {slowest:.1f} s")
    verdict.faults += exits
    more = {"given_up_after": round(slowest, 1), "leases_run_out": lost_attempts(place.database)}
    counted = {"processes": size.processes, "kills": due.happened}
    return verdict.row("silent connection", place, seconds=seconds, **counted, **more)


def _server(place: Place) -> Server:
    if not isinstance(place.server, Server):
        raise RuntimeError(f"{place.name} has no server")
    return place.server


def _enqueue(place: Place, count: int) -> None:
    given = cases.payload(place.effects)
    place.enqueue([Start(cases.Steady, given) for _ in range(count)])


def _through(proxy: Proxy, place: Place) -> str:
    """The place's URL, by way of the proxy."""
    return make_url(place.url).set(port=proxy.port).render_as_string(hide_password=False)


def _seconds_to_a_claim(place: Place) -> float:
    """From now until a process is claimed that was not before."""
    back, began = clock.now(), time.monotonic()
    until(lambda: _has_claimed_since(place, back), seconds=2 * CLAIMED_WITHIN)
    return time.monotonic() - began


def _has_claimed_since(place: Place, moment: object) -> bool:
    table = tables.process_steps  # a first step is said to have started when its process was claimed
    statement = table.select().where(table.c.seq == 1, table.c.started_at > moment).limit(1)
    with place.database.read() as connection:
        return connection.execute(statement).first() is not None or not _due(place)


def _due(place: Place) -> int:
    return rows(place.database, "SELECT count(*) FROM processes WHERE due_at IS NOT NULL")[0][0]


def _seconds_to_an_effect_of_each(place: Place, fleet: Fleet) -> float:
    """From now until every worker has done ten things more than it could have had in hand."""
    began = time.monotonic()
    counted = {worker.pid: _done_by(place, worker.pid) for worker in fleet.workers}

    def have_gone_on() -> bool:
        return all(_done_by(place, pid) > before + 150 for pid, before in counted.items()) or not _due(place)

    until(have_gone_on, seconds=2 * GIVEN_UP_WITHIN)
    return time.monotonic() - began


def _done_by(place: Place, pid: int) -> int:
    return sum(effect.pid == pid for effect in effects.noted(place.effects))
