"""Celery as the fleet: its workers are killed and its broker goes away with all that it held, and nothing is lost."""

from __future__ import annotations

import random
import subprocess
import time
from typing import NamedTuple

from benchmarks.celery_programs import SOON, Broker, Programs
from process_manager.fleet.options import queue_of
from process_manager.operations import Start
from proofs import cases
from proofs.judging import Verdict, judge, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import EVERY, Spread, progress

WORKERS = 2
CHILDREN = 2
CAP = 100  # messages on their way at once
AGAIN = 30.0  # seconds after which what was lost is sent once more: five minutes by default
LAST = 2_000  # characters of what one said that ended by itself
PATIENCE = 120.0  # seconds without an end, besides those without a broker


class Size(NamedTuple):
    """How much is worked, how often a worker is killed meanwhile, and for how long there is no broker, in seconds."""

    processes: int
    kills: int
    away: float
    pause: float


FULL = Size(2_000, 20, 120.0, 0.1)
SHORT = Size(200, 3, 5.0, 0.05)


class Seen:
    """What was seen of the queue and the broker while it was worked."""

    def __init__(self) -> None:
        self.longest = 0  # messages in the queue at once
        self.while_away = 0  # processes that ended without a broker
        self.gave_up = 0  # workers that Celery itself ended over the loss of its broker
        self.back = 0.0  # seconds from the return of the broker until a process ended

    def look(self, broker: Broker) -> None:
        """Count the messages that nobody has fetched yet."""
        self.longest = max(self.longest, broker.length(queue_of("default")))


def celery(place: Place, size: Size) -> Row:
    """Kill one worker after the other with its pool, each replaced at once, and the broker once, for a while."""
    given = cases.payload(place.effects, pause=size.pause)
    place.enqueue([Start(cases.Steady, given) for _ in range(size.processes)])
    settings = {"process_packages": "proofs.cases", "lease": "5s"}
    seen, kills = Seen(), Spread(size.kills, size.processes)
    with (
        Broker(place.folder) as broker,
        Programs(
            place.folder, place.url, broker, settings=settings, cap=CAP, again=AGAIN,
            conf={"broker_transport_options": SOON},
        ) as programs,
    ):  # fmt: skip
        programs.beat()
        workers = [programs.worker(concurrency=CHILDREN) for _ in range(WORKERS)]
        began = time.monotonic()
        _work_off(place, size, (broker, programs, workers), kills, seen)
        seconds = time.monotonic() - began
        exits = [programs.log(each)[-LAST:] for each in (programs.started[0], *workers) if each.poll() is not None]
    verdict = judge(place, ("a", "b", "c"), repeats=kills.happened * CHILDREN)
    _judge(verdict, size, kills, seen)
    verdict.faults += [f"a program ended though nobody ended it: {said}" for said in exits]
    counted = {"processes": size.processes, "kills": kills.happened, "repeated": verdict.repeated}
    more = {
        "longest_queue": seen.longest,
        "back_after": round(seen.back, 1),
        "away": size.away,
        "gave_up": seen.gave_up,
    }
    return verdict.row("celery", place, seconds=seconds, **counted, **more)


def _judge(verdict: Verdict, size: Size, kills: Spread, seen: Seen) -> None:
    verdict.require(kills.happened == size.kills, f"only {kills.happened} kills")
    most = CAP + WORKERS * CHILDREN  # what runs is delivered again, and is in the queue until it is fetched
    verdict.require(
        0 < seen.longest <= most, f"{seen.longest} messages were in the queue at once, at most {most} may be"
    )
    verdict.require(seen.while_away <= size.processes // 4, f"{seen.while_away} processes ended without a broker")
    verdict.require(seen.back > 0, "the broker never went away")


def _work_off(
    place: Place,
    size: Size,
    office: tuple[Broker, Programs, list[subprocess.Popen[bytes]]],
    kills: Spread,
    seen: Seen,
) -> None:
    """Until all has ended, or nothing for long."""
    broker, programs, workers = office
    moved, before = time.monotonic(), -1
    while True:
        ended, still_open = progress(place)
        if ended != before:
            before, moved = ended, time.monotonic()
        if not still_open or time.monotonic() - moved > PATIENCE:
            return
        seen.look(broker)
        _hire_anew(programs, workers, seen)
        if kills.is_due(ended) and (hit := _at_work(place, workers)):
            programs.kill(hit)
            workers.remove(hit)
            workers.append(programs.worker(concurrency=CHILDREN))
            kills.happened += 1
        if not seen.back and ended >= size.processes // 2:
            _take_away(place, size, broker, seen)
            moved = time.monotonic()
        time.sleep(EVERY)


def _hire_anew(programs: Programs, workers: list[subprocess.Popen[bytes]], seen: Seen) -> None:
    """Replace, as what supervises them does, the workers that gave up: Celery's own say so, any other is a fault."""
    for each in tuple(workers):
        if each.poll() is not None and "Unrecoverable error" in programs.log(each):
            workers.remove(each)
            workers.append(programs.worker(concurrency=CHILDREN))
            seen.gave_up += 1


def _at_work(place: Place, workers: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes] | None:
    """One that holds a process now: whoever is killed before that proves nothing."""
    held = {
        name.partition("@")[0]
        for (name,) in rows(place.database, "SELECT worker FROM processes WHERE worker LIKE 'w%'")
    }
    busy = [each for each in workers if _name(each) in held]
    return random.choice(busy) if busy else None


def _name(worker: subprocess.Popen[bytes]) -> str:
    words = list(worker.args)  # type: ignore[arg-type]
    return str(words[words.index("-n") + 1]).partition("@")[0]


def _take_away(place: Place, size: Size, broker: Broker, seen: Seen) -> None:
    broker.kill()
    ended, _open = progress(place)
    time.sleep(size.away)
    broker.start()
    after, _open = progress(place)
    seen.while_away = after - ended
    began = time.monotonic()
    while progress(place)[0] == after and time.monotonic() - began < PATIENCE:
        time.sleep(EVERY)
    seen.back = time.monotonic() - began
