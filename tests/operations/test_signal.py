"""Signalling and withdrawing an event, and whom a signal wakes."""

from typing import Any

import pytest
import sqlalchemy as sa
from rig import execute, row, start

from process_manager import clock, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import IllegalValue
from process_manager.lifecycle.events import EventAct
from process_manager.operations import Signalled
from process_manager.store import event_waits, events
from process_manager.store.event_tables import event_signals

pytestmark = pytest.mark.every_database(quick=())
KEY = "paid:1"


def signal(database: Database, key: str = KEY, **options: Any) -> Signalled:
    with database.begin() as connection:
        return operations.signal(connection, key, **options)


def withdraw(database: Database, key: str = KEY, who: str = "Bo") -> bool:
    with database.begin() as connection:
        return operations.withdraw(connection, key, actor=Actor(who))


def waiting(database: Database, *keys: str, step: str = "a/0") -> list[int]:
    """Processes that wait for these events, put there by hand."""
    ids = [start(database) for _ in keys]
    with database.begin() as connection:
        events.hold(connection, keys, waits=True)
        event_waits.begin(connection, [(id_, 1, key, step) for id_, key in zip(ids, keys, strict=True)])
    for process_id in ids:
        rest(database, process_id)
    return ids


def rest(database: Database, process_id: int) -> None:
    resting = "UPDATE processes SET status = 'waiting', waiting_for = 'event', due_at = NULL WHERE id = :id"
    execute(database, resting, id=process_id)


def stands(database: Database, *ids: int) -> list[str]:
    return [row(database, process_id)["status"] for process_id in ids]


def waits(database: Database) -> list[tuple[Any, ...]]:
    """Each wait: of which process, whether it is open, and what woke it."""
    found = "SELECT process_id, is_open, woken_number, woken_seq FROM event_waits ORDER BY process_id, seq"
    return execute(database, found)


def test_a_signal_stands_and_a_second_one_changes_nothing_and_says_so(database: Database) -> None:
    first = signal(database, payload={"amount": 7}, actor=Actor("Ada"))
    second = signal(database, payload={"amount": 8}, actor=Actor("Bo"))

    c = event_signals.c
    with database.read() as connection:
        kept = connection.execute(sa.select(c.number, c.payload, c.by, c.withdrawn_by)).all()
    assert (first, second) == (Signalled(1, is_new=True), Signalled(1, is_new=False))
    assert kept == [(1, '{"amount":7}', "Ada", None)]


def test_one_that_was_withdrawn_is_signalled_anew_with_the_next_number(database: Database) -> None:
    signal(database)
    done = [withdraw(database), withdraw(database), withdraw(database, "never:heard")]
    again = signal(database)

    kept = execute(database, "SELECT number, withdrawn_by FROM event_signals ORDER BY number")
    known = execute(database, "SELECT number FROM events")
    assert (done, again) == ([True, False, False], Signalled(2, is_new=True))
    assert (kept, known) == ([(1, "Bo"), (2, None)], [(2,)])


def test_a_signal_makes_due_what_waits_for_it_and_nothing_else(database: Database) -> None:
    ours, theirs = waiting(database, KEY, "paid:2")

    done = signal(database)

    assert done == Signalled(1, is_new=True, woken=(ours,))
    assert stands(database, ours, theirs) == ["pending", "waiting"]
    found = row(database, ours)
    assert (found["waiting_for"], found["retry_after"], found["due_at"]) == (None, None, found["updated_at"])
    assert waits(database) == [(ours, 0, 1, 1), (theirs, 1, None, None)]


def test_one_that_went_on_without_its_event_is_not_touched_by_a_signal(database: Database) -> None:
    (process_id,) = waiting(database, KEY)
    moment = "UPDATE processes SET waiting_for = 'moment', due_at = updated_at WHERE id = :id"
    execute(database, moment, id=process_id)

    assert signal(database).woken == ()

    assert row(database, process_id)["waiting_for"] == "moment"
    assert waits(database) == [(process_id, 0, None, None)]


