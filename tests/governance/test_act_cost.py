"""What an act costs, counted in statements: the same however much there is, and nothing for whoever only works."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from backends import overheard
from rig import Three, execute, start, work

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import Policies, acting, acting_on_each
from process_manager.governance.action import Action
from process_manager.governance.process_actions import Abandon, Restart
from process_manager.governance.start_actions import StartOne
from process_manager.operations import Start

NONE = Policies()
ADA = Actor("ada", is_person=True, way="page")
KNOWN = Registry([Three])
OF_SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")


def acted(database: Database, action: Action[object]) -> list[str]:
    """The statements of an act."""
    with overheard(database) as said:
        acting(database, ADA, action, policies=NONE)
    return [each for each in said if not each.startswith(OF_SAVEPOINTS)]


@pytest.mark.every_database
@pytest.mark.parametrize("act", [lambda id: Abandon(id, reason="paid"), lambda id: Restart(id, registry=KNOWN)])
def test_an_act_says_the_same_few_statements_however_long_the_chain_is(
    database: Database, act: Callable[[int], Action[object]]
) -> None:
    first, *others, last = (start(database) for _ in range(40))
    execute(database, "UPDATE processes SET status = 'failed', due_at = NULL")
    short = acted(database, act(first))
    list(acting_on_each(database, ADA, [act(each) for each in others], policies=NONE))

    assert acted(database, act(last)) == short
    assert len(short) <= 14


def test_many_acts_share_the_statements_that_lock_and_chain(database: Database) -> None:
    ids = [start(database) for _ in range(50)]

    with overheard(database) as said:
        list(acting_on_each(database, ADA, [Abandon(each, reason="paid") for each in ids], policies=NONE))

    assert len([each for each in said if "audit" in each]) == 3


@pytest.mark.every_database
def test_a_start_and_a_step_never_touch_the_chain(database: Database) -> None:
    with overheard(database) as said:
        acting(database, ADA, StartOne(Start(Three)), policies=NONE)
        work(database)

    assert execute(database, "SELECT status FROM processes") == [("succeeded",)]
    assert [each for each in said if "audit" in each] == []


LOADED = """
import sys
import process_manager.worker.loop, process_manager.worker.runtime, process_manager.direct
print([name for name in sys.modules if name.startswith("process_manager.governance")])
"""


def test_a_worker_that_uses_none_of_it_imports_none_of_it() -> None:
    found = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    assert found.stdout == "[]\n"
