"""Who may act on some kinds only cannot name one of these and mean another."""

from __future__ import annotations

import pytest
from rig import Three, abandon, execute

from process_manager import Done, Process, StepRun
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import Forbidden, NotFound, UsageError
from process_manager.governance import Acted, Policies, acting
from process_manager.governance.action import Action
from process_manager.governance.bot_actions import CreateBot, EditBot, RerunJob, StartJob
from process_manager.governance.bots import NewBot
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


class Payroll(Process):
    """What not everybody sees."""

    name = "payroll"
    STEPS = {"a": "work"}

    def work(self, run: StepRun) -> Done:
        return Done()


KNOWN = Registry([Three, Sweep, Payroll])
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


WIDE = Actor("ada", is_person=True, way="page", role=Role.OPERATOR)


@pytest.fixture
def bot(database: Database) -> int:
    """A bot of a kind that everybody here sees."""
    made = acting(database, WIDE, CreateBot(NewBot("Count", "three"), KNOWN), policies=Policies())
    assert isinstance(made, Acted)
    return made.value.id


def test_a_bot_is_not_given_a_process_of_another_kind(database: Database, bot: int) -> None:
    edit = EditBot(bot, "three", {"process": "payroll"}, KNOWN)

    with pytest.raises(Forbidden, match="'payroll'"):
        acting(database, NARROW, edit, policies=Policies())

    assert execute(database, "SELECT process FROM bots") == [("three",)]


def test_a_bot_of_another_kind_by_now_is_neither_edited_nor_started_nor_rerun(database: Database, bot: int) -> None:
    started = acting(database, NARROW, StartJob(bot, "three", registry=KNOWN, given={}), policies=Policies())
    assert isinstance(started, Acted)
    job = started.value.id
    abandon(database, job)
    acting(database, WIDE, EditBot(bot, "three", {"process": "payroll"}, KNOWN), policies=Policies())

    for action in (
        EditBot(bot, "three", {"description": "mine"}, KNOWN),
        StartJob(bot, "three", registry=KNOWN, given={}),
        RerunJob(job, registry=KNOWN),
    ):
        with pytest.raises(Forbidden, match="'payroll'"):
            acting(database, NARROW, action, policies=Policies())  # type: ignore[arg-type]  # each answers something else

    assert execute(database, "SELECT name FROM processes") == [("three",)]
