"""What the engine should hold, in plain Python: dictionaries, no SQL, and nothing of its own code for decisions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from event_oracle import EventOracle
from family_oracle import FamilyOracle
from forecast import SEATED, STEPS, After, Hold, Known, Told
from seat_oracle import SeatOracle

LEASE = timedelta(seconds=90)
NEVER_FREED = "plain"
RENAMED = {"b": "b2"}
KNOWS = {
    "old": {("flow", 1): "abcx", ("plain", 1): "pq"},
    "both": {("flow", 1): "abcx", ("flow", 2): ("a", "b2", "c", "z"), ("plain", 1): "pq"},
    "new": {("flow", 1): "abc", ("flow", 2): ("a", "b2", "c", "z")},
    "seats": {("seated", 1): "msn"},
    "others": {("seated", 1): "msn"},
}
"""The steps at which each of the workers takes a process of a name and version."""


class Refusal(Exception):  # noqa: N818 - named for what went wrong, as the engine's own are
    """What a person may not do now."""


class Oracle:
    """Every process, and the rules by which it moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.known: dict[int, Known] = {}
        self.holders: dict[tuple[str, str], int] = {}  # of dedup keys
        self.thrown: dict[str, datetime | None] = {}  # switches, each with its end
        self.book: list[str] = []  # what steps wrote together with their record
        self.idempotency_keys: dict[object, str] = {}
        self.events = EventOracle()
        self.seats = SeatOracle()
        self.families = FamilyOracle()

    # --- lanes and keys

    def lane(self, key: str | None) -> list[Known]:
        return [each for each in self.known.values() if key is not None and each.order_key == key and each.is_open]

    def call_up(self, key: str | None, at: datetime) -> None:
        for head in self.lane(key)[:1]:
            if head.waits_for != "lane":
                continue
            if head.not_before is not None and head.not_before > at:
                head.due_at, head.waits_for = head.not_before, "moment"
            else:
                head.status, head.due_at, head.waits_for = "pending", at, None

    def close(self, known: Known, status: str, at: datetime) -> None:
        known.status, known.finished_at = status, at
        known.hold = known.lease = known.due_at = known.not_before = known.waits_for = None
        if known.name != NEVER_FREED and known.dedup_key is not None:
            self.holders.pop((known.name, known.dedup_key), None)

    # --- starting

    def start(
        self, name: str, version: int, order_key: str | None, dedup_key: str | None, at: datetime | None
    ) -> tuple[int, bool]:
        holder = self.holders.get((name, dedup_key)) if dedup_key is not None else None
        if holder is not None:
            return holder, False
        known = Known(len(self.known) + 1, name, version, STEPS[name, version][0], {"n": 1}, {"n": 1}, order_key)
        known.dedup_key, known.not_before = dedup_key, at
        if self.lane(order_key):
            known.status, known.waits_for = "waiting", "lane"
        elif at is not None and at > self.now:
            known.status, known.waits_for, known.due_at = "waiting", "moment", at
        else:
            known.due_at = self.now
        self.known[known.id] = known
        if dedup_key is not None:
            self.holders[name, dedup_key] = known.id
        return known.id, True

    def rerun(self, known: Known) -> int:
        if known.is_open:
            raise Refusal
        version = max(number for name, number in STEPS if name == known.name)
        process_id, _is_new = self.start(known.name, version, known.order_key, None, None)
        self.known[process_id].rerun_of = known.id
        return process_id

    # --- what workers do

    def is_off(self, name: str) -> bool:
        return any(
            key in self.thrown and (self.thrown[key] is None or self.now < (self.thrown[key] or self.now))
            for key in ("all-commands", "default", name)
        )

    def claim(self, worker: str, room: int) -> list[Hold]:
        """The processes that a worker gets when it asks for so many, the longest due first."""
        self.sweep(worker)
        seated = self.take_seats(worker)
        due = [each for each in self.known.values() if each.due_at is not None and each.due_at <= self.now]
        ours = [each for each in due if self.may_take(worker, each) and not self.is_off(each.name)]
        ours.sort(key=lambda each: (each.due_at, each.id))
        taken = ours[: max(room - len(seated), 0)]
        return seated + [self.take(worker, each) for each in taken if not self.seats.keeps(each, self.now)]

    def take_seats(self, worker: str) -> list[Hold]:
        """The processes that a worker takes from where they rest for a seat, as many as there are seats for."""
        resting = self.seats.longest_resting(self.known.values())
        ours = [each for each in resting if self.may_take(worker, each) and not self.is_off(each.name)]
        return [self.take(worker, each) for each in ours[: self.seats.free(self.known.values())]]

    def may_take(self, worker: str, known: Known) -> bool:
        return known.step in KNOWS[worker.split("-", maxsplit=1)[0]].get((known.name, known.version), ())

    def is_left(self, known: Known, worker: str) -> bool:
        """Whether its worker is gone, as this one sees it."""
        over = known.lease is not None and known.lease < self.now
        return over and known.hold is not None and known.hold.worker != worker

    def sweep(self, worker: str) -> None:
        for known in self.known.values():
            if self.is_left(known, worker):
                self.lose(known)
                known.status, known.due_at, known.not_before = "pending", self.now, None
                known.crashes += 1

    def lose(self, known: Known, outcome: str = "lost") -> None:
        assert known.hold is not None
        known.history.append(Told(known.round, known.step, known.attempts + 1, outcome, known.hold.worker))
        known.fence += 1
        known.hold = known.lease = None

    def take(self, worker: str, known: Known) -> Hold:
        known.hold = Hold(known.id, worker)
        known.status, known.lease, known.due_at, known.waits_for = "running", self.now + LEASE, None, None
        known.fence += 1
        known.rests_since = None if known.step == SEATED else known.rests_since
        if worker.startswith("new") and known.version == 1:
            self.upgrade(known, worker)
        return known.hold

    def upgrade(self, known: Known, worker: str) -> None:
        step = RENAMED.get(known.step or "", known.step or "")
        known.keys[step] = known.key(known.step or "")
        known.version, known.step, known.not_before = 2, step, None
        known.payload = {**known.payload, "taken_over": True}
        known.history.append(Told(known.round, step, known.attempts, "upgrade", worker))

    def is_held(self, hold: Hold) -> bool:
        return self.known[hold.process_id].hold is hold

    def renew(self, holds: Iterable[Hold]) -> set[int]:
        ours = {each.process_id for each in holds if self.is_held(each)}
        for process_id in ours:
            self.known[process_id].lease = self.now + LEASE
        return ours

    def answered(self, hold: Hold, after: After, at: datetime) -> bool:
        """Whether the answer counts."""
        if not self.is_held(hold):
            return False
        known = self.known[hold.process_id]
        known.history.append(Told(known.round, known.step, known.attempts + 1, after.outcome, hold.worker))
        known.step, known.attempts, known.since = after.step, after.attempts, after.since
        known.marked_at = after.marked_at
        known.status = after.status
        if after.outcome != "doubt" or after.status != "waiting":  # else the step itself did not get through
            known.crashes = 0
        known.due_at = known.not_before = after.due_at
        known.waits_for = "moment" if after.due_at else None
        if after.event is not None:
            known.waits_for = "event"
            self.events.begin(known, after.event)
        if after.children is not None:
            known.waits_for, known.awaits = "event", None
            self.families.waits(known, after.children)
        known.payload = {**known.payload, **(after.payload or {})}
        if not known.is_open:
            self.close(known, after.status, at)
        elif after.status != "running":
            known.hold = known.lease = None
        elif after.step == SEATED:
            self.seats.enter(known, at)
        return True

    def released(self, hold: Hold, at: datetime, *, interrupted: bool) -> bool:
        if not self.is_held(hold):
            return False
        known = self.known[hold.process_id]
        if interrupted:
            self.lose(known, "released")
            known.crashes += 1
        known.hold = known.lease = known.not_before = None
        known.status, known.due_at = "pending", at
        return True

    # --- what people do

    def told(self, known: Known, what: str, step: str | None) -> None:
        known.history.append(Told(known.round, step, 0, what, "Ada"))

    def abandon(self, known: Known, children: str | None) -> None:
        if not known.is_open or (children is None and self.families.open_below(known, self.known)):
            raise Refusal
        below = self.families.open_below(known, self.known) if children == "abandon" else []
        for each in (known, *below):
            self.give_up(each)

    def give_up(self, known: Known) -> None:
        step = known.step
        if known.hold is not None:
            self.lose(known)
        else:
            known.fence += 1
        self.told(known, "abandon", step)
        self.close(known, "abandoned", self.now)
        self.call_up(known.order_key, self.now)

    def restart(self, known: Known, from_step: str) -> None:
        if known.status not in ("waiting", "failed", "quarantined", "rejected") or known.waits_for == "lane":
            raise Refusal
        before = known.steps[: known.steps.index(known.step or "") + 1]
        if from_step not in before or (from_step != known.step and known.marked_at is not None):
            raise Refusal
        if known.status == "rejected":
            self.reopen(known)
        for step in before[before.index(from_step) : -1]:
            if step not in known.left_out:
                known.keys[step] = object()
            known.left_out.discard(step)
        known.step = from_step
        self.anew(known)
        self.told(known, "restart", from_step)

    def reopen(self, known: Known) -> None:
        key = (known.name, known.dedup_key or "")
        lane = [each for each in self.known.values() if known.order_key and each.order_key == known.order_key]
        later = [each for each in lane if each.id > known.id]
        if any(each.has_run for each in later) or any(each.id < known.id and each.is_open for each in lane):
            raise Refusal
        if known.dedup_key is not None and self.holders.setdefault(key, known.id) != known.id:
            raise Refusal
        for each in later:
            if each.due_at is not None:
                each.status, each.waits_for, each.due_at = "waiting", "lane", None

    def anew(self, known: Known) -> None:
        """Due now, in a new round, with a fresh budget."""
        known.status, known.due_at, known.attempts, known.since, known.crashes = "pending", self.now, 0, None, 0
        known.not_before = known.waits_for = known.finished_at = None
        known.round += 1

    def resolve(self, known: Known, *, happened: bool, payload: dict[str, int]) -> None:
        if known.status != "uncertain" or (payload and not happened):
            raise Refusal
        step = known.step
        self.anew(known)
        self.told(known, "resolve", step)
        known.marked_at = None
        if not happened:
            return
        known.payload = {**known.payload, **payload}
        later = known.later()
        known.step = later[0] if later else None
        if known.step is None:
            self.close(known, "succeeded", self.now)
            self.call_up(known.order_key, self.now)

    def skip_step(self, known: Known) -> None:
        can = known.status in ("pending", "waiting", "failed", "quarantined")
        if not can or known.waits_for == "lane" or known.marked_at is not None:
            raise Refusal
        step = known.step or ""
        later = known.later()
        known.left_out.add(step)
        self.anew(known)
        self.told(known, "skip-step", step)
        if later:
            known.step = later[0]
        else:
            self.close(known, "skipped", self.now)
            self.call_up(known.order_key, self.now)

    def edit_payload(self, known: Known, number: int) -> None:
        can = known.status in ("pending", "waiting", "failed", "quarantined", "rejected")
        if not can or known.marked_at is not None or known.payload["n"] == number:
            raise Refusal
        known.payload = {**known.payload, "n": number}
        known.attempts, known.since, known.crashes = 0, None, 0
        known.round += 1
        self.told(known, "edit-payload", known.step)

    def disable(self, key: str, until: datetime | None) -> None:
        self.thrown = {each: end for each, end in self.thrown.items() if end is None or end > self.now}
        self.thrown[key] = until
