"""The dispatch under real workers, each a program of its own."""

import pytest
from office import Office

pytestmark = pytest.mark.slow

WORK = ("-m", "process_manager", "work")


def test_d1_a_worker_takes_a_dispatch_from_start_to_finish(office: Office) -> None:
    office.send(3)
    office.start()

    assert office.python(*WORK)[0] == 0
    assert office.processes() == [("succeeded", "3 rows TilFakturering")]
    assert office.references() == [1, 2, 3]


def test_d2_two_workers_with_a_dispatch_each_make_one_element_a_row(office: Office) -> None:
    office.send(500)
    office.start(count=2)

    with office.popen(*WORK, "--concurrency", "1") as one, office.popen(*WORK, "--concurrency", "1") as other:
        one.communicate(timeout=60)
        other.communicate(timeout=60)
    for number, (status, _message) in enumerate(office.processes(), start=1):
        if status == "waiting":  # it met the other's lock for too long, and tries again by itself in a minute
            office.python(*WORK, str(number))

    assert office.references() == list(range(1, 501))
    assert office.count_statuses() == {"TilFakturering": 500}
    assert {status for status, _message in office.processes()} <= {"succeeded", "skipped"}, office.processes()


def test_d3_while_the_queue_is_down_the_dispatch_waits_and_says_why(office: Office) -> None:
    office.send(3)
    office.start()
    away = office.queues.rename(office.folder / "away.db")

    office.python(*WORK)
    [(status, message)] = office.processes()
    away.rename(office.queues)
    office.python(*WORK, "1")

    assert status == "waiting"
    assert "there is no file" in message
    assert office.processes() == [("succeeded", "3 rows TilFakturering")]
    assert office.references() == [1, 2, 3]
    assert office.count_statuses() == {"TilFakturering": 3}


def test_d6_a_dispatch_without_rows_is_skipped(office: Office) -> None:
    office.start()

    office.python(*WORK)

    assert office.processes() == [("skipped", "nothing to do: no row is Afsendt")]


def test_rows_of_an_abandoned_dispatch_go_on_with_the_next_one(office: Office) -> None:
    office.send(2)
    office.start()
    away = office.queues.rename(office.folder / "away.db")
    office.python(*WORK)
    office.python("-m", "process_manager", "abandon-process", "1", "--reason", "the queue is gone")
    away.rename(office.queues)
    office.start()

    office.python(*WORK)

    assert [status for status, _message in office.processes()] == ["abandoned", "succeeded"]
    assert office.references() == [1, 2]
