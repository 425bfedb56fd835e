"""Children: processes that a step of another started, and the count by which their parent is woken."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from process_manager.lifecycle import short_keys
from process_manager.lifecycle.claim import CHILD

if TYPE_CHECKING:
    from process_manager.lifecycle.lane_rules import LaneRules

LONGEST: Final = 200
"""Characters of the key of a child."""

MOST_STARTS: Final = 1_000
"""Children that one run of a step starts: they are inserted in one transaction, with its record."""

HASH_LENGTH: Final = 64
"""Characters of the column that holds whose child a process is."""

Waits = Literal["all", "any"]
WAITS: Final[tuple[Waits, ...]] = ("all", "any")


class ChildStart(NamedTuple):
    """A process that a step starts, checked: what its row is made of, and its key among the children of its parent."""

    key: str
    name: str
    version: int
    channel: str
    step: str
    parameters: str  # JSON
    reference: str | None = None
    order_key: str | None = None
    pool: str | None = None  # where it rests for a seat or a start of the fleet
    terms: tuple[tuple[str, str | None], ...] = ()  # what it is found by
    lane_rules: LaneRules | None = None  # what its class declares of its lane
    position: str | None = None  # where it stands there


class JoinWait(NamedTuple):
    """A step that waits for all children or for any, and under which name its runs count as one until it is done."""

    waits: Waits
    step_key: str


class Join(NamedTuple):
    """How the children of one parent stand, and what its step waits for."""

    parent_id: int
    open: int = 0  # how many are not settled
    settled: int = 0  # how often one settled
    waits: str = ""  # all or any; empty: the parent does not wait for them
    step_key: str = ""  # the step that was woken last
    seen: int = 0  # how often one had settled when it was woken
    waking: int = 0  # 1: it is to be woken, and its row was locked

    @property
    def is_ripe(self) -> bool:
        """Return whether the step that waits is to run: nothing is open any more, or with `any` one settled since."""
        if not self.waits:
            return False
        return self.open == 0 or (self.waits == "any" and self.has_news)

    @property
    def has_news(self) -> bool:
        """Return whether a child settled since the step was woken last; if not, it would run in a circle."""
        return self.settled > self.seen


def waiting(join: Join, wait: JoinWait) -> Join:
    """Return the join with a step that waits; one that was not woken by it before has seen nothing."""
    seen = join.seen if join.step_key == wait.step_key else 0
    return join._replace(waits=wait.waits, step_key=wait.step_key, seen=seen, waking=0)


def woken(join: Join) -> Join:
    """Return the join of a parent that was woken, and is to see what settled."""
    return join._replace(waits="", seen=join.settled, waking=0)


def gone_on(join: Join) -> Join:
    """Return the join of a parent that went on by itself: what settled may be news to its step still."""
    return join._replace(waits="", waking=0)


def moved(join: Join, settles: int) -> Join:
    """Return the join with one child settled, or with -1 one that is taken up again."""
    return join._replace(open=join.open - settles, settled=join.settled + max(settles, 0))


def recounted(join: Join, is_open: int) -> Join:
    """Return the join with as many open children as there are: those that are fewer have settled and were not told."""
    return join._replace(open=is_open, settled=join.settled + max(join.open - is_open, 0))


def dedup_hash(parent_id: int, key: str) -> str:
    """Return what the row of a child has in place of a dedup key: whose child it is, and the hash of its own key."""
    hashed = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{CHILD}{parent_id}_{hashed}"[:HASH_LENGTH]


def checked_key(key: object) -> str:
    """Return the key of a child; raise IllegalValue when it cannot be one."""
    return short_keys.checked(key, what="key", longest=LONGEST, hint="Give a short text, such as a number.")
