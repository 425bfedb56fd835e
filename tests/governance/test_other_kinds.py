"""Who may act on some kinds only cannot name one of these and mean another."""

from __future__ import annotations

import pytest
from rig import Three, execute

from process_manager import Done, Process, StepRun
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import NotFound, UsageError
from process_manager.governance import Policies, acting
from process_manager.governance.action import Action
from process_manager.governance.fleet_actions import Unlock
from process_manager.governance.start_actions import RunCommand, StartEach
from process_manager.operations import Start


class Sweep(Process):
    """A command."""

    name = "sweep"
    arguments = ("north",)
    STEPS = {"a": "work"}

    def work(self, run: StepRun) -> Done:
        return Done()


KNOWN = Registry([Three, Sweep])
NARROW = Actor("bo", is_person=True, way="page", role=Role.OPERATOR, kinds=frozenset({"three"}))


@pytest.mark.parametrize(
    "action",
    [Unlock("three", "sweep-north", KNOWN, reason="it is gone"), RunCommand("three", "sweep-north", KNOWN)],
    ids=["unlock", "run-command"],
)
def test_a_command_is_that_of_the_kind_that_was_asked_about(database: Database, action: Action[int]) -> None:
    with pytest.raises(NotFound, match="'three' has no command 'sweep-north'"):
        acting(database, NARROW, action, policies=Policies())

    assert execute(database, "SELECT count(*) FROM processes") == [(0,)]


def test_a_bulk_starts_no_other_kind_than_the_one_that_was_asked_about(database: Database) -> None:
    starts = [Start(Three), Start(Sweep, command_key="sweep-north")]

    with pytest.raises(UsageError, match="These starts of 'three' are of 'sweep', too"):
        acting(database, NARROW, StartEach("three", starts), policies=Policies())

    assert execute(database, "SELECT count(*) FROM processes") == [(0,)]
