"""What people do in the model of the lifecycle; whatever the oracle refuses is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from family_rules import Families
from forecast import Known
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from oracle import Oracle, Refusal
from scripted_processes import CLASSES
from seat_rules import SharedSeats
from strategies import EVENTS, PICK, SWITCHES

from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.errors import HeldByAnother, Refused, UsageError
from process_manager.governance import Acted, Policies, acting
from process_manager.governance.action import Action
from process_manager.governance.event_actions import SignalEvent, WithdrawEvent
from process_manager.governance.fleet_actions import Disable, Enable
from process_manager.governance.process_actions import Abandon, EditPayload, Rerun, Resolve, Restart, SkipStep
from process_manager.operations.abandon import TheirChildren

T = TypeVar("T")

ADA = Actor("Ada", is_person=True, way="page")
WHY = "why not"
REGISTRY = Registry(CLASSES.values())


class People(Families, SharedSeats):
    """Every act of a person."""

    oracle: Oracle

    def some(self, pick: int, *rather: str) -> Known:
        """Mostly one that stands so, for the others there is only a refusal."""
        known = list(self.oracle.known.values())
        fitting = [each for each in known if each.status in rather] if pick % 5 else []
        return (fitting or known)[pick % len(fitting or known)]

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK, step=st.sampled_from([None, None, "a", "b", "b2", "p"]))
    def somebody_restarts(self, pick: int, step: str | None) -> None:
        known = self.some(pick, "failed", "rejected", "waiting")
        from_step = step or known.step or ""
        action = Restart(known.id, registry=REGISTRY, from_step=step, reason=WHY)
        self.act(action, lambda: self.oracle.restart(known, from_step))

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK, children=st.sampled_from([None, None, "abandon", "leave"]))
    def somebody_abandons(self, pick: int, children: TheirChildren | None) -> None:
        known = self.some(pick)
        self.act(Abandon(known.id, children=children, reason=WHY), lambda: self.oracle.abandon(known, children))

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK, happened=st.booleans(), number=st.sampled_from([None, 1, 2]))
    def somebody_resolves(self, pick: int, happened: bool, number: int | None) -> None:
        known = self.some(pick, "uncertain")
        payload = {} if number is None else {"r": number}
        action = Resolve(known.id, happened=happened, registry=REGISTRY, payload=payload, reason=WHY)
        self.act(action, lambda: self.oracle.resolve(known, happened=happened, payload=payload))

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK)
    def somebody_skips_a_step(self, pick: int) -> None:
        known = self.some(pick, "failed", "waiting", "pending")
        self.act(SkipStep(known.id, registry=REGISTRY, reason=WHY), lambda: self.oracle.skip_step(known))

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK, number=st.sampled_from([1, 2, 3]))
    def somebody_edits_a_payload(self, pick: int, number: int) -> None:
        known = self.some(pick, "failed", "waiting", "pending", "rejected")
        action = EditPayload(known.id, registry=REGISTRY, changes={"n": number}, reason=WHY)
        self.act(action, lambda: self.oracle.edit_payload(known, number))

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK)
    def somebody_runs_it_again(self, pick: int) -> None:
        known = self.some(pick)
        made = self.act(Rerun(known.id, registry=REGISTRY, reason=WHY), lambda: self.oracle.rerun(known))
        assert made is None or made.id == len(self.oracle.known)

    @rule(key=SWITCHES, seconds=st.sampled_from([1, 1, 5, 60, None]))
    def somebody_throws_a_switch(self, key: str, seconds: int | None) -> None:
        until = None if seconds is None else self.oracle.now + timedelta(seconds=seconds)
        if key in self.oracle.thrown:
            self.act(Enable(key), lambda: self.oracle.thrown.pop(key))
        else:
            self.act(Disable(key, until=until, reason=WHY), lambda: self.oracle.disable(key, until))

    @rule(key=EVENTS)
    def somebody_signals_an_event(self, key: str) -> None:
        known = list(self.oracle.known.values())
        told = self.act(SignalEvent(key), lambda: self.oracle.events.signal(key, known, self.oracle.now))
        assert told is not None
        assert told.number == self.oracle.events.events[key][0]

    @rule(key=EVENTS)
    def somebody_withdraws_an_event(self, key: str) -> None:
        stood = self.oracle.events.events.get(key, (0, False))[1]
        assert self.act(WithdrawEvent(key), lambda: self.oracle.events.withdraw(key)) is stood

    def act(self, action: Action[T], foretell: Callable[[], object]) -> T | None:
        """Do what somebody asks for, who is refused when the oracle says so."""
        try:
            foretell()
            self.oracle.families.look(self.oracle.known, self.oracle.now)
        except Refusal:
            with pytest.raises((Refused, HeldByAnother, UsageError)):
                acting(self.database, ADA, action, policies=Policies())
            return None
        answer = acting(self.database, ADA, action, policies=Policies())
        assert isinstance(answer, Acted)
        return answer.value
