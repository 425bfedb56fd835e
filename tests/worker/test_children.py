"""Steps that start children and wait for them, in every way in which a step can run."""

from datetime import timedelta
from typing import Any

import pytest
from family_steps import FAMILIES, Family, Letter, Once, Stumbles
from rig import (
    abandon,
    eventually,
    execute,
    get,
    odd,
    restart,
    row,
    settings,
    start,
    status,
    work,
    working,
)

from process_manager import Done, Process, Registry, StepRun, Wait, classic, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.direct import Direct
from process_manager.errors import IllegalValue, NotJson, UsageError
from process_manager.lifecycle.status import Status
from process_manager.operations import Act
from process_manager.store import joins
from process_manager.worker import Plan
from process_manager.worker.join_sweep import JoinSweep

HOUR = timedelta(hours=1)
FIRST_LETTER = "SELECT MIN(id) FROM processes WHERE name = 'letter' AND status <> 'succeeded'"
WHO = Act(Actor("Ada"), "so it has to be")

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


def children(database: Database) -> list[tuple[Any, ...]]:
    """Each child: of which parent, its key, and where it stands."""
    found = "SELECT c.parent_id, c.key, p.status FROM children c JOIN processes p ON p.id = c.process_id ORDER BY p.id"
    if database.dialect == "mariadb":
        found = found.replace("c.key", "c.`key`")
    if database.dialect == "mssql":
        found = found.replace("c.key", "c.[key]")
    return execute(database, found)


def join(database: Database) -> tuple[Any, ...]:
    return tuple(execute(database, "SELECT open, settled, waking FROM joins".replace("open", column(database)))[0])


def column(database: Database) -> str:
    return {"mariadb": "`open`", "mssql": "[open]"}.get(database.dialect, "open")


@pytest.mark.parametrize("process", FAMILIES)
def test_a_parent_goes_on_when_all_of_its_children_are_settled(database: Database, process: type[Process]) -> None:
    parent = start(database, process)

    work(database, process, Letter)

    assert status(database, parent) == "succeeded"
    assert get(database, parent).payload["came"] == [["0", "succeeded", 0], ["1", "succeeded", 1]]
    assert join(database) == (0, 2, 0)


@pytest.mark.parametrize("process", FAMILIES)
@pytest.mark.parametrize(
    ("answer", "there"), [("done", 2), ("skip", 2), ("reject", 2), ("retry", 0), ("failed", 0), ("raise", 0)]
)
def test_children_are_part_of_the_answer_that_starts_them(
    database: Database, process: type[Process], answer: str, there: int
) -> None:
    start(database, process, {"answer": answer})

    work(database, process)

    assert len(children(database)) == there


@pytest.mark.parametrize("theirs", ["skip", "reject", "failed"])
def test_a_child_that_ends_otherwise_or_needs_a_person_wakes_its_parent(database: Database, theirs: str) -> None:
    parent = start(database, Family, {"theirs": theirs})

    work(database, Family, Letter)

    ended = {"skip": "skipped", "reject": "rejected", "failed": "failed"}[theirs]
    assert [each[1] for each in get(database, parent).payload["came"]] == [ended] * 2


def test_any_wakes_a_parent_once_for_each_child_that_settles_and_never_in_a_circle(database: Database) -> None:
    seen: list[int] = []

    def split(run: StepRun) -> Any:
        children = run.children
        if not children:
            for n in range(3):
                run.start_child(Letter, {"n": n}, key=str(n))
            return Wait(children="any", after=HOUR)
        seen.append(sum(child.is_settled for child in children))
        return Done() if seen[-1] == 3 else Wait(children="any")

    parent = start(database, odd(split))
    for _ in range(3):
        work(database, odd(split))
        (letter,) = execute(database, FIRST_LETTER)[0]
        work(database, Letter, only=letter)
    work(database, odd(split))

    assert (seen, status(database, parent)) == ([1, 2, 3], "succeeded")


def test_a_step_that_waits_for_children_of_which_none_has_settled_since_rests_a_moment(database: Database) -> None:
    runs: list[int] = []

    def never_content(run: StepRun) -> Wait:
        runs.append(len(run.children))
        return Wait(children="all")

    parent = start(database, odd(never_content))
    work(database, odd(never_content))

    found = row(database, parent)
    assert (runs, found["status"], found["waiting_for"]) == ([0], "waiting", "moment")
    assert timedelta(0) < found["due_at"] - found["updated_at"] <= timedelta(seconds=1)


def test_a_child_that_is_restarted_is_waited_for_again(database: Database) -> None:
    parent = start(database, Once, {"n": 0})
    work(database, Once, Letter, Stumbles)
    (child,) = execute(database, "SELECT process_id FROM children")[0]
    assert (status(database, child), status(database, parent), join(database)) == ("failed", "waiting", (0, 1, 0))
    with database.begin() as connection:
        operations.run_now(connection, parent, WHO, registry=Registry([Once]))
    restart(database, child, Stumbles)
    assert join(database) == (1, 1, 0)

    work(database, Once)
    assert status(database, parent) == "waiting"
    work(database, Once, Stumbles)

    assert (status(database, child), join(database)) == ("failed", (0, 2, 0))


