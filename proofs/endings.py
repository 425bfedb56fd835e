"""How processes of three steps ended, and what differs from how they should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from proofs import effects
from proofs.ends import End
from proofs.judging import Verdict, rows
from proofs.places import Place

STEPS = ("ready", "act", "tell")


class Act(NamedTuple):
    """One thing that a step did outside."""

    process_id: int
    step: str
    key: str


def found(place: Place) -> Mapping[str, End]:
    """How each process ended, by its reference."""
    acts = [Act(each.process_id, each.step, each.key) for each in effects.noted(place.effects)]
    acts += [Act(*row) for row in rows(place.database, "SELECT process_id, step, by_key FROM book")]
    history = rows(place.database, "SELECT process_id, step, outcome FROM process_steps ORDER BY process_id, seq")
    exchanges = Counter(
        row[0] for row in rows(place.database, "SELECT process_id FROM evidence WHERE kind = 'exchange'")
    )
    ends = {}
    for process_id, reference, status in rows(place.database, "SELECT id, reference, status FROM processes"):
        ours = [act for act in acts if act.process_id == process_id]
        told = ", ".join(f"{step} {outcome}" for owner, step, outcome in history if owner == process_id)
        ends[reference] = End(status, _counted(ours), exchanges[process_id], told, _is_one_key(ours, acts))
    return ends


def _counted(acts: list[Act]) -> str:
    times = Counter(act.step for act in acts)
    return " ".join(str(times[step]) for step in STEPS)


def _is_one_key(ours: list[Act], acts: list[Act]) -> bool:
    """Whether each of these steps has one key, which no other step of any process has."""
    pairs = {(act.step, act.key) for act in ours}
    owners = {act[:2] for act in acts if act.key in {key for _, key in pairs}}
    return len(pairs) == len({step for step, _ in pairs}) == len(owners)


def compare(told: str, wanted: End, had: End, verdict: Verdict) -> None:
    """Count what is missing and what is there too often; a fault for whatever differs."""
    less, more = _numbers(wanted), _numbers(had)
    verdict.lost += (less - more).total()
    verdict.doubled += (more - less).total()
    verdict.require(had == wanted, f"{told}: it ended {tuple(had)}, not {tuple(wanted)}")


def _numbers(end: End) -> Counter[str]:
    """How often each step was done outside, and recorded as done."""
    done = Counter(entry for entry in end.history.split(", ") if entry.endswith(" done"))
    return done + Counter(dict(zip(STEPS, map(int, end.acts.split()), strict=True)))
