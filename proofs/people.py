"""Several people act at once, one at a time and many at a time, and each act is on the audit chain once."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.governance import Policies, acting, acting_on_each
from process_manager.governance.audit_rows import REFUSALS
from process_manager.governance.process_actions import Abandon, Restart
from process_manager.inspection import audit_check
from process_manager.operations import Start
from proofs import cases
from proofs.judging import Verdict, history_is_whole, rows
from proofs.places import Place
from proofs.rows import Row

THREADS = 8
LANES = 20
KNOWN = Registry([cases.Steady])
NONE = Policies()
REASON = "the case is closed"


class Size(NamedTuple):
    """How many processes the bulk is for, and how many the people choose from.

    On PostgreSQL 99 of 100 single acts take at most so many seconds beside the bulk; SQLite has one writer for all.
    """

    bulk: int
    singles: int
    most: float | None = None


FULL = Size(10_000, 2_000, 0.25)
SHORT = Size(500, 200)


@dataclass(frozen=True, slots=True)
class Did:
    """What became of one act: the numbers on the chain tell that it was done."""

    seconds: float
    number: int | None
    problem: str | None = None  # anything but a refusal


def acts(place: Place, size: Size) -> Row:
    """Let eight restart and abandon, some in the same lanes and some the same process, while a bulk goes on."""
    bulk, singles = _lay(place, size)
    is_over = threading.Event()
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS + 1) as pool:
        people = [pool.submit(_person, place, singles, number, is_over) for number in range(THREADS)]
        of_many = pool.submit(_of_many, place, bulk, is_over)
        many = of_many.result()
        did = [each for person in people for each in person.result()]
    seconds = time.monotonic() - began
    verdict = Verdict()
    _judge(place, verdict, did, many)
    slowest = _p99(did)
    is_quick = size.most is None or place.name != "postgresql" or slowest < size.most
    verdict.require(is_quick, f"99 of 100 single acts took up to {slowest:.3f} s, beside a bulk of {size.bulk}")
    done = sum(each.number is not None for each in did)
    return verdict.row(
        "people at once", place, processes=size.bulk + size.singles, kills=0, seconds=seconds,
        single_acts=len(did), single_done=done, p99=round(slowest, 3),
    )  # fmt: skip


def _lay(place: Place, size: Size) -> tuple[list[int], list[int]]:
    """Start the processes, and let half of those for single acts have failed; return the ids of both."""
    given = cases.payload(place.effects)
    place.enqueue([Start(cases.Steady, given, reference="bulk") for _ in range(size.bulk)])
    lanes = [f"lane {number % LANES}" if number % 3 == 0 else None for number in range(size.singles)]
    place.enqueue([Start(cases.Steady, given, reference="single", order_key=lane) for lane in lanes])
    ids = {
        name: [id for (id,) in rows(place.database, f"SELECT id FROM processes WHERE reference = '{name}' ORDER BY id")]
        for name in ("bulk", "single")
    }
    fails = "UPDATE processes SET status = 'failed', due_at = NULL WHERE status = 'pending' AND reference = 'single'"
    with place.database.begin() as connection:
        connection.execute(sa.text(f"{fails} AND id % 2 = 0"))
    return ids["bulk"], ids["single"]


def _person(place: Place, ids: Sequence[int], number: int, is_over: threading.Event) -> list[Did]:
    """Act on processes at random until the bulk is over."""
    dice = random.Random(number)
    actor = Actor(f"person {number}", is_person=True, way="page")
    did = []
    while not is_over.is_set():
        did.append(_act(place, actor, dice.choice(ids), restarts=dice.random() < 0.7))
    return did


def _act(place: Place, actor: Actor, process_id: int, *, restarts: bool) -> Did:
    began = time.monotonic()
    action = Restart(process_id, registry=KNOWN, reason=REASON) if restarts else Abandon(process_id, reason=REASON)
    try:
        answer = acting(place.database, actor, action, policies=NONE)
    except REFUSALS:
        return Did(time.monotonic() - began, None)
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is what the proof is about
        return Did(time.monotonic() - began, None, f"{type(problem).__name__}: {problem}")
    return Did(time.monotonic() - began, answer.number)


def _of_many(place: Place, ids: Sequence[int], is_over: threading.Event) -> list[int | None]:
    """Abandon each of many, and return their numbers on the chain."""
    actor = Actor("anna", is_person=True, way="console")
    try:
        wanted = [Abandon(each, reason=REASON) for each in random.sample(ids, len(ids))]
        return [each.number for each in acting_on_each(place.database, actor, wanted, policies=NONE)]
    finally:
        is_over.set()


def _judge(place: Place, verdict: Verdict, did: Sequence[Did], many: Sequence[int | None]) -> None:
    """Each act has its own row on the chain and, if it was done, in the history; nothing was raised but refusals."""
    problems = Counter(each.problem for each in did if each.problem)
    verdict.require(not problems, f"acts ended otherwise: {dict(problems)}")
    numbers = [*(each.number for each in did if each.number is not None), *(each for each in many if each is not None)]
    refused = sum(each.number is None and each.problem is None for each in did)
    (chained,), (recorded,), (told,) = (
        rows(place.database, sql)[0]
        for sql in (
            "SELECT count(*) FROM audit",
            "SELECT count(*) FROM audit WHERE result = 'done'",
            "SELECT count(*) FROM process_steps WHERE outcome IN ('restart', 'abandon')",
        )
    )
    verdict.lost = len(many) + len(did) - chained if chained < len(many) + len(did) else 0
    verdict.doubled = max(chained - len(many) - len(did), 0) + len(numbers) - len(set(numbers))
    verdict.require(
        recorded == told == len(numbers), f"{len(numbers)} done, {recorded} on the chain, {told} in history"
    )
    verdict.require(chained == len(numbers) + refused, f"{chained} rows for {len(numbers)} done and {refused} refused")
    with place.database.read() as connection:
        checked = audit_check.verify(connection)
    verdict.require(not checked.flaws, f"the chain: {', '.join(map(str, checked.flaws))}")
    history_is_whole(place.database, verdict)


def _p99(did: Sequence[Did]) -> float:
    found = sorted(each.seconds for each in did)
    return found[len(found) * 99 // 100] if found else 0.0
