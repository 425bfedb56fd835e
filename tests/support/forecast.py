"""What the answer of a step leads to, told anew in plain words: nothing of the engine's own decisions is asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from process_manager import BusinessError, Done, Reject, Retry, Skip, Wait

STEPS = {
    ("flow", 1): ["a", "b", "c", "x"],
    ("flow", 2): ["a", "b2", "c", "z"],
    ("plain", 1): ["p", "q"],
    ("seated", 1): ["m", "s", "n"],
}
ONCE = {"b": True, "b2": True, "q": False}
"""Steps that happen once, and whether somebody can be asked if they did."""
TOGETHER = "c"
SEATED = "s"
"""The step that needs a seat."""
SECOND = timedelta(seconds=1)


@dataclass(eq=False)
class Hold:
    """One possession of a process by a worker, from its claim until it comes to rest or is taken away."""

    process_id: int
    worker: str


class Told(NamedTuple):
    """A history row but for its process and place."""

    round: int
    step: str | None
    attempt: int
    outcome: str
    who: str


@dataclass
class Known:
    """What is known of one process."""

    id: int
    name: str
    version: int
    step: str | None
    parameters: dict[str, Any]
    payload: dict[str, Any]
    order_key: str | None = None
    dedup_key: str | None = None
    status: str = "pending"
    attempts: int = 0
    since: datetime | None = None
    round: int = 1
    fence: int = 0
    crashes: int = 0
    marked_at: datetime | None = None
    due_at: datetime | None = None
    not_before: datetime | None = None
    waits_for: str | None = None
    rests_since: datetime | None = None  # for a seat, unless it was taken from there
    lease: datetime | None = None
    finished_at: datetime | None = None
    rerun_of: int | None = None
    hold: Hold | None = None
    history: list[Told] = field(default_factory=list)
    keys: dict[str, object] = field(default_factory=dict)  # a token for each step, the same while its key is
    awaits: tuple[str, int] | None = None  # the event it waits for last, and the signal that does not wake it any more
    woken: dict[tuple[str, object], int] = field(default_factory=dict)  # the last signal of each event, by step
    left_out: set[str] = field(default_factory=set)  # steps that a person skipped: not done, so their keys stay

    @property
    def is_open(self) -> bool:
        return self.status not in ("succeeded", "skipped", "rejected", "abandoned")

    @property
    def steps(self) -> list[str]:
        return STEPS[self.name, self.version]

    @property
    def has_run(self) -> bool:
        """Whether a step of it runs, or a worker ever wrote of it."""
        return self.status == "running" or any(told.who != "Ada" for told in self.history)

    def later(self) -> list[str]:
        return self.steps[self.steps.index(self.step or "") + 1 :]

    def key(self, step: str) -> object:
        return self.keys.setdefault(step, object())


@dataclass(frozen=True)
class After:
    """Where a process stands after an answer."""

    outcome: str
    status: str
    step: str | None
    attempts: int = 0
    since: datetime | None = None
    due_at: datetime | None = None
    payload: dict[str, Any] | None = None
    marked_at: datetime | None = None
    event: str | None = None
    children: str | None = None  # all or any: what it waits for


def after(known: Known, says: object, at: datetime) -> After:  # noqa: PLR0911 - one for each kind of answer
    """What follows when a step says this."""
    match says:
        case Done():
            return _done(known, says)
        case Skip():
            return After("skip", "skipped", known.step, known.attempts + 1)
        case Reject() | BusinessError():
            return After("reject", "rejected", known.step, known.attempts + 1)
        case Wait() if says.event is not None or says.children is not None:
            due_at = None if says.after is None else at + says.after
            told = After("wait", "waiting", known.step, known.attempts, known.since, due_at)
            return replace(told, event=says.event, children=says.children)
        case Wait():
            moment = max(says.until or at + (says.after or timedelta(0)), at)
            return _rests(known, "wait", moment if moment > at else at + SECOND, known.attempts, known.since)
        case Retry():
            return _retry(known, says.after, at)
        case BaseException():
            return _retry(known, None, at)
        case _:
            return _broken(known)


def after_doubt(known: Known, raised: object, verify: object, at: datetime) -> After:
    """What follows when a step raised this (None: it did not run), and `verify` then says that."""
    can_ask = ONCE[known.step or ""]
    since = known.since or at
    used = known.attempts + (raised is not None)
    match verify if can_ask else None:
        case Done():
            return after(known, verify, at)
        case Retry() if raised is not None:
            return after(known, raised, at)
        case Wait():
            rests = after(known, verify, at)
            return _doubt(known, rests, attempts=used, since=since if used else known.since)
        case BaseException():
            failed = _retry(known, None, at)
            return _doubt(
                known, failed if failed.status == "waiting" else None, attempts=known.attempts + 1, since=since
            )
        case _:
            return _doubt(known, None, attempts=known.attempts + 1, since=since)


def _doubt(known: Known, rests: After | None, *, attempts: int, since: datetime | None) -> After:
    status, due_at = ("uncertain", None) if rests is None else ("waiting", rests.due_at)
    told = After("doubt", status, known.step, attempts, since, due_at, marked_at=known.marked_at)
    return told if rests is None else replace(told, event=rests.event, children=rests.children)


def _done(known: Known, says: Done) -> After:
    later = known.later()
    if says.goto is not None and says.goto not in later:
        return _broken(known)
    if not all(isinstance(value, int) for value in (says.payload or {}).values()):
        return _broken(known)
    step = says.goto or (later[0] if later else None)
    return After("done", "running" if step else "succeeded", step, payload=dict(says.payload or {}))


def _broken(known: Known) -> After:
    return After("retry", "failed", known.step, known.attempts + 1, marked_at=known.marked_at)


def _retry(known: Known, rest: timedelta | None, at: datetime) -> After:
    used, since = known.attempts + 1, known.since or at
    if known.name == "flow":
        rest = timedelta(seconds=60) if rest is None else rest
        is_over = used >= 3 or at - since + rest > timedelta(minutes=10)
    else:
        rest = timedelta(seconds=60 * max(used - 3, 1)) if rest is None else rest
        is_over = used >= 50
    if is_over:
        return After("retry", "failed", known.step, used, since)
    return _rests(known, "retry", at + rest, used, since)


def _rests(known: Known, outcome: str, moment: datetime, attempts: int, since: datetime | None) -> After:
    return After(outcome, "waiting", known.step, attempts, since, moment)
