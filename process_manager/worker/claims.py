"""What a worker holds, and the transactions in which it records results and claims more."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import Database, single
from process_manager.definition.step_host import Host
from process_manager.definition.step_run import StepRun
from process_manager.errors import FateUnknown
from process_manager.execution import decision
from process_manager.execution.completion import Answered, Completion, Died, GaveUp, LockedOut, NotStarted, Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle import interruption, next_state
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import StepResult, Transition
from process_manager.store import evidence, notify, recording
from process_manager.store.recording import LaneHandover
from process_manager.worker import ambiguous_commits, one_claim
from process_manager.worker.admission import stop_lost
from process_manager.worker.gatekeeper import Gatekeeper
from process_manager.worker.held_back import HeldBack
from process_manager.worker.lease_holder import LeaseHolder
from process_manager.worker.pending_writes import PendingWrites
from process_manager.worker.plan import Plan
from process_manager.worker.polling import Poller
from process_manager.worker.prefetch import PrefetchLimit
from process_manager.worker.salvage import BatchSalvage
from process_manager.worker.stats import RunStats


class Claims:
    """The held processes, and what is still to be written of them."""

    def __init__(self, plan: Plan, holder: LeaseHolder, gatekeeper: Gatekeeper, host: Host) -> None:
        self.held: dict[int, HeldStep] = {}
        self.stats = RunStats()
        self.unconfirmed = ambiguous_commits.UnconfirmedClaims(holder.name)
        self.rested: Transition | None = None  # what was written last of a process that is not held any more
        self._plan = plan
        self._gatekeeper = gatekeeper
        self._waits = holder.wait_for is None  # for locks that others hold
        self._host = host
        self._poller = Poller(plan, holder.name, gatekeeper, self.stats, goes_on=self._waits or plan.only is not None)
        self.pools = self._poller.pools
        self._pending = PendingWrites()
        self.held_back = HeldBack(holder.wait_for)
        self._salvage = BatchSalvage(self._pending, self.held_back, self._write, waits=self._waits)
        self._ready: list[HeldStep] = []
        self._prefetch = PrefetchLimit(plan.settings.concurrency)

    @property
    def empty(self) -> bool:
        """Whether the last look found nothing due."""
        return self._poller.empty

    def accept(self, messages: Iterable[Transition | Completion | Evidence]) -> None:
        """Take in what happened; what is not written yet is by the next transaction."""
        for message in messages:
            if isinstance(message, Transition):  # mostly: what follows was decided where the step ran
                self._pending.transitions.append(message)
            elif isinstance(message, Evidence):
                self._pending.said.append(message)
            else:
                self._accept(message)

    def _accept(self, message: Completion) -> None:
        match message:
            case Answered(held, result):
                self._pending.transitions.append(self.decide(held, result))
            case NotStarted():
                self._pending.transitions.append(decision.not_started(message, clock.now()))
            case Recorded():
                self._on_recorded(message)
            case LockedOut(transition):
                self.held_back.wait_again(transition)
            case Died():
                self._on_crash(message)
            case GaveUp(held):
                self.let_go(held)

    def _on_recorded(self, message: Recorded) -> None:
        kept = [message.transition] if message.kept else []
        self._settle([message.transition], kept)
        if kept:
            self._look_after(kept, moves_on=True)
            if self.pools is not None:
                self.pools.remember(kept)

    def _on_crash(self, message: Died) -> None:
        held = message.held
        self._pending.transitions.append(interruption.crashed(held.claim, clock.now(), how=message.how))
        if held.planned.effect == "transactional":  # its child may have recorded it, and not lived to say so
            self._drop(held.claim)
            self.unconfirmed.may_exist()

    def let_go(self, held: HeldStep) -> None:
        """Release what will not be answered; what is in doubt stays under its lease, as in a thread."""
        if held.claim.doubtful_since is None:
            self.give_back([held], interrupted=held.started is not None)
        else:
            self._drop(held.claim)

    def decide(self, held: HeldStep, result: StepResult) -> Transition:
        """Return what follows from a run of a step. Safe in any thread."""
        return decision.decide(held, result, retry=self._plan.retry, quiet_of=self._gatekeeper.quiet_of)

    def give_back(self, steps: Iterable[HeldStep], *, interrupted: bool) -> None:
        """Release these; `interrupted` when their step runs and will not be waited for."""
        now = clock.now()
        self._pending.transitions += [interruption.released(held.claim, now, interrupted=interrupted) for held in steps]

    def forget(self) -> bool:
        """Hold nothing any more, and write nothing; return whether something was held. Leases end by themselves."""
        held, self._ready = bool(self.held), []
        self.held.clear()
        self._pending.clear()
        self.held_back.clear()
        return held

    def has_news(self) -> bool:
        """Return whether something is to be written."""
        is_time = not self.held_back.is_empty and self.held_back.is_time()
        if self.pools is not None and self.pools.came:
            return True
        return is_time or bool(self._pending) or self.unconfirmed.is_to_look()

    def owes(self) -> bool:
        """Return whether something is to be written that only this worker knows: what a step answered or said."""
        return not self.held_back.is_empty or self._pending.owes()

    def is_stuck(self) -> bool:
        """Return whether steps are long, and some wait for a thread though other workers could run them."""
        return self._prefetch.is_stuck(len(self.held) - len(self.held_back.kept))

    def look_now(self) -> None:
        """Look for due processes in the next transaction."""
        self._poller.at = time.monotonic()

    def may_look(self) -> bool:
        """Return whether it is time to look for due processes, or a lane moves on, and there is room for one."""
        is_time = time.monotonic() >= self._poller.at
        return (is_time or any(each.frees_lane for each in self._pending.transitions)) and self.room() > 0

    def seconds_to_rest(self, *, claims: bool) -> float:
        """Return how long nothing is to be written and, for one that `claims`, no due process to be looked for."""
        look = max(0.0, self._poller.at - time.monotonic()) if claims and self.room() > 0 else math.inf
        return look if self.held_back.is_empty else min(look, self.held_back.seconds())

    def room(self) -> int:
        """Return how many more processes may be held."""
        room = self._prefetch.limit() - len(self.held)
        return room if self.held_back.is_empty else room + self.held_back.room()

    def kept_out(self, *, longer_than: float) -> list[HeldStep]:
        """Return the steps whose answers another transaction, which holds their lane, has kept out for so long."""
        found = [transition.claim for transition in self.held_back.longer_than(longer_than)]
        return [self.held[claim.id] for claim in found if self._is_held(claim)]

    def write(self, connection: sa.Connection, *, claim: bool) -> None:
        """Write everything in one transaction, and with `claim` take more. What is refused is written alone then."""
        if not self.held_back.is_empty:
            self._pending.add(*self.held_back.take(connection))
        try:
            self._write(connection, claim=claim)
        except Exception as problem:  # noqa: BLE001 - whatever the record of many raises, each is recorded alone
            self._salvage.rescue(connection, problem)
        if not self.held_back.is_empty:
            self._end_refused(connection)

    def _write(self, connection: sa.Connection, *, claim: bool) -> None:
        transitions = self._pending.transitions
        seeks = self.unconfirmed.is_to_look()  # asked once: what is taken meanwhile is none of them
        alone = not (claim or seeks or self._pending.said or self.pools) and recording.is_one_statement(transitions)
        onward = self._onward() if claim and not seeks else None
        with single(connection) if alone else connection.begin():
            evidence.keep(connection, self._pending.said)
            kept, claims, busy, woken = ambiguous_commits.record(connection, transitions, onward, waits=self._waits)
            if seeks:
                claims += self.unconfirmed.find(connection, self._is_held, lease_ends_at=self._poller.lease().ends_at)
            if self.pools is not None:
                claims += self.pools.go_on(connection, kept, self._poller.lease())
            looks = claim and (onward is None or len(claims) < sum(each.frees_lane for each in kept))
            if looks:
                room = self.room() + sum(not each.goes_on for each in kept) - len(claims)
                claims += self._poller.take(connection, room, self._prefetch, is_own=self._is_held)
        self._pending.clear()
        self._settle(self.held_back.put_aside(transitions, busy) if busy else transitions, kept)
        self.take_up(claims)
        if kept and not looks:
            self._look_after(kept, moves_on=not claim or bool(woken))
        if woken:
            notify.hint_at_once(connection)

    def _onward(self) -> LaneHandover | None:
        """Return how the next process of a lane is claimed at once; None when it is time to look what else is due."""
        if time.monotonic() >= self._poller.at:
            return None
        return LaneHandover(self._poller.lease(), self._gatekeeper.step_behind)

    def take_ready(self) -> list[HeldStep]:
        """Return the steps to run next, each once."""
        ready, self._ready = self._ready, []
        return ready

    def drop_lost(self, connection: sa.Connection) -> None:
        """Let no step begin whose process was taken away while it waited for a thread."""
        waiting = [held for held in self.held.values() if held.started is None]
        if waiting:
            with connection.begin():
                stop_lost(connection, waiting)

    def take_one(self, database: Database, process_id: int) -> None:
        """Take this one process, if it rests; its moment need not have come. Refused when its code is not here."""
        try:
            found = database.run(lambda connection: self._claim_one(connection, process_id))
        except FateUnknown:
            self.unconfirmed.may_exist()
            raise
        self.take_up(found)

    def _claim_one(self, connection: sa.Connection, process_id: int) -> list[Claim]:
        found = one_claim.claim(connection, process_id, self._poller, self._plan.registry, is_own=self._is_held)
        for each in found:
            one_claim.require_startable(each, self._held(each), self._gatekeeper)
        return found

    def _settle(self, transitions: list[Transition], kept: list[Transition]) -> None:
        """Let go of what came to rest or was lost, go on with the others."""
        written = {id(transition) for transition in kept}
        if not self.held_back.is_empty:
            self.held_back.forget(transitions)
        for transition in transitions:
            if id(transition) not in written:
                self.held_back.put_refused(transition)
                continue
            self._drop(transition.claim)
            self.stats.count(transition)
            self._gatekeeper.learn(transition)
            if not transition.goes_on:
                self.rested = transition
        self.take_up([next_state.continued(each) for each in kept if each.goes_on])
        if kept:
            self._prefetch.recorded(sum([bool(transition.entries) for transition in kept]))

    def _end_refused(self, connection: sa.Connection) -> None:
        """Let go of what was refused: its lease is gone, or somebody asked it to stop, and it ends now."""
        for late in self.held_back.look_at_refused(connection, taken_back=self._is_taken_back):
            self._drop(late.refused.claim)
            if late.recorded is None:
                self.stats.refuse(late.refused)
            else:
                self._on_recorded(Recorded(late.recorded, kept=True))

    def _is_taken_back(self, refused: Transition) -> bool:
        return (held := self.held.get(refused.claim.id)) is not None and held.planned.effect == "transactional"

    def _drop(self, claim: Claim) -> None:
        if self._is_held(claim) and self.held[claim.id].claim.seq == claim.seq:  # else it has gone on
            del self.held[claim.id]

    def _is_held(self, claim: Claim) -> bool:
        """Return whether a process is held under this very claim: after a lost lease it may come back under another."""
        return (held := self.held.get(claim.id)) is not None and held.claim.fence == claim.fence

    def _look_after(self, kept: list[Transition], *, moves_on: bool) -> None:
        """Bring the next look forward for what rests only shortly and, with `moves_on`, for lanes that moved on."""
        moments = [each.state.due_at for each in kept if each.state.due_at is not None]
        rests = [(min(moments) - clock.now()).total_seconds()] if moments else []
        may_go_on = moves_on and any(each.frees_lane or each.coordination or each.settles for each in kept)
        is_shared = self.pools is not None and self.pools.concern(kept)
        if may_go_on or is_shared or (self._plan.until_empty and not self.held):
            rests.append(0.0)
        if rests:
            self._poller.at = min(self._poller.at, time.monotonic() + min(rests))
            self._poller.empty = False

    def take_up(self, claims: Iterable[Claim]) -> None:
        """Hold these; what is not known here is given back by the next transaction."""
        for claim in claims:
            held = self._held(claim)
            if held is None:
                self._pending.transitions.append(interruption.released(claim, clock.now(), interrupted=False))
            else:
                self.held[claim.id] = held
                self._ready.append(held)

    def _held(self, claim: Claim) -> HeldStep | None:
        code = self._plan.registry.step(claim.name, claim.version, claim.step)
        return None if code is None else HeldStep(claim, *code, StepRun(self._host, claim))
