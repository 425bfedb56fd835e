"""Rows that others hold, or that are in the queue already."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from office import Office

from process_manager import Done, Skip
from process_manager.store.tables import processes


@pytest.mark.parametrize("status", ["NEW", "IN_PROGRESS"])
def test_d7_a_row_with_a_live_element_is_not_queued_again(office: Office, status: str) -> None:
    office.send(2)
    office.queue("1", status)

    _claim, queue, _finalise = office.dispatch()

    assert queue == Done("1 row put into VejmanKassenSAP, 1 row had an element there already")
    assert office.references() == [1, 2]
    assert office.count_statuses() == {"TilFakturering": 2}


@pytest.mark.parametrize("status", ["DONE", "FAILED", "ABANDONED"])
def test_d7_a_row_whose_earlier_element_has_ended_is_queued_again(office: Office, status: str) -> None:
    office.send(1)
    office.queue("1", status)

    office.dispatch()

    assert {state for _reference, _data, state in office.elements()} == {"NEW", status}


def test_d7_an_element_of_another_queue_does_not_count(office: Office) -> None:
    office.send(1)
    office.queue("1", "NEW")
    office.change("UPDATE Queues SET queue_name = 'Another'", file=office.queues)

    office.dispatch()

    assert office.references() == [1]


def test_d7_rows_that_another_dispatcher_holds_are_left_and_the_answer_says_so(office: Office) -> None:
    office.send(2)
    office.step("claim", process_id=1)
    office.set_status(2, "Afsendt")  # somebody sets back a row that process 1 still has
    office.send(1)

    first, *_rest = office.dispatch(process_id=2)

    assert isinstance(first, Done)
    assert first.message == "1 row claimed; 1 row held by process 1, left for the next run"
    assert office.references() == [3]


def test_d7_a_row_that_another_session_takes_under_our_eyes_is_left(office: Office) -> None:
    office.send(2)
    other = "CREATE TRIGGER held BEFORE UPDATE ON VejmanFakturering WHEN OLD.ID = 2 BEGIN SELECT RAISE(IGNORE); END"
    office.change(other)  # what READPAST does to a locked row: the statement passes it by

    first = office.step("claim")

    assert first == Done(
        "1 row claimed; 1 row held by another session, left for the next run",
        {"batch": office.run("claim").idempotency_key},
    )
    assert office.ledger() == {"claimed": 1, "let_go": 1}


def test_d7_a_row_that_another_robot_claimed_is_not_ours(office: Office) -> None:
    office.add([(1, "26-1", "Claimed")])

    assert office.dispatch() == [Skip("nothing to do: no row is Afsendt")]
    assert office.references() == []


def test_rows_of_a_process_that_was_given_up_go_on_with_the_next_run_and_are_not_doubled(office: Office) -> None:
    office.send(2)
    office.step("claim", process_id=1)
    _end_process(office, 1)
    office.send(1)

    claim, *_rest = office.dispatch(process_id=2)

    assert isinstance(claim, Done)
    assert claim.message == "3 rows claimed"
    assert office.references() == [1, 2, 3]
    assert office.count_statuses() == {"TilFakturering": 3}


def _end_process(office: Office, process_id: int) -> None:
    given = {"id": process_id, "name": "fakturering", "version": 1, "channel": "default", "status": "abandoned"}
    moments = dict.fromkeys(["created_at", "updated_at", "finished_at"], datetime(2026, 1, 5, tzinfo=UTC))
    with office.database().begin() as connection:
        row = {**given, **moments, "step": "queue", "parameters": "{}", "created_by": "test"}
        connection.execute(sa.insert(processes).values(**row))
