"""A worker of the model: what it holds and has to write, and what the oracle says of each step that it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from family_oracle import ChildAsked
from forecast import ONCE, TOGETHER, After, Hold, Known, after, after_doubt
from oracle import Oracle
from rig import Bench
from scripted_processes import DEPLOYED, SCRIPT

from process_manager import Done, Reject, Retry, Skip, Wait
from process_manager.database import Database
from process_manager.errors import DatabaseUnreachable
from process_manager.execution.held_step import HeldStep


@dataclass
class Unwritten:
    """What a worker has yet to write; nothing after it: the process is given back."""

    hold: Hold
    at: datetime
    after: After | None = None
    children: Sequence[ChildAsked] | None = None


@dataclass
class Task:
    """A step to run, as its worker got it: whatever becomes of the process, this is all that the worker knows."""

    job: HeldStep
    hold: Hold
    seen: Known
    key: object

    @property
    def step(self) -> str:
        return self.seen.step or ""


@dataclass
class Hand:
    """One worker."""

    name: str
    database: Database
    oracle: Oracle
    tasks: list[Task] = field(default_factory=list)
    unwritten: list[Unwritten] = field(default_factory=list)
    recorded: list[Hold] = field(default_factory=list)
    kept_out: list[tuple[datetime, Unwritten]] = field(default_factory=list)  # since when, their lanes held by another

    def __post_init__(self) -> None:
        kinds = DEPLOYED[self.name.split("-")[0]]
        threads = 100 if self.shares_seats else 2  # where no thread is free, nobody would take a seat
        self.bench = Bench(self.database, *kinds, threads=threads, name=self.name, wait_for=lambda _attempt: False)

    @property
    def shares_seats(self) -> bool:
        return self.name.startswith(("seats", "others"))

    def write(self, *, claim: bool, unheard: bool = False, looks: bool = True, held_lane: str | None = None) -> None:
        """One transaction, of whose commit the answer may be lost, and during which another may hold a lane.

        Unless it `looks`, it claims nothing but what comes next in the lanes of what it ends, as far as that may be.
        """
        self.bench.gatekeeper.look()
        room = self.bench.claims.room()
        seeks = self.bench.claims.unconfirmed.is_to_look()  # by a clock that stands still
        takes = claim and not (looks or unheard or seeks) and self.database.dialect == "postgresql"
        ready = self._unheard(claim=claim) if unheard else self.bench.write(claim=claim, looks=not takes)
        self._try_again()
        holds, leaving, ended = self._written(held_lane)
        taken = self._call_up(ended, takes=takes)
        holds += taken
        if claim and (not takes or len(taken) < len(ended)):
            holds += self.oracle.claim(self.name, room + leaving - len(taken))
        self.get(ready, holds)

    def _unheard(self, *, claim: bool) -> list[HeldStep]:
        with swallowing(self.database), suppress(sa.exc.OperationalError, DatabaseUnreachable):
            self.bench.write(claim=claim)
            raise AssertionError("nothing was committed of which the answer could be lost")
        self.bench.claims.unconfirmed.may_exist()
        return self.bench.write(claim=False)

    def _try_again(self) -> None:
        """What was kept out before this moment is to be written with the rest."""
        self.unwritten += [each for since, each in self.kept_out if since < self.oracle.now]
        self.kept_out = [(since, each) for since, each in self.kept_out if since >= self.oracle.now]

    def _ends_in(self, lane: str | None, each: Unwritten) -> bool:
        """Whether it would end its process there, and so has to hold the lane."""
        known = self.oracle.known[each.hold.process_id]
        is_end = each.after is not None and each.after.status in ("succeeded", "skipped", "rejected")
        return lane is not None and known.order_key == lane and is_end

    def _written(self, held_lane: str | None = None) -> tuple[list[Hold], int, list[tuple[Known, datetime]]]:
        """What goes on, how many came to rest, and those that ended in a lane, each with when all this was."""
        busy = [each for each in self.unwritten if self._ends_in(held_lane, each)]
        self.kept_out += [(self.oracle.now, each) for each in busy]
        kept = [each for each in self.unwritten if each not in busy and self.apply(each)]
        ended = [self.oracle.known[each.hold.process_id] for each in kept if not self.is_open(each)]
        at = max((each.at for each in self.unwritten if each not in busy), default=self.oracle.now)
        waiting = [each.at for each in kept if each.after is not None and each.after.event is not None]
        if waiting:
            self.oracle.events.wake(self.oracle.known.values(), max(waiting))
        for each in kept:
            self._start(each)
        self.oracle.families.look(self.oracle.known, max((each.at for each in kept), default=self.oracle.now))
        self.unwritten = []
        going = [each.hold for each in kept if self.oracle.is_held(each.hold)]
        return going, len(kept) - len(going), [(each, at) for each in ended if each.order_key is not None]

    def _start(self, told: Unwritten) -> None:
        """The children that a step asked for, if its answer stands."""
        if told.children:
            parent = self.oracle.known[told.hold.process_id]
            for each in self.oracle.families.start(parent, told.children, self.oracle.start):
                child = self.oracle.known[each]
                child.due_at = child.due_at and told.at

    def _call_up(self, ended: list[tuple[Known, datetime]], *, takes: bool) -> list[Hold]:
        """The next of their lanes are due, or, where this worker `takes` them at once, held."""
        taken = []
        for each, at in ended:
            head = next(iter(self.oracle.lane(each.order_key)), None)
            was_behind = head is not None and head.waits_for == "lane"
            self.oracle.call_up(each.order_key, at)
            if takes and was_behind and head is not None and self._is_alike(each, head):
                taken.append(self.oracle.take(self.name, head))
        return taken

    def _is_alike(self, ended: Known, head: Known) -> bool:
        """Whether it could run at once, and is of the kind that just ended, from its first step."""
        same = (head.name, head.version) == (ended.name, ended.version) and head.step == head.steps[0]
        return same and head.status == "pending" and not self.oracle.is_off(ended.name)

    def is_open(self, each: Unwritten) -> bool:
        return self.oracle.known[each.hold.process_id].is_open

    def apply(self, each: Unwritten) -> bool:
        """Whether it counts, its worker having lost nothing."""
        if each.after is None:
            return self.oracle.released(each.hold, each.at, interrupted=False)
        return self.oracle.answered(each.hold, each.after, each.at)

    def get(self, ready: list[HeldStep], holds: list[Hold]) -> None:
        """Take the jobs that are ready, which are those that were foretold."""
        ready = sorted(ready, key=lambda job: job.claim.id)
        holds = sorted(holds, key=lambda hold: hold.process_id)
        found = [(each.claim.id, each.run.step, each.run.seq, each.run.attempt, each.run.fence) for each in ready]
        assert found == [self.foretold(hold) for hold in holds]
        for job, hold in zip(ready, holds, strict=True):
            known = self.oracle.known[hold.process_id]
            self.tasks.append(Task(job, hold, replace(known), known.key(known.step or "")))

    def foretold(self, hold: Hold) -> tuple[object, ...]:
        known = self.oracle.known[hold.process_id]
        return (known.id, known.step, len(known.history) + 1, known.attempts + 1, known.fence)

    def run(self, task: Task) -> None:
        """Run a step as the script says; what it answers is yet to be written."""
        self.bench.gatekeeper.look()
        refusal = self.bench.gatekeeper.refuses(task.job)
        assert (refusal is not None) == self.oracle.is_off(task.seen.name)
        if refusal is not None:
            self.bench.claims.accept([refusal])
            self.unwritten.append(Unwritten(task.hold, self.oracle.now))
            return
        SCRIPT.asked.clear()
        SCRIPT.saw = []
        there = self.oracle.families.stand(task.seen.id, self.oracle.known)
        self.bench.run(task.job)
        assert SCRIPT.saw == (there if SCRIPT.children is not None and "act" in dict(SCRIPT.asked) else [])
        assert [what for what, _key in SCRIPT.asked] == self._foretell(task)
        self._check_keys(task)
        self.get(self.bench.claims.take_ready(), self.recorded)

    def _foretell(self, task: Task) -> list[str]:
        """Which functions are asked; what will come of that is known before it is written."""
        self.recorded = []
        if task.step in ONCE:
            return self._once(task)
        told = self._acts(task)
        writes = SCRIPT.writes and not isinstance(SCRIPT.says, Retry | BaseException)
        if task.step == TOGETHER and writes and told.after is not None and told.after.status != "failed":
            others, self.unwritten = self.unwritten[:-1], [told]
            if self.oracle.is_held(task.hold):
                self.oracle.book.append(SCRIPT.asked[-1][1])
            self.recorded, _leaving, ended = self._written()
            self._call_up(ended, takes=False)
            self.unwritten = others
        return ["act"]

    def _once(self, task: Task) -> list[str]:
        asked = ["ask"] if ONCE[task.step] else []
        at, seen = self.oracle.now, task.seen
        first = asked if seen.marked_at is not None else []
        if seen.marked_at is not None and not (asked and isinstance(SCRIPT.verify, Retry)):
            self._say(task, after_doubt(seen, None, SCRIPT.verify, at))
            return first
        if not self.oracle.is_held(task.hold):  # it cannot be marked, so it does not begin
            self._say(task, None)
            return first
        seen.marked_at = self.oracle.known[seen.id].marked_at = at
        if not isinstance(SCRIPT.says, BaseException):
            self._acts(task)
            return [*first, "act"]
        self._say(task, after_doubt(seen, SCRIPT.says, SCRIPT.verify, at))
        return [*first, "act", *asked]

    def _acts(self, task: Task) -> Unwritten:
        """What the step says, and whom it starts with that."""
        told = self._say(task, after(task.seen, SCRIPT.says, self.oracle.now))
        stands = isinstance(SCRIPT.says, Done | Skip | Wait | Reject)
        if stands and told.after is not None and told.after.status != "failed":
            told.children = SCRIPT.children
        return told

    def _say(self, task: Task, after: After | None) -> Unwritten:
        self.unwritten.append(Unwritten(task.hold, self.oracle.now, after))
        return self.unwritten[-1]

    def _check_keys(self, task: Task) -> None:
        """One key until the step is done, whoever runs it and whatever it is called by then; another one after that."""
        keys = self.oracle.idempotency_keys
        for _what, key in SCRIPT.asked:
            assert keys.setdefault(task.key, key) == key
        assert len(set(keys.values())) == len(keys)


@contextmanager
def swallowing(database: Database) -> Iterator[None]:
    """The answer to the first commit is lost: to COMMIT, or to a statement that is committed as it is executed."""
    dialect = database.engine.dialect
    commit, execute = dialect.do_commit, dialect.do_execute

    def do_commit(connection: Any) -> None:
        commit(connection)
        raise dialect.loaded_dbapi.OperationalError("no answer")

    def do_execute(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        execute(cursor, statement, parameters, context)
        if getattr(cursor.connection, "is_single", False):
            raise dialect.loaded_dbapi.OperationalError("no answer")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "do_commit", do_commit)
        patch.setattr(dialect, "do_execute", do_execute)
        yield
