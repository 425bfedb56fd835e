"""Events while many wait, signal and withdraw: nobody sleeps for ever, no step runs in a circle, no lock is long."""

from __future__ import annotations

import random
import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager import clock, operations
from process_manager.operations import Start
from process_manager.store import event_sweep, event_waits, events
from process_manager.store.event_tables import event_signals
from process_manager.store.event_tables import event_waits as waits
from process_manager.store.tables import processes
from proofs import cases
from proofs.fleet import Fleet
from proofs.judging import Verdict, history_is_whole, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import until, work_off

WORKERS: Final = 4
KEYS: Final = [f"event:{number}" for number in range(12)]
PARTY: Final = 60
"""Processes that wait at once."""


class Size(NamedTuple):
    """How many waits, signals and withdrawals come in any order, and how many of them before all has to end."""

    interleavings: int
    epoch: int


FULL = Size(20_000, 1_000)
SHORT = Size(400, 200)


def interleavings(place: Place, size: Size) -> Row:
    """Wait, signal and withdraw at random; then signal each event once more, which has to wake whoever waits."""
    verdict, began, epochs = Verdict(), time.monotonic(), 0
    with Fleet(place, WORKERS, lease=30.0) as fleet:
        while (number := _number(place)) < size.interleavings:
            over = place.folder / f"over-{epochs}"
            _start_party(place, over)
            _storm(place, number + size.epoch)
            over.touch()
            until(lambda: not _moving(place), seconds=30)
            _signal_all(place)
            work_off(place, lambda _ended: None)
            epochs += 1
            verdict.lost += rows(place.database, "SELECT count(*) FROM processes WHERE finished_at IS NULL")[0][0]
            if verdict.lost:
                break
        verdict.faults += fleet.exits()
    history_is_whole(place.database, verdict)
    verdict.doubled = _circles(place)
    counted = {"processes": epochs * PARTY, "kills": 0, "seconds": time.monotonic() - began}
    return verdict.row("events", place, interleavings=_number(place), epochs=epochs, **counted)


def _start_party(place: Place, over: Path) -> None:
    given = {"over": str(over), "keys": KEYS, "deadlines": 0.2}
    place.enqueue([Start(cases.Evented, {**given, "event": random.choice(KEYS)}) for _ in range(PARTY)])


def _storm(place: Place, most: int) -> None:
    """Signal and withdraw from outside while the steps do the same."""
    while _number(place) < most:
        for _ in range(10):
            act = random.choice((operations.signal, operations.withdraw))
            place.database.run(lambda connection, act=act: act(connection, random.choice(KEYS)))


def _moving(place: Place) -> int:
    """How many processes do not wait for an event alone: steps of theirs may yet signal or withdraw one."""
    found = "SELECT count(*) FROM processes WHERE finished_at IS NULL AND (status <> 'waiting' OR due_at IS NOT NULL)"
    return int(rows(place.database, found)[0][0])


def _signal_all(place: Place) -> None:
    """Signal each event once: whoever waits is woken, and whoever comes to wait goes on."""
    for key in KEYS:
        place.database.run(lambda connection, key=key: _anew(connection, key))


def _anew(connection: sa.Connection, key: str) -> None:
    operations.withdraw(connection, key)
    operations.signal(connection, key)


def _number(place: Place) -> int:
    """How many waits, signals and withdrawals there were."""
    with place.database.read() as connection:
        waited = connection.execute(sa.select(sa.func.count()).select_from(waits)).scalar_one()
        counted = sa.select(sa.func.count(), sa.func.count(event_signals.c.withdrawn_at))
        return waited + sum(connection.execute(counted).one())


def _circles(place: Place) -> int:
    """How often one signal woke one step twice."""
    c = waits.c
    same = sa.select(sa.func.count()).where(c.woken_number.is_not(None))
    same = same.group_by(c.process_id, c.key, c.step_key, c.woken_number).having(sa.func.count() > 1)
    with place.database.read() as connection:
        return len(connection.execute(same).all())


