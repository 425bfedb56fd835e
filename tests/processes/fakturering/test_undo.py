"""A caseworker takes a row back while it is being dispatched."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from office import Office

from process_manager import Done
from process_manager.errors import DatabaseUnreachable


def test_d5_a_row_undone_between_claim_and_push_ends_ny_without_an_element(office: Office) -> None:
    office.send(3)

    office.step("claim")
    office.set_status(2, "Ny")
    queue, finalise = office.step("queue"), office.step("finalise")

    assert office.statuses() == {1: "TilFakturering", 2: "Ny", 3: "TilFakturering"}
    assert office.references() == [1, 3]
    assert queue == Done("2 rows put into VejmanKassenSAP")
    assert finalise == Done("2 rows TilFakturering, 1 row undone before being queued")


def test_d5_a_row_undone_after_the_push_has_its_element_withdrawn_while_it_is_new(office: Office) -> None:
    office.send(3)

    office.step("claim")
    office.step("queue")
    office.set_status(2, "Ny")
    finalise = office.step("finalise")

    assert office.references() == [1, 3]
    assert finalise == Done("2 rows TilFakturering, 1 row undone and withdrawn from the queue")


@pytest.mark.parametrize("status", ["IN_PROGRESS", "DONE", "FAILED"])
def test_d5_a_row_undone_after_a_robot_had_its_element_is_reported(office: Office, status: str) -> None:
    office.send(3)

    office.step("claim")
    office.step("queue")
    office.change("UPDATE Queues SET status = ? WHERE reference = '2'", status, file=office.queues)
    office.set_status(2, "Ny")
    finalise = office.step("finalise")

    assert finalise == Done(
        "2 rows TilFakturering, row 2 undone too late, a robot has had the element: see to it in SAP"
    )
    assert office.statuses()[2] == "Ny"


def test_d5_an_undo_that_comes_during_the_push_waits_and_is_then_refused(office: Office) -> None:
    office.send(1)
    office.step("claim")
    undone: list[int] = []

    def undo() -> None:
        with closing(sqlite3.connect(office.invoices, timeout=10)) as connection, connection:
            change = "UPDATE VejmanFakturering SET FakturaStatus = 'Ny' WHERE ID = 1 AND FakturaStatus = 'Claimed'"
            undone.append(connection.execute(change).rowcount)

    with closing(sqlite3.connect(office.queues, isolation_level=None)) as robot:
        robot.execute("BEGIN IMMEDIATE")  # the push has locked its row and waits here
        push = threading.Thread(target=office.step, args=("queue",))
        push.start()
        _wait_for_writer(office.invoices)
        caseworker = threading.Thread(target=undo)
        caseworker.start()
        robot.execute("ROLLBACK")
        push.join()
        caseworker.join()

    assert undone == [0]
    assert office.statuses() == {1: "TilFakturering"}
    assert office.references() == [1]


def test_d5_a_row_undone_after_a_push_that_crashed_has_its_element_withdrawn(office: Office) -> None:
    office.send(2)
    office.step("claim")
    crash_after_push(office)
    office.set_status(2, "Ny")

    queue, finalise = office.step("queue"), office.step("finalise")

    assert office.references() == [1]
    assert office.statuses() == {1: "TilFakturering", 2: "Ny"}
    assert queue == Done("0 rows put into VejmanKassenSAP, 1 row had an element there already")
    assert finalise == Done("1 row TilFakturering, 1 row undone and withdrawn from the queue")


def test_a_push_that_crashed_counts_even_when_a_robot_has_ended_its_element(office: Office) -> None:
    office.send(1)
    office.step("claim")
    crash_after_push(office)
    office.change("UPDATE Queues SET status = 'FAILED'", file=office.queues)

    office.step("queue")

    assert office.references() == [1]
    assert office.statuses() == {1: "TilFakturering"}


def crash_after_push(office: Office) -> None:
    """The elements are in the queue; the rows are still Claimed."""
    office.change(
        "CREATE TRIGGER crash BEFORE UPDATE ON VejmanFakturering WHEN NEW.FakturaStatus = 'TilFakturering'"
        " BEGIN SELECT RAISE(ABORT, 'crash'); END"
    )
    with pytest.raises(DatabaseUnreachable):
        office.step("queue")
    office.change("DROP TRIGGER crash")
    assert office.count_statuses() == {"Claimed": len(office.references())}


def test_a_row_undone_and_sent_again_is_dispatched_by_the_next_run(office: Office) -> None:
    office.send(2)
    office.step("claim")
    office.step("queue")
    office.set_status(2, "Afsendt")
    office.step("finalise")

    office.dispatch(process_id=2)

    assert office.references() == [1, 2]
    assert office.count_statuses() == {"TilFakturering": 2}


def test_a_row_deleted_between_claim_and_push_holds_nothing_up(office: Office) -> None:
    office.send(2)
    office.step("claim")
    office.change("DELETE FROM VejmanFaktureringLog WHERE RowID = 2")
    office.change("DELETE FROM VejmanFakturering WHERE ID = 2")

    answers = [office.step("queue"), office.step("finalise")]

    assert [type(answer) for answer in answers] == [Done, Done]
    assert office.references() == [1]


def _wait_for_writer(file: Path) -> None:
    pause = threading.Event()
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        for _ in range(500):
            pause.wait(0.01)
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return
    pytest.fail("nobody writes")
