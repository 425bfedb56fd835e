"""Schedules: every slot is started once, whatever the clock does, however many start it, and whoever is killed."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from process_manager import Cron, clock
from process_manager.database import connect
from process_manager.definition.registry import Registry
from process_manager.operations import declared_schedules
from process_manager.schedules import missed, rules
from process_manager.store import dedup_keys, schedules
from process_manager.store.tables import processes
from process_manager.worker.scheduler import Scheduler
from proofs import cases
from proofs.fleet import Fleet
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import until

ZONES: Final = ("Europe/Copenhagen", "America/New_York", "America/Santiago", "Australia/Lord_Howe")
AROUND: Final = timedelta(hours=19)
MINUTE: Final = timedelta(minutes=1)
SCHEDULERS: Final = 3
HOURS: Final = frozenset(range(5))


class Frozen(NamedTuple):
    """In how many zones, and how many minutes lie between two times of a rule."""

    zones: int
    every: int


class Seconds(NamedTuple):
    """How many slots a second apart, and how often a worker is killed meanwhile."""

    slots: int
    kills: int


FROZEN_FULL, FROZEN_SHORT = Frozen(4, 2), Frozen(1, 10)
SECONDS_FULL, SECONDS_SHORT = Seconds(600, 120), Seconds(15, 4)


def slots(place: Place, size: Frozen) -> Row:
    """Let three schedulers go through each change of the clock in 2026, under a clock that stands and is set on."""
    began = time.monotonic()
    wanted: list[str] = []
    for zone in ZONES[: size.zones]:
        for number, change in enumerate(changes(ZoneInfo(zone))):
            wanted += _through(place, zone, f"{zone.lower().replace('/', '_')}-{number}", change, size.every)
    return _row("schedule-clocks", place, wanted, time.monotonic() - began)


def changes(zone: ZoneInfo) -> list[datetime]:
    """The moments in 2026 at which the clock of a zone is set."""
    halves = [datetime(2026, 1, 1, tzinfo=UTC) + number * timedelta(minutes=30) for number in range(2 * 24 * 365)]
    offsets = [each.astimezone(zone).utcoffset() for each in halves]
    return [moment for moment, before, after in zip(halves[1:], offsets, offsets[1:], strict=False) if before != after]


def _through(place: Place, zone: str, name: str, change: datetime, every: int) -> list[str]:
    """Go from before a change to after it; the key of every slot that a look at each minute finds."""
    since, end = change - AROUND, change + AROUND
    texts = {"hourly": f"*/{every} * * * *", "nightly": f"*/{every} 0-4 * * *", "once": "30 2 * * *"}
    for kind, text in texts.items():
        _add(place, f"{name}-{kind}", text, zone, since)
    _run(place, since, end)
    found = {
        "hourly": _each_minute(since, end, ZoneInfo(zone), every),
        "nightly": _as_shown(since, end, ZoneInfo(zone), HOURS, frozenset(range(0, 60, every))),
        "once": _as_shown(since, end, ZoneInfo(zone), frozenset({2}), frozenset({30})),
    }
    with place.database.begin() as connection:
        for kind in texts:
            schedules.delete(connection, f"{name}-{kind}")
    return [_key(f"{name}-{kind}", moment) for kind, moments in found.items() for moment in moments]


def _add(place: Place, name: str, text: str, zone: str, since: datetime, **more: Any) -> datetime:
    facts = declared_schedules.facts(Cron(text, zone=zone, missed="all", **more), zone)
    first = missed.following(rules.of_row(facts), since)
    made = {"created_at": since, "created_by": "proof", "changed_at": since, "next_at": first}
    with place.database.begin() as connection:
        row = {"name": name, "process": cases.Steady.name, "version": None, **facts, **made}
        schedules.insert(connection, row)
    return first or since


def _run(place: Place, since: datetime, end: datetime) -> None:
    """Set the clock of three schedulers on by some minutes, again and again; each starts what it gets."""
    moments = [since]
    while moments[-1] < end:
        moments.append(min(end, moments[-1] + random.randint(1, 15) * MINUTE))
    barrier = threading.Barrier(SCHEDULERS)
    threads = [threading.Thread(target=partial(_one, place.url, moments, barrier)) for _ in range(SCHEDULERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def _one(url: str, moments: Sequence[datetime], barrier: threading.Barrier) -> None:
    database = connect(url)
    try:
        scheduler = Scheduler(database, Registry([cases.Steady]), "UTC")
        for now in moments:
            barrier.wait(timeout=120)
            scheduler.look()
            scheduler.start_due(now)
        barrier.wait(timeout=120)
        scheduler.look()  # what another held at the last moment, and let go of
        while (following := scheduler.next_at()) is not None and following <= moments[-1]:
            scheduler.start_due(moments[-1])
    finally:
        database.close()


def _each_minute(since: datetime, end: datetime, zone: ZoneInfo, every: int) -> Iterator[datetime]:
    """Yield each minute whose number on the clock is a multiple, however often the clock shows it."""
    for number in range(1, (end - since) // MINUTE + 1):
        moment = since + number * MINUTE
        if moment.astimezone(zone).minute % every == 0:
            yield moment


def _as_shown(
    since: datetime, end: datetime, zone: ZoneInfo, hours: frozenset[int], minutes: frozenset[int]
) -> Iterator[datetime]:
    """Yield when the clock first shows these times, or goes on after it has skipped them."""
    before = since.astimezone(zone).replace(tzinfo=None, fold=0)
    for number in range(1, (end - since) // MINUTE + 1):
        moment = since + number * MINUTE
        wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        passed = [before + each * MINUTE for each in range(1, (wall - before) // MINUTE + 1)]
        if any(each.hour in hours and each.minute in minutes for each in passed):
            yield moment
        before = max(before, wall)


def seconds(place: Place, size: Seconds) -> Row:
    """Kill one of three workers after the other while a schedule has a slot each second."""
    first = _add(place, "every-second", "* * * * * *", "UTC", clock.now(), parameters=cases.payload(place.effects))
    end, began = first + timedelta(seconds=size.slots), time.monotonic()
    with Fleet(place, SCHEDULERS, concurrency=1) as fleet:
        pause = size.slots / size.kills
        until(lambda: _next(place) > first, seconds=30)
        while clock.now() < end:
            time.sleep(random.uniform(0.5, 1.5) * pause)
            if fleet.kills < size.kills:
                fleet.replace(random.choice(fleet.workers))
        until(lambda: _next(place) >= end, seconds=30)
        with place.database.begin() as connection:
            schedules.change(connection, "every-second", {"paused_at": clock.now()})
        last, exits, kills = _next(place), fleet.exits(), fleet.kills
    moments = [first + number * timedelta(seconds=1) for number in range(int((last - first).total_seconds()))]
    wanted = [_key("every-second", each) for each in moments]
    late = _late(place, dict(zip(wanted, moments, strict=True)))
    more = {"slots": len(moments), "late_p50_s": late[len(late) // 2], "late_max_s": late[-1]}
    faults = [*exits, *([] if len(moments) >= size.slots else [f"only {len(moments)} slots in {size.slots} s"])]
    return _row("schedule-kills", place, wanted, time.monotonic() - began, kills=kills, faults=faults, more=more)


def _next(place: Place) -> datetime:
    with place.database.read() as connection:
        row = schedules.one(connection, "every-second")
    moment: datetime = row["next_at"] if row is not None else datetime.min.replace(tzinfo=UTC)
    return moment


def _late(place: Place, slots_by_key: dict[str, datetime]) -> list[float]:
    """How long after its moment each slot was started, in seconds."""
    with place.database.read() as connection:
        rows = connection.execute(sa.select(processes.c.dedup_hash, processes.c.created_at)).all()
    found = [(created - slots_by_key[key]).total_seconds() for key, created in rows if key in slots_by_key]
    return [round(each, 3) for each in sorted(found)] or [0.0]


def _key(name: str, slot: datetime) -> str:
    return dedup_keys.hashed(f"schedule {name} {slot.isoformat()}")


def _row(
    figure: str,
    place: Place,
    wanted: Iterable[str],
    lasted: float,
    *,
    kills: int = 0,
    faults: Sequence[str] = (),
    more: dict[str, float] | None = None,
) -> Row:
    """Hold the processes that were started against the slots: each has one, and there is no other."""
    with place.database.read() as connection:
        started = Counter(connection.execute(sa.select(processes.c.dedup_hash)).scalars())
    expected = Counter(wanted)
    lost, doubled = (expected - started).total(), (started - expected).total()
    more = more or {"slots": expected.total()}
    return Row(figure, place.name, expected.total(), kills, lost, doubled, lasted, tuple(faults), more)