def test_a_child_that_is_abandoned_wakes_its_parent(database: Database) -> None:
    parent = start(database, Family)
    work(database, Family)
    for (child,) in execute(database, "SELECT process_id FROM children"):
        abandon(database, child)

    assert (status(database, parent), join(database)) == ("pending", (0, 2, 0))


def test_a_deadline_that_comes_first_has_the_step_run_with_children_that_are_open(database: Database) -> None:
    runs: list[list[str]] = []

    def looks(run: StepRun) -> Any:
        runs.append([child.status for child in run.children])
        if len(runs) == 1:
            run.start_child(Letter, {"n": 0}, key="0")
        return Wait(children="all", after=timedelta(milliseconds=50)) if len(runs) == 1 else Done()

    parent = start(database, odd(looks))
    with working(database, odd(looks)):
        eventually(lambda: status(database, parent) == "succeeded")

    assert runs == [[], ["pending"]]
    work(database, Letter)
    assert (status(database, parent), join(database)) == ("succeeded", (0, 1, 0))


def test_a_step_that_is_run_anew_starts_no_child_twice(database: Database) -> None:
    parent = start(database, Family, {"letters": 2})
    work(database, Family)
    with database.begin() as connection:
        operations.restart(connection, parent, WHO, registry=Registry([Family]), from_step="split")
    work(database, Family, Letter)

    assert [each[1] for each in children(database)] == ["0", "1"]
    assert (status(database, parent), join(database)) == ("succeeded", (0, 2, 0))


def test_a_parent_that_waits_for_an_event_by_now_is_not_woken_by_its_children(database: Database) -> None:
    runs: list[int] = []

    def looks(run: StepRun) -> Any:
        runs.append(len(run.children))
        if len(runs) == 1:
            run.start_child(Letter, {"n": 0}, key="0")
            return Wait(children="all")
        return Wait(event="paid:1")

    parent = start(database, odd(looks))
    work(database, odd(looks))
    with database.begin() as connection:
        operations.run_now(connection, parent, WHO, registry=Registry([odd(looks)]))
    work(database, odd(looks))
    work(database, odd(looks), Letter)

    assert (runs, status(database, parent), join(database)) == ([0, 1], "waiting", (0, 1, 0))


def test_children_of_one_lane_run_one_after_the_other(database: Database) -> None:
    def split(run: StepRun) -> Any:
        if not run.children:
            for n in range(3):
                run.start_child(Letter, {"n": n}, key=str(n), order_key="lane", reference=f"case {n}")
            return Wait(children="all")
        return Done()

    parent = start(database, odd(split))
    work(database, odd(split))
    assert [each[2] for each in children(database)] == ["pending", "waiting", "waiting"]

    work(database, odd(split), Letter)

    assert status(database, parent) == "succeeded"


def test_what_cannot_be_a_child_is_refused_where_it_is_asked_for(database: Database) -> None:
    refused: list[type[Exception]] = []
    keeps = type("Keeps", (Letter,), {"name": "keeps", "dedup": "for_ever"})

    def asks(run: StepRun) -> Done:
        for act in (
            lambda: run.start_child(Letter, key=" "),
            lambda: run.start_child(Letter, {"at": object()}, key="a"),
            lambda: run.start_child(keeps, key="a"),
            lambda: run.start_child("letter", key="a"),  # type: ignore[arg-type]
            lambda: run.start_child(Letter, key="a", order_key="lane"),
        ):
            try:
                act()
            except UsageError as problem:
                refused.append(type(problem))
        return Done()

    start(database, odd(asks), order_key="lane")
    work(database, odd(asks))

    assert refused == [IllegalValue, NotJson, UsageError, IllegalValue, UsageError]
    assert children(database) == []


def test_a_direct_call_starts_children_and_is_woken_as_with_a_worker(database: Database) -> None:
    with Direct(database, Plan(Registry([Family, Letter]), settings(), classic())) as direct:
        family = direct.run(Family)
    assert family.status is Status.WAITING

    work(database, Letter)

    assert status(database, family.id) == "pending"


def test_a_record_waits_for_no_join_that_another_transaction_holds(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("who writes there has the whole file")
    parents = [start(database, Family, {"letters": 1}) for _ in range(2)]
    work(database, Family)
    first, second = [child for (child,) in execute(database, "SELECT process_id FROM children ORDER BY process_id")]
    with working(database, Letter):
        with database.begin() as connection:
            joins.lock(connection, [parents[0]])
            eventually(lambda: (status(database, first), status(database, second)) == ("running", "succeeded"))
        eventually(lambda: status(database, first) == "succeeded")
    assert [status(database, parent) for parent in parents] == ["pending"] * 2


def test_a_sweep_wakes_a_parent_whose_row_was_held(database: Database) -> None:
    parent = start(database, Family, {"letters": 1})
    work(database, Family)
    execute(database, "UPDATE joins SET open = 0, settled = 1, waking = 1".replace("open", column(database)))

    JoinSweep(database).look()

    assert (status(database, parent), join(database)) == ("pending", (0, 1, 0))
