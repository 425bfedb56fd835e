"""Processes that end whatever they run in: they are convicted one by one, and nobody innocent with them."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from process_manager.lifecycle import interruption
from process_manager.operations import Start
from proofs import cases, effects
from proofs.fleet import Fleet
from proofs.judging import Verdict, counts, history_is_whole, rows
from proofs.places import Place
from proofs.rows import Row
from proofs.waiting import progress, work_off

QUARANTINED_AFTER = 3  # crashes of a child of its own


class Size(NamedTuple):
    """How many processes there are, and how many of them are poison."""

    processes: int
    poison: int


FULL = Size(1_000, 5)
SHORT = Size(100, 2)


def poison(place: Place, size: Size) -> Row:
    """Let a few among many kill their workers, each replaced at once."""
    given = [cases.payload(place.effects, is_poison=number < size.poison) for number in range(size.processes)]
    place.enqueue([Start(cases.Poison, each) for each in given])
    kills = 0
    with Fleet(place, 2, concurrency=4) as fleet:

        def renew(_ended: int) -> None:
            nonlocal kills
            kills += fleet.renew()

        seconds = work_off(place, renew, is_over=lambda: _is_over(place))
    verdict = Verdict()
    history_is_whole(place.database, verdict)
    statuses = counts(place.database, "SELECT status, count(*) FROM processes GROUP BY status")
    wanted = {"succeeded": size.processes - size.poison, "quarantined": size.poison}
    verdict.lost = wanted["succeeded"] - statuses["succeeded"]
    verdict.require(statuses == wanted, f"processes ended otherwise: {dict(statuses)}")
    _judge_crashes(place, fleet.pids, size, verdict)
    verdict.doubled = len(rows(place.database, _DOUBLED))
    return verdict.row("poison", place, processes=size.processes, kills=kills, seconds=seconds)


_DOUBLED = "SELECT process_id FROM process_steps WHERE outcome = 'done' GROUP BY process_id, step HAVING count(*) > 1"


def _is_over(place: Place) -> bool:
    _ended, still_open = progress(place)
    quarantined = rows(place.database, "SELECT count(*) FROM processes WHERE status = 'quarantined'")[0][0]
    return still_open == quarantined


def _judge_crashes(place: Place, workers: set[int], size: Size, verdict: Verdict) -> None:
    """Every poison was convicted by three crashes of its own, whatever workers it took down before.

    A worker that another poison takes down just then never tells of a child's crash: the lost lease stands for it.
    """
    crashed = [each for each in effects.noted(place.effects) if each.what == "crashed"]
    lost = rows(place.database, "SELECT process_id, message FROM process_steps WHERE outcome = 'lost'")
    own = Counter(process_id for process_id, message in lost if message.startswith(interruption.death("")[:-2]))
    right = {each.process_id: QUARANTINED_AFTER for each in crashed}
    verdict.require(own == right and len(right) == size.poison, f"children crashed so often: {dict(own)}")
    alone = Counter(each.process_id for each in crashed if each.pid not in workers)
    verdict.require(alone >= own, f"crashes were counted that were none: {dict(own - alone)}")
    untold = Counter(each.process_id for each in crashed) - Counter(process_id for process_id, _message in lost)
    verdict.require(not untold, f"the history tells nothing of so many crashes: {dict(untold)}")