class Crowd(NamedTuple):
    """How many wait for one event, how often one is woken to measure how long that takes, and what is too long."""

    waits: int
    wakes: int
    longest: float  # seconds for which a transaction that wakes may hold its locks; more where tests of others run


CROWD_FULL = Crowd(100_000, 100, longest=0.1)
CROWD_SHORT = Crowd(2_000, 10, longest=2.0)


def crowd(place: Place, size: Crowd) -> Row:
    """Signal one event that many wait for, and wake a single process again and again."""
    verdict, began = Verdict(), time.monotonic()
    median = _latency(place, size.wakes, verdict)
    _let_wait(place, size.waits)
    took = _wake_all(place, size.waits, verdict)
    longest = max(took)
    verdict.require(longest <= size.longest, f"a transaction that woke some held its locks for {longest:.3f} s")
    told = {"longest lock, ms": 1000 * longest, "median wake, ms": 1000 * median, "all woken, s": sum(took)}
    more = {name: round(value, 1) for name, value in told.items()}
    seconds = time.monotonic() - began
    return verdict.row("events, many wait", place, processes=size.waits, kills=0, seconds=seconds, **more)


def _let_wait(place: Place, count: int) -> None:
    """Let so many processes wait for one event, without running a step of each."""
    place.enqueue([Start(cases.Wakened, {"event": "crowd"})] * count)
    while place.database.run(_let_some_wait):
        pass


def _let_some_wait(connection: sa.Connection) -> int:
    """Let the next few of those that are due wait, and return how many there were."""
    c = processes.c
    due = sa.select(c.id).where(c.status == "pending").order_by(c.id).limit(5_000)
    ids = list(connection.execute(due).scalars())
    if ids:
        first, last = ids[0], ids[-1]
        between = (c.id.between(first, last), c.status == "pending")
        values = (c.id, *map(sa.literal, (1, "crowd", 0, "wait/0", 1)))
        columns = ["process_id", "seq", "key", "number", "step_key", "is_open"]
        events.hold(connection, ["crowd"], waits=True)
        connection.execute(sa.insert(waits).from_select(columns, sa.select(*values).where(*between)))
        resting: dict[str, Any] = {"status": "waiting", "waiting_for": "event", "due_at": None}
        connection.execute(sa.update(processes).where(*between).values(resting))
    return len(ids)


def _wake_all(place: Place, count: int, verdict: Verdict) -> list[float]:
    """Wake them all, and return the seconds that each transaction took."""
    took = [_timed(lambda: place.database.run(lambda connection: operations.signal(connection, "crowd")))]
    goes_on = True
    while goes_on:
        began = time.monotonic()
        goes_on = place.database.run(lambda connection: event_sweep.go_on(connection, "crowd", now=clock.now()))
        took.append(time.monotonic() - began)
    pending = rows(place.database, "SELECT count(*) FROM processes WHERE status = 'pending'")[0][0]
    verdict.lost += count - pending
    with place.database.read() as connection:
        verdict.require(not event_waits.left(connection), "an event is still noted as waking")
    return took


def _timed(act: Any) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _latency(place: Place, count: int, verdict: Verdict) -> float:
    """Signal, and return the median of the seconds until the step that this wakes has run and is recorded."""
    place.enqueue([Start(cases.Wakened, {"event": "one"})])
    took = []
    with Fleet(place, 1, lease=30.0):
        for number in range(1, count + 1):
            until(lambda number=number: _waited(place) >= number, seconds=20)
            began = time.monotonic()
            place.database.run(lambda connection: _anew(connection, "one"))
            while _waited(place) <= number and time.monotonic() - began < timedelta(seconds=20).total_seconds():
                time.sleep(0.001)
            took.append(time.monotonic() - began)
    verdict.require(_waited(place) > count, "a process that was signalled to did not run")
    return statistics.median(took)


def _waited(place: Place) -> int:
    return int(rows(place.database, "SELECT count(*) FROM event_waits")[0][0])
