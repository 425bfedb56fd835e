"""Children as the oracle has them: whose they are, how many are settled, and what that makes due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from forecast import Known

SETTLED = ("succeeded", "skipped", "rejected", "abandoned", "failed", "uncertain", "quarantined")
SECOND = timedelta(seconds=1)


class ChildAsked(NamedTuple):
    """A child that a step asks for."""

    which: tuple[str, int]
    key: str
    order_key: str | None


@dataclass
class Joined:
    """How the children of one parent stand, and what its step waits for."""

    open: int = 0
    settled: int = 0
    waits: str = ""
    token: object = None  # of the step that waited last
    seen: int = 0


@dataclass
class FamilyOracle:
    """What becomes of parents whenever a child is started, settles, or is taken up again."""

    joins: dict[int, Joined] = field(default_factory=dict)
    children: dict[tuple[int, str], int] = field(default_factory=dict)
    settled: dict[int, bool] = field(default_factory=dict)  # of each child, as it was counted last
    touched: set[int] = field(default_factory=set)

    def of(self, parent_id: int) -> list[int]:
        """The children of a process, in the order in which they were started."""
        return sorted(child for (parent, _key), child in self.children.items() if parent == parent_id)

    def stand(self, parent_id: int, known: Mapping[int, Known]) -> list[tuple[str, str]]:
        """The same as its steps see them: each by its key, with its status."""
        return [(key, known[child].status) for (parent, key), child in self.children.items() if parent == parent_id]

    def open_below(self, parent: Known, known: Mapping[int, Known]) -> list[Known]:
        """Those that are open, and theirs, however deep."""
        found = [known[child] for child in self.of(parent.id)]
        return [each for child in found for each in ([child] * child.is_open + self.open_below(child, known))]

    def waits(self, known: Known, which: str) -> None:
        """Its step waits for its children; what settled before it was woken last is no news to it."""
        join = self._touched(known.id)
        token = known.key(known.step or "")
        join.seen = join.seen if join.token is token else 0
        join.waits, join.token = which, token

    def start(self, parent: Known, asked: Sequence[ChildAsked], start: Callable[..., tuple[int, bool]]) -> list[int]:
        """Start those that it does not have yet, each with a dedup key of its own; return them."""
        join, started = self._touched(parent.id), []
        for which, key, order_key in asked:
            if (parent.id, key) not in self.children:
                child, _is_new = start(*which, order_key, f"{key} of {parent.id}", None)
                self.children[parent.id, key] = child
                started.append(child)
                self.settled[child] = False
                join.open += 1
        return started

    def look(self, known: Mapping[int, Known], at: datetime) -> None:
        """Count who has settled or has been taken up again, and wake whoever that concerns."""
        for (parent_id, _key), child in self.children.items():
            is_settled = known[child].status in SETTLED
            if is_settled != self.settled[child]:
                join = self._touched(parent_id)
                join.open += -1 if is_settled else 1
                join.settled += is_settled
                self.settled[child] = is_settled
        for parent_id in sorted(self.touched):
            self._wake(known[parent_id], self.joins[parent_id], at)
        self.touched.clear()

    def _touched(self, parent_id: int) -> Joined:
        self.touched.add(parent_id)
        return self.joins.setdefault(parent_id, Joined())

    def _wake(self, parent: Known, join: Joined, at: datetime) -> None:
        has_news = join.settled > join.seen
        if not join.waits or not (join.open == 0 or (join.waits == "any" and has_news)):
            return
        join.waits = ""
        if parent.waits_for != "event" or parent.awaits is not None:
            return  # it went on by itself: what settled may be news to its step still
        join.seen = join.settled
        if has_news:
            parent.status, parent.due_at, parent.not_before, parent.waits_for = "pending", at, None, None
        else:  # it would run in a circle
            parent.due_at = parent.not_before = min(parent.due_at or at + SECOND, at + SECOND)
            parent.waits_for = "moment"