def test_who_waits_for_another_event_by_now_is_not_woken_by_the_first(database: Database) -> None:
    (process_id,) = waiting(database, KEY)
    with database.begin() as connection:
        events.hold(connection, ["paid:2"], waits=True)
        event_waits.begin(connection, [(process_id, 2, "paid:2", "a/0")])

    assert (signal(database).woken, signal(database, "paid:2").woken) == ((), (process_id,))


def test_a_standing_event_wakes_a_step_that_it_has_not_woken_yet_and_no_other(database: Database) -> None:
    (process_id,) = waiting(database, KEY)
    signal(database)
    with database.begin() as connection:
        event_waits.begin(connection, [(process_id, 2, KEY, "a/0"), (process_id, 3, KEY, "b/0")])
    known = execute(database, "SELECT step_key, number FROM event_waits WHERE seq > 1 ORDER BY seq")
    assert known == [("a/0", 1), ("b/0", 0)]  # the first waits for a newer one


def test_after_a_withdrawal_only_the_next_signal_wakes(database: Database) -> None:
    signal(database)
    withdraw(database)
    (process_id,) = waiting(database, KEY)
    assert execute(database, "SELECT number FROM event_waits") == [(1,)]

    assert signal(database).woken == (process_id,)


def test_more_than_a_transaction_may_wake_are_left_to_a_sweep(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_waits, "AT_ONCE", 2)
    event_waits.candidates_statement.cache_clear()
    ids = waiting(database, KEY, KEY, KEY)

    woken = signal(database).woken
    event_waits.candidates_statement.cache_clear()

    assert woken == tuple(ids[:2])
    with database.read() as connection:
        assert event_waits.left(connection) == [KEY]


def test_signals_of_many_events_wake_together_no_more_than_a_transaction_may(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_waits, "AT_ONCE", 3)
    event_waits.candidates_statement.cache_clear()
    ids = waiting(database, "a", "a", "b", "b", "c")
    acts = [EventAct(key, "Bo") for key in "abcd"]
    with database.begin() as connection:
        made = events.apply(connection, events.hold(connection, "abcd", waits=True), acts, now=clock.now())
        woken = event_waits.wake_all(
            connection, {key: each.after.number for key, each in made.items()}, now=clock.now()
        )
    event_waits.candidates_statement.cache_clear()

    assert woken == ids[:3]
    with database.read() as connection:
        assert event_waits.left(connection) == ["b", "c"]


def test_what_was_signalled_in_a_transaction_that_is_rolled_back_was_not(database: Database) -> None:
    (process_id,) = waiting(database, KEY)
    with pytest.raises(ZeroDivisionError), database.begin() as connection:
        operations.signal(connection, KEY)
        raise ZeroDivisionError

    assert stands(database, process_id) == ["waiting"]
    assert execute(database, "SELECT number FROM events") == [(0,)]


def test_a_process_whose_row_another_has_locked_is_left_to_a_sweep(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("who writes there has the whole file")
    (process_id,) = waiting(database, KEY)
    with database.engine.begin() as other:
        other.execute(sa.text("UPDATE processes SET updated_at = updated_at WHERE id = :id"), {"id": process_id})
        assert signal(database).woken == ()

    with database.read() as connection:
        assert event_waits.left(connection) == [KEY]


def test_a_record_waits_for_nobody_who_makes_the_same_event_and_is_not_done_yet(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("who writes there has the whole file")
    with database.engine.begin() as other, database.engine.begin() as ours:
        events.hold(other, ["new"], waits=True)

        assert events.hold(ours, ["new"], waits=False) == {}
        assert events.hold(ours, ["free"], waits=False) == {"free": events.NOT_YET}
        other.rollback()
        assert events.hold(ours, ["new"], waits=False) == {"new": events.NOT_YET}


def test_a_key_that_cannot_be_one_is_refused_before_anything_is_done(database: Database) -> None:
    with database.begin() as connection:
        for act in (operations.signal, operations.withdraw):
            with pytest.raises(IllegalValue):
                act(connection, " ")  # type: ignore[operator]
