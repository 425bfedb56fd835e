"""What is marked is masked in all that is answered, by its path and by its value, and found by nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from rig import execute, start, work

from process_manager import (
    Done,
    Personal,
    Process,
    Reject,
    Retry,
    StepRun,
    Upgrade,
    Wait,
    inspection,
    never,
    operations,
)
from process_manager.actor import CODE
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.inspection import Filter, Viewer, marks_in
from process_manager.operations import Act

pytestmark = pytest.mark.every_database

CPR, NAME = "010190-CANARY", "Ida Canary"


class Parameters(BaseModel):
    cpr: Annotated[str, Personal]
    case: int = 7


class Permit(Process):
    parameters = Parameters
    personal = ("name", "rows.*.mail")
    personal_keys = ("reference", "order_key")
    retry = never()
    STEPS = {"look": "look", "decide": "decide"}
    decides: Callable[[StepRun], Any] = staticmethod(lambda run: Done(f"told {run.payload['name']}"))

    def look(self, run: StepRun) -> Done:
        run.exchange("CPR", {"url": f"https://cpr/{run.payload['cpr']}"}, {NAME: [run.payload["cpr"]]})
        run.log(f"looked up {NAME}")
        run.progress(1, 2, f"at {NAME}")
        return Done(f"{run.payload['cpr']} is {NAME}", {"name": NAME, "rows": [{"mail": "ida@canary.dk", "n": 1}]})

    def decide(self, run: StepRun) -> Any:
        return type(self).decides(run)


def permit(decides: Callable[[StepRun], Any]) -> type[Permit]:
    return type("Permit", (Permit,), {"decides": staticmethod(decides)})


def seen_by(*classes: type[Process], **options: Any) -> Viewer:
    return Viewer(marks=marks_in(Registry(classes)), **options)


KNOWN = seen_by(Permit)


def get(database: Database, process_id: int, viewer: Viewer = KNOWN) -> inspection.Overview:
    with database.read() as connection:
        return inspection.get(connection, process_id, viewer=viewer)


def history(database: Database, process_id: int, viewer: Viewer = KNOWN) -> list[inspection.History]:
    with database.read() as connection:
        return inspection.history(connection, process_id, viewer=viewer)


def found(database: Database, text: str, viewer: Viewer = KNOWN) -> tuple[list[int], list[int], int]:
    """The ids that a page, a bulk and a count find by the text of an error."""
    which = Filter(error=text)
    with database.read() as connection:
        page = [each.id for each in inspection.page(connection, which, limit=2, viewer=viewer)]
        matching = inspection.matching(connection, which, viewer=viewer)
        return page, matching, inspection.count(connection, which, viewer=viewer)


def test_what_is_marked_is_masked_by_its_path_and_by_its_value(database: Database) -> None:
    process_id = start(database, Permit, {"cpr": CPR}, reference="26-CANARY", order_key="lane CANARY")
    work(database, Permit)

    shown = get(database, process_id)
    first, second = history(database, process_id)

    assert shown.payload == {"cpr": "***", "case": 7, "name": "***", "rows": [{"mail": "***", "n": 1}]}
    assert (shown.reference, shown.order_key, shown.message) == ("***", "***", "told ***")
    assert (first.message, first.payload) == ("*** is ***", {"name": "***", "rows": [{"mail": "***", "n": 1}]})
    assert first.exchanges[0]["request"] == {"url": "https://cpr/***"}
    assert first.exchanges[0]["response"] == {"***": ["***"]}
    assert first.logs[0]["message"] == "looked up ***"
    assert isinstance(first.logs, tuple)
    assert isinstance(first.logs[0]["at"], datetime)
    assert first.progress is not None
    assert first.progress["message"] == "at ***"
    assert second.message == "told ***"


def test_the_event_for_which_a_process_waits_and_what_woke_it_are_masked(database: Database) -> None:
    def waits(run: StepRun) -> Any:
        return Wait(event=f"moved:{CPR}") if run.event is None else Done("moved")

    process_id = start(database, Permit, {"cpr": CPR})
    work(database, permit(waits))
    assert get(database, process_id).event == "moved:***"

    with database.begin() as connection:
        operations.signal(connection, f"moved:{CPR}", payload={"to": "a street"})
    work(database, permit(waits))

    assert [each.event for each in history(database, process_id)] == [None, None, "moved:***"]
    with database.read() as connection:
        (event,) = inspection.events(connection, limit=9)
        assert (event.payload, event.payload_size) == (None, len('{"to":"a street"}'))
        (revealed,) = inspection.events(connection, limit=9, viewer=seen_by(reveals=True))
        assert revealed.payload == {"to": "a street"}


def test_an_error_is_masked_with_its_traceback_and_its_chain(database: Database) -> None:
    def fail(run: StepRun) -> Any:
        try:
            raise KeyError(run.payload["name"])
        except KeyError as missing:
            raise RuntimeError(f"no {run.payload['cpr']}") from missing

    process_id = start(database, Permit, {"cpr": CPR})
    work(database, permit(fail))

    _, failed = history(database, process_id)

    assert failed.message == "RuntimeError: no ***"
    assert failed.error is not None
    assert "KeyError: '***'" in failed.error
    assert "CANARY" not in failed.error.upper().replace("CANARY IS", "")


def test_a_value_that_a_later_step_replaced_is_still_masked(database: Database) -> None:
    process_id = start(database, Permit, {"cpr": CPR})
    work(database, permit(lambda run: Done(f"{NAME} is Bo now", {"name": "Bo Holm"})))

    shown = get(database, process_id)

    assert (shown.message, shown.payload["name"]) == ("*** is Bo now", "***")


def test_who_reveals_sees_all(database: Database) -> None:
    process_id = start(database, Permit, {"cpr": CPR}, reference="26-CANARY")
    work(database, Permit)

    shown = get(database, process_id, seen_by(Permit, reveals=True))
    first, _ = history(database, process_id, seen_by(Permit, reveals=True))

    assert (shown.payload["cpr"], shown.reference, shown.message) == (CPR, "26-CANARY", f"told {NAME}")
    assert first.message == f"{CPR} is {NAME}"


def test_of_a_class_that_is_not_known_here_no_value_is_shown_and_it_is_said_why(database: Database) -> None:
    process_id = start(database, Permit, {"cpr": CPR}, reference="26-CANARY", order_key="lane CANARY")
    work(database, Permit)
    why = {"***": "It is not shown: version 1 of 'permit' is not known here, so nobody can tell what is personal."}

    shown = get(database, process_id, seen_by())
    first, _ = history(database, process_id, seen_by())

    assert (shown.payload, first.payload) == (why, why)
    assert (shown.reference, shown.order_key, shown.message) == ("***", "***", "told ***")
    assert (shown.name, shown.status) == ("permit", "succeeded")
    assert first.message == "*** is ***"


def test_a_class_without_marks_is_shown_as_it_is(database: Database) -> None:
    class Plain(Process):
        STEPS = {"a": "a"}

        def a(self, run: StepRun) -> Done:
            return Done(f"told {run.payload['name']}")

    process_id = start(database, Plain, {"name": NAME}, reference="26-1")
    work(database, Plain)

    shown = get(database, process_id, seen_by(Plain))

    assert (shown.payload, shown.message, shown.reference) == ({"name": NAME}, f"told {NAME}", "26-1")


@pytest.mark.parametrize(
    ("text", "seen"), [("wrong with", True), ("", True), ("Canary", False), ("with Ida", False), ("cpr 0101", False)]
)
def test_nobody_finds_a_process_by_a_value_that_is_masked(database: Database, text: str, seen: bool) -> None:
    decides = permit(lambda run: Reject(f"wrong with {run.payload['name']}, cpr {run.payload['cpr']}"))
    ids = [start(database, Permit, {"cpr": CPR}) for _ in range(5)]
    work(database, decides)
    plain = ([*reversed(ids[3:])], ids, 5)

    assert found(database, text) == (plain if seen else ([], [], 0))
    assert found(database, text, seen_by(Permit, reveals=True)) == plain


def test_a_page_of_those_found_by_an_error_is_full(database: Database) -> None:
    """Between those that are found lie others, whose error holds the text only where it is masked."""

    def decide(run: StepRun) -> Any:
        return Reject("the word" if run.payload["case"] % 3 == 0 else run.payload["cpr"])

    ids = [start(database, Permit, {"cpr": "the word CANARY", "case": case}) for case in range(7)]
    work(database, permit(decide))

    assert found(database, "the word") == ([ids[6], ids[3]], [ids[0], ids[3], ids[6]], 3)


def test_what_stems_from_an_older_version_is_masked_as_that_was(database: Database) -> None:
    class Newer(Permit):
        name = "permit"
        version = 2
        parameters = None
        personal = ()
        upgrades = {1: Upgrade(payload=lambda payload: {"case": payload["case"]})}

    process_id = start(database, Permit, {"cpr": CPR, "case": 8})
    work(database, permit(lambda _run: Retry("not yet")))
    with database.begin() as connection:
        operations.restart(connection, process_id, Act(CODE, "again"), registry=Registry([Newer]))
    work(
        database,
        type("Newer", (Newer,), {"name": "permit", "decides": staticmethod(lambda run: Done(f"was {CPR}, {NAME}"))}),
    )

    both, only_newer = seen_by(Permit, Newer), seen_by(Newer)

    assert get(database, process_id, both).payload == {"case": 8}
    assert [row.message for row in history(database, process_id, both)][-1] == "was ***, ***"
    first = history(database, process_id, both)[0]
    assert (first.message, first.payload) == ("*** is ***", {"name": "***", "rows": [{"mail": "***", "n": 1}]})
    assert get(database, process_id, only_newer).payload == {"case": 8}
    assert history(database, process_id, only_newer)[0].payload == {
        "***": "It is not shown: a version before 2 of 'permit' is not known here, so nobody can tell what is personal."
    }


def test_progress_that_is_watched_is_masked(database: Database) -> None:
    process_id = start(database, Permit, {"cpr": CPR})
    shown: list[Any] = []

    def decide(run: StepRun) -> Any:
        run.progress(1, 2, f"at {NAME}")
        with database.read() as connection:
            shown.extend(inspection.watched(connection, [process_id], viewer=KNOWN))
        return Done()

    work(database, permit(decide))

    assert [each.process.payload["name"] for each in shown] == ["***"]
    assert CPR not in str(shown)
    assert NAME not in str(shown)


def test_a_payload_that_cannot_be_read_shows_no_text(database: Database) -> None:
    process_id = start(database, Permit, {"cpr": CPR})
    work(database, Permit)
    execute(database, "UPDATE processes SET payload = 'garbage' WHERE id = :id", id=process_id)

    assert get(database, process_id).payload == {}
    assert str(get(database, process_id).message).startswith("These columns cannot be read: payload (")
    assert [row.message for row in history(database, process_id)] == ["***", "***"]
