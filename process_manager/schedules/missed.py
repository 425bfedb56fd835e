"""Which slots of a schedule are started now, after nobody was there to start them, and which is next."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Literal, NamedTuple

from process_manager.schedules.rules import Rule, Slot, until

Missed = Literal["none", "last", "all"]
"""Which slots are made up for that nobody started in time."""

IN_TIME: Final = timedelta(seconds=90)
"""A slot that is later than this was missed: whoever lives asks now and then for schedules it does not know yet."""

_SET_BACK: Final = timedelta(days=1)
"""A clock that goes back by more was wrong before: what it decided then is not waited for."""

MOST: Final = 1_000
"""So many missed slots are made up for, the newest."""

AT_ONCE: Final = 100
"""So many are started in one transaction."""

_TICK: Final = timedelta(microseconds=1)
_FIRST_LOOK: Final = timedelta(hours=1)


class DueSlots(NamedTuple):
    """What is to be started now, and the slot after that; None where there is none any more."""

    slots: tuple[Slot, ...]
    next_at: datetime | None


def due(rule: Rule, next_at: datetime, now: datetime, missed: Missed) -> DueSlots:
    """Return the slots from `next_at` on that are to be started at this moment, at most a hundred."""
    slots = _wanted(rule, next_at - _TICK, now, missed)
    if len(slots) > AT_ONCE:
        return DueSlots(tuple(slots[:AT_ONCE]), slots[AT_ONCE].at)
    return DueSlots(tuple(slots), following(rule, now))


def following(rule: Rule, after: datetime) -> datetime | None:
    """Return the first slot after a moment; None where there is none."""
    slot = next(rule.slots(after), None)
    return None if slot is None else slot.at


def following_anew(rule: Rule, now: datetime, decided: datetime | None) -> datetime | None:
    """Return the first slot from now on that is not decided, should the clock have gone back since one was."""
    is_ahead = decided is not None and now < decided <= now + _SET_BACK
    return following(rule, decided if decided is not None and is_ahead else now)


def _wanted(rule: Rule, since: datetime, now: datetime, missed: Missed) -> list[Slot]:
    if missed == "all":
        return _newest(rule, since, now, MOST)
    in_time = list(until(rule.slots(max(since, now - IN_TIME - _TICK)), now))
    return in_time if in_time or missed == "none" else _newest(rule, since, now, 1)


def _newest(rule: Rule, since: datetime, now: datetime, most: int) -> list[Slot]:
    """Return the last slots between two moments, looking back ever further: there may be years of seconds."""
    reach = _FIRST_LOOK
    while True:
        start = max(since, now - reach)
        found = list(until(rule.slots(start), now))
        if len(found) >= most or start == since:
            return found[-most:]
        reach *= 4


def coming(rule: Rule, after: datetime, count: int) -> list[Slot]:
    """Return the next slots after a moment."""
    return list(islice(rule.slots(after), count))
