"""What people do in the model of the lifecycle; whatever the oracle refuses is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from forecast import Known
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from lane_rules import HeldLanes
from oracle import Oracle, Refusal
from scripted_processes import CLASSES
from strategies import PICK, SWITCHES

from process_manager import operations
from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.errors import HeldByAnother, Refused, UsageError
from process_manager.operations import Act, switches

ADA = Act(Actor("Ada"), "why not")
REGISTRY = Registry(CLASSES.values())


class People(HeldLanes):
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
        with self.asked(lambda: self.oracle.restart(known, from_step)) as connection:
            operations.restart(connection, known.id, ADA, registry=REGISTRY, from_step=step)

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK)
    def somebody_abandons(self, pick: int) -> None:
        known = self.some(pick)
        with self.asked(lambda: self.oracle.abandon(known)) as connection:
            operations.abandon(connection, known.id, ADA)

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK, happened=st.booleans(), number=st.sampled_from([None, 1, 2]))
    def somebody_resolves(self, pick: int, happened: bool, number: int | None) -> None:
        known = self.some(pick, "uncertain")
        payload = {} if number is None else {"r": number}
        with self.asked(lambda: self.oracle.resolve(known, happened=happened, payload=payload)) as connection:
            operations.resolve(connection, known.id, ADA, happened=happened, registry=REGISTRY, payload=payload)

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK)
    def somebody_skips_a_step(self, pick: int) -> None:
        known = self.some(pick, "failed", "waiting", "pending")
        with self.asked(lambda: self.oracle.skip_step(known)) as connection:
            operations.skip_step(connection, known.id, ADA, registry=REGISTRY)

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK, number=st.sampled_from([1, 2, 3]))
    def somebody_edits_a_payload(self, pick: int, number: int) -> None:
        known = self.some(pick, "failed", "waiting", "pending", "rejected")
        with self.asked(lambda: self.oracle.edit_payload(known, number)) as connection:
            operations.edit_payload(connection, known.id, ADA, registry=REGISTRY, changes={"n": number})

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK)
    def somebody_runs_it_again(self, pick: int) -> None:
        known = self.some(pick)
        with self.asked(lambda: self.oracle.rerun(known)) as connection:
            assert operations.rerun(connection, known.id, registry=REGISTRY) == len(self.oracle.known)

    @rule(key=SWITCHES, seconds=st.sampled_from([1, 1, 5, 60, None]))
    def somebody_throws_a_switch(self, key: str, seconds: int | None) -> None:
        until = None if seconds is None else self.oracle.now + timedelta(seconds=seconds)
        with self.database.begin() as connection:
            if key in self.oracle.thrown:
                del self.oracle.thrown[key]
                switches.enable(connection, key)
            else:
                self.oracle.disable(key, until)
                switches.disable(connection, key, ADA, until=until)

    @contextmanager
    def asked(self, foretell: Callable[[], object]) -> Iterator[sa.Connection]:
        """A transaction of somebody who is refused when the oracle says so."""
        try:
            foretell()
        except Refusal:
            with pytest.raises((Refused, HeldByAnother, UsageError)), self.database.begin() as connection:
                yield connection
        else:
            with self.database.begin() as connection:
                yield connection
