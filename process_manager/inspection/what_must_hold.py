"""What must always hold of the rows, and what is said where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

LEASES: Final = 3
"""How many leases ago a lease may have ended: living workers look for such every second."""

LANE: Final = "lane {}"
"""Where a process that breaks an order is; its order key may be personal."""


class Invariant(NamedTuple):
    """What must hold: its name, what is said when it does, what when not (each of the first with its place), a hint."""

    what: str
    holds: str
    broken: str
    place: str
    hint: str


_END_AND_AGAIN: Final = "`abandon-process` ends one and `rerun-process` starts it again"
_FROM_A_BACKUP: Final = "the rows were changed from outside: compare them with a backup, for no command repairs them"

INVARIANTS: Final[Mapping[str, Invariant]] = {
    "waits": Invariant(
        "nothing waits unseen",
        "every open process has a moment, an event, one ahead of it, or a person",
        "nothing will ever move them, and nobody is told",
        "{}",
        _END_AND_AGAIN,
    ),
    "leases": Invariant(
        "leases",
        "every lease is held, or was lost only just now",
        f"their lease ended more than {LEASES} leases ago and nobody took them over",
        "worker {}",
        "see the log of the workers that live, or start one",
    ),
    "lane_heads": Invariant(
        "heads of lanes",
        "no process waits in its lane behind nobody",
        "they wait in their lane, but nobody is ahead of them",
        LANE,
        f"{_END_AND_AGAIN}, last in its lane",
    ),
    "lane_order": Invariant(
        "order in lanes",
        "only heads of lanes are due or run",
        "they are due or run although another of their lane comes first",
        LANE,
        f"`disable` them, end the one ahead first, or {_END_AND_AGAIN}",
    ),
    "lane_crowds": Invariant(
        "one at a time in lanes",
        "no lane has two that run",
        "lanes of which two run at once, by the first of them",
        LANE,
        "`list --order-key` shows both, `abandon-process` gives the later one up",
    ),
    "seats": Invariant(
        "seats",
        "of no limit more steps run than it has seats",
        "more steps run than their limit has seats",
        "limit {}",
        "see the log of the workers that live; if the code has declared fewer just now, ask again later",
    ),
    "keys_left": Invariant(
        "dedup keys freed",
        "every key that is kept while its process is open has an open process",
        "they have ended or are gone, but their dedup key is still taken: a start with it starts nothing",
        "{}",
        "stop the workers and delete their rows in dedup_keys whose scope is while_open",
    ),
    "keys_missing": Invariant(
        "dedup keys held",
        "every open process that was started with a dedup key holds it",
        "they were started with a dedup key that they do not hold: a second start makes another",
        "{}",
        "`list --name` finds what was doubled, `abandon-process` gives one up",
    ),
    "commands": Invariant(
        "commands",
        "no command is open twice",
        "commands that are open more than once, by the first process of each",
        "{}",
        "`abandon-process` all but one",
    ),
    "event_waits": Invariant(
        "waits for events",
        "of every process that waits for an event, children or a person it is known for which",
        "they wait for an event, children or a person, but nobody knows for which",
        "step {}",
        "`restart-process` runs the step again, which then waits anew",
    ),
    "events_missed": Invariant(
        "events heard",
        "no process waits for an event that was signalled",
        "they wait for an event that was signalled, and nobody woke them",
        "event {}",
        "start a worker, or `restart-process` each of them",
    ),
    "waits_left": Invariant(
        "waits ended",
        "no process that has ended waits for an event",
        "they have ended, but are noted as waiting for an event",
        "event {}",
        "start a worker, which puts that right within a minute",
    ),
    "joins": Invariant(
        "children counted",
        "of every parent it is known how many of its children are open",
        "the number of their children that are open is not the one that was counted",
        "counted {}",
        "stop the workers and set joins.open to the number of their children that are open",
    ),
    "joins_missed": Invariant(
        "parents woken",
        "no process waits for children that are all settled",
        "they wait for their children, of which none is open, and nobody woke them",
        "step {}",
        "start a worker, or `restart-process` each of them",
    ),
    "tasks_missed": Invariant(
        "answers heard",
        "no process waits for a person who has answered",
        "they wait for a person who has answered",
        "task {}",
        "`restart-process` runs the step again, which then asks anew",
    ),
    "history_gaps": Invariant(
        "history without gaps",
        "the history of each process counts 1, 2, 3 …",
        "their history has a gap or a double",
        "before row {}",
        _FROM_A_BACKUP,
    ),
    "history_ends": Invariant(
        "history complete",
        "the history of each process ends where the process says",
        "their history does not end where they say",
        "row {}",
        _FROM_A_BACKUP,
    ),
    "orphans": Invariant(
        "nothing orphaned",
        "all history and evidence belongs to a process",
        "their history or evidence is left, but they are gone",
        "{}",
        _FROM_A_BACKUP,
    ),
}
