"""How a process ends whose worker was killed before or after a commit: one table, a row for each cell."""

from __future__ import annotations

from typing import Final, NamedTuple


class End(NamedTuple):
    """What is there once another worker has gone on."""

    status: str
    acts: str  # how often each of the three steps was done outside
    exchanges: int  # that are kept
    history: str
    is_one_key: bool = True  # whether all that one step did carries one key, and no other step's


class Cell(NamedTuple):
    """An effect and a commit, and whether the worker is killed before it or after it."""

    effect: str  # the name of the process that has it
    when: str
    commit: str
    end: End


_THROUGH: Final = "ready done, act done, tell done"
_READY_AGAIN: Final = "ready lost, ready done, act done, tell done"
_ACT_AGAIN: Final = "ready done, act lost, act done, tell done"
_TELL_AGAIN: Final = "ready done, act done, tell lost, tell done"
_DOUBT: Final = "ready done, act lost, act doubt"

WHOLE: Final = End("succeeded", "1 1 1", 1, _THROUGH)
"""How it ends when nobody is killed."""

NOTHING: Final = End("lost", "0 0 0", 0, "")
"""A process that is not there."""

TABLE: Final = tuple(
    Cell(effect, when, commit, End(status, acts, exchanges, history))
    for effect, when, commit, status, acts, exchanges, history in [
        ("repeated", "before", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("repeated", "after", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("repeated", "before", "claim", "succeeded", "1 1 1", 1, _THROUGH),
        ("repeated", "after", "claim", "succeeded", "1 1 1", 1, _READY_AGAIN),
        ("repeated", "before", "record ready", "succeeded", "2 1 1", 1, _READY_AGAIN),
        ("repeated", "after", "record ready", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("repeated", "before", "evidence", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("repeated", "after", "evidence", "succeeded", "1 1 1", 2, _ACT_AGAIN),
        ("repeated", "before", "record act", "succeeded", "1 2 1", 2, _ACT_AGAIN),
        ("repeated", "after", "record act", "succeeded", "1 1 1", 1, _TELL_AGAIN),
        ("repeated", "before", "record tell", "succeeded", "1 1 2", 1, _TELL_AGAIN),
        ("repeated", "after", "record tell", "succeeded", "1 1 1", 1, _THROUGH),
        ("together", "before", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("together", "after", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("together", "before", "claim", "succeeded", "1 1 1", 1, _THROUGH),
        ("together", "after", "claim", "succeeded", "1 1 1", 1, _READY_AGAIN),
        ("together", "before", "record ready", "succeeded", "2 1 1", 1, _READY_AGAIN),
        ("together", "after", "record ready", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("together", "before", "evidence", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("together", "after", "evidence", "succeeded", "1 1 1", 2, _ACT_AGAIN),
        ("together", "before", "record act", "succeeded", "1 1 1", 2, _ACT_AGAIN),
        ("together", "after", "record act", "succeeded", "1 1 1", 1, _TELL_AGAIN),
        ("together", "before", "record tell", "succeeded", "1 1 2", 1, _TELL_AGAIN),
        ("together", "after", "record tell", "succeeded", "1 1 1", 1, _THROUGH),
        ("verified", "before", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("verified", "after", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("verified", "before", "claim", "succeeded", "1 1 1", 1, _THROUGH),
        ("verified", "after", "claim", "succeeded", "1 1 1", 1, _READY_AGAIN),
        ("verified", "before", "record ready", "succeeded", "2 1 1", 1, _READY_AGAIN),
        ("verified", "after", "record ready", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("verified", "before", "mark", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("verified", "after", "mark", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("verified", "before", "evidence", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("verified", "after", "evidence", "succeeded", "1 1 1", 2, _ACT_AGAIN),
        ("verified", "before", "record act", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("verified", "after", "record act", "succeeded", "1 1 1", 1, _TELL_AGAIN),
        ("verified", "before", "record tell", "succeeded", "1 1 2", 1, _TELL_AGAIN),
        ("verified", "after", "record tell", "succeeded", "1 1 1", 1, _THROUGH),
        ("unverified", "before", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("unverified", "after", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("unverified", "before", "claim", "succeeded", "1 1 1", 1, _THROUGH),
        ("unverified", "after", "claim", "succeeded", "1 1 1", 1, _READY_AGAIN),
        ("unverified", "before", "record ready", "succeeded", "2 1 1", 1, _READY_AGAIN),
        ("unverified", "after", "record ready", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("unverified", "before", "mark", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("unverified", "after", "mark", "uncertain", "1 0 0", 0, _DOUBT),
        ("unverified", "before", "evidence", "uncertain", "1 0 0", 0, _DOUBT),
        ("unverified", "after", "evidence", "uncertain", "1 0 0", 1, _DOUBT),
        ("unverified", "before", "record act", "uncertain", "1 1 0", 1, _DOUBT),
        ("unverified", "after", "record act", "succeeded", "1 1 1", 1, _TELL_AGAIN),
        ("unverified", "before", "record tell", "succeeded", "1 1 2", 1, _TELL_AGAIN),
        ("unverified", "after", "record tell", "succeeded", "1 1 1", 1, _THROUGH),
        ("isolated", "before", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("isolated", "after", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("isolated", "before", "claim", "succeeded", "1 1 1", 1, _THROUGH),
        ("isolated", "after", "claim", "succeeded", "1 1 1", 1, _READY_AGAIN),
        ("isolated", "before", "record ready", "succeeded", "2 1 1", 1, _READY_AGAIN),
        ("isolated", "after", "record ready", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("isolated", "before", "evidence", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("isolated", "after", "evidence", "succeeded", "1 1 1", 2, _ACT_AGAIN),
        ("isolated", "before", "record act", "succeeded", "1 2 1", 2, _ACT_AGAIN),
        ("isolated", "after", "record act", "succeeded", "1 1 1", 1, _TELL_AGAIN),
        ("isolated", "before", "record tell", "succeeded", "1 1 2", 1, _TELL_AGAIN),
        ("isolated", "after", "record tell", "succeeded", "1 1 1", 1, _THROUGH),
        ("seated", "before", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("seated", "after", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("seated", "before", "claim", "succeeded", "1 1 1", 1, _THROUGH),
        ("seated", "after", "claim", "succeeded", "1 1 1", 1, _READY_AGAIN),
        ("seated", "before", "record ready", "succeeded", "2 1 1", 1, _READY_AGAIN),
        ("seated", "after", "record ready", "succeeded", "1 1 1", 1, _THROUGH),
        ("seated", "before", "claim act", "succeeded", "1 1 1", 1, _THROUGH),
        ("seated", "after", "claim act", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("seated", "before", "evidence", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("seated", "after", "evidence", "succeeded", "1 1 1", 2, _ACT_AGAIN),
        ("seated", "before", "record act", "succeeded", "1 2 1", 2, _ACT_AGAIN),
        ("seated", "after", "record act", "succeeded", "1 1 1", 1, _TELL_AGAIN),
        ("seated", "before", "record tell", "succeeded", "1 1 2", 1, _TELL_AGAIN),
        ("seated", "after", "record tell", "succeeded", "1 1 1", 1, _THROUGH),
        ("called", "before", "start", "succeeded", "1 1 1", 1, _THROUGH),
        ("called", "after", "start", "succeeded", "1 1 1", 1, _READY_AGAIN),
        ("called", "before", "record ready", "succeeded", "2 1 1", 1, _READY_AGAIN),
        ("called", "after", "record ready", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("called", "before", "evidence", "succeeded", "1 1 1", 1, _ACT_AGAIN),
        ("called", "after", "evidence", "succeeded", "1 1 1", 2, _ACT_AGAIN),
        ("called", "before", "record act", "succeeded", "1 2 1", 2, _ACT_AGAIN),
        ("called", "after", "record act", "succeeded", "1 1 1", 1, _TELL_AGAIN),
        ("called", "before", "record tell", "succeeded", "1 1 2", 1, _TELL_AGAIN),
        ("called", "after", "record tell", "succeeded", "1 1 1", 1, _THROUGH),
    ]
)

LEFT_OUT: Final = {
    "presence": "it says that a worker lives, and of no process anything",
    "lease": "it only moves the moment at which the lease ends, and the table's leases all end",
    "look": "it looked for due processes and found none: it changes nothing",
    "rescue": "it takes over what was left of other cells",
}
"""Commits that are recorded and not killed at, each with its reason."""


def commits_of(effect: str) -> list[str]:
    """The commits of a process with this effect, in order, as the table has them."""
    return [cell.commit for cell in TABLE if cell.effect == effect and cell.when == "before"]
