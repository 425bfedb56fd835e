"""Steps that signal events and withdraw them, in every way in which a step can run."""

import pytest
from event_acts import KEY, number, signal
from event_steps import TELLERS, Tells, Waits
from rig import eventually, execute, get, odd, settings, start, status, work, working

from process_manager import Done, Process, StepRun, classic, operations
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import IllegalValue, NotJson
from process_manager.lifecycle.status import Status
from process_manager.worker import Plan

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


@pytest.mark.parametrize("process", TELLERS)
@pytest.mark.parametrize(
    ("answer", "heard"), [("done", 1), ("skip", 1), ("reject", 1), ("retry", 0), ("failed", 0), ("raise", 0)]
)
def test_a_signal_of_a_step_is_part_of_its_answer(
    database: Database, process: type[Process], answer: str, heard: int
) -> None:
    start(database, process, {"answer": answer})

    work(database, process)

    assert number(database) == heard


@pytest.mark.parametrize("process", TELLERS)
def test_a_step_wakes_who_waits_and_takes_back_what_stands(database: Database, process: type[Process]) -> None:
    waiting = start(database, Waits, {"event": KEY})
    work(database, Waits)
    telling = start(database, process, {"answer": "done"})

    work(database, Waits, process)

    assert get(database, waiting).payload["woken_by"] == [KEY, 1, {"amount": 7}, f"process {telling}"]
    start(database, process, {"answer": "done", "withdraws": True})
    work(database, process)
    stands = execute(database, "SELECT stated_at FROM events")
    assert stands == [(None,)]


def test_who_waits_and_who_signals_in_one_batch_miss_each_other_in_no_order(database: Database) -> None:
    ids = [start(database, process, {"event": KEY, "answer": "done"}) for process in (Waits, Tells, Waits)]

    work(database, Waits, Tells, concurrency=3)

    assert [status(database, process_id) for process_id in ids] == ["succeeded"] * 3


def test_what_cannot_be_signalled_is_refused_where_it_is_asked_for(database: Database) -> None:
    refused: list[type[Exception]] = []

    def asks(run: StepRun) -> Done:
        for act in (
            lambda: run.signal(" "),
            lambda: run.withdraw(""),
            lambda: run.signal(KEY, [1]),  # type: ignore[arg-type]
            lambda: run.signal(KEY, {"at": object()}),
        ):
            try:
                act()
            except (IllegalValue, NotJson) as problem:
                refused.append(type(problem))
        return Done()

    start(database, odd(asks))
    work(database, odd(asks))

    assert refused == [IllegalValue, IllegalValue, IllegalValue, NotJson]
    assert number(database) == 0


def test_a_direct_call_waits_and_signals_as_a_worker_does(database: Database) -> None:
    with Direct(database, Plan(Registry([Waits, Tells]), settings(), classic())) as direct:
        waiting = direct.run(Waits, {"event": KEY})
        telling = direct.run(Tells, {"answer": "done"})
        at_once = direct.run(Waits, {"event": KEY})

    assert (waiting.status, telling.status) == (Status.WAITING, Status.SUCCEEDED)
    assert (status(database, waiting.id), at_once.status) == ("pending", Status.PENDING)


def test_a_record_waits_for_no_event_that_another_transaction_holds(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("who writes there has the whole file")
    signal(database, "other")
    held, free = (start(database, Waits, {"event": key}) for key in ("other", KEY))
    with working(database, Waits):
        with database.begin() as connection:
            operations.withdraw(connection, "other")
            eventually(lambda: (status(database, held), status(database, free)) == ("running", "waiting"))
        eventually(lambda: status(database, held) == "waiting")
