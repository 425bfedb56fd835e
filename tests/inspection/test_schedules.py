"""What people see of schedules: how each stands, and what clock, calendar and quiet windows do to its next slots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pydantic
import pytest
from rig import Three

from process_manager import At, Cron, Personal, Process, clock, inspection
from process_manager.actor import CODE, Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.definition.schedule import Schedule
from process_manager.errors import NotFound
from process_manager.gates import quiet
from process_manager.gates.gate import Gates
from process_manager.inspection import Surroundings, Viewer, marks_in
from process_manager.inspection.late_schedules import late_schedules
from process_manager.operations import Act, declared_schedules, schedules
from process_manager.operations.schedules import NewSchedule
from process_manager.store import schedules as store
from process_manager.store.workers import Registered

COPENHAGEN = "Europe/Copenhagen"
THREE = Registry([Three])


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def view(schedule: Schedule) -> inspection.ScheduleView:
    """A schedule that nobody has stored."""
    facts = declared_schedules.facts(schedule, COPENHAGEN)
    given: dict[str, Any] = dict.fromkeys(inspection.ScheduleView.__dataclass_fields__)
    given |= {name: value for name, value in facts.items() if name != "jitter"}
    return inspection.ScheduleView(**given)


def coming(schedule: Schedule, now: datetime, count: int = 2, windows: str = "none") -> list[tuple[str, list[str]]]:
    found = inspection.coming_slots(view(schedule), now=now, count=count, quiet=quiet.parse(windows, COPENHAGEN))
    return [(each.local, list(each.notes)) for each in found]


def test_what_the_clock_changes_is_told() -> None:
    assert coming(Cron("30 2 * * *"), utc(2026, 10, 24, 12), 1) == [
        ("2026-10-25 02:30:00 +0200", ["the clock is set back and shows 02:30 twice: it starts the first time only"])
    ]
    assert coming(Cron("30 2 * * *"), utc(2026, 3, 28, 12)) == [
        ("2026-03-29 03:00:00 +0200", ["the clock is set forward over 02:30: it starts as soon as it goes on"]),
        ("2026-03-30 02:30:00 +0200", []),
    ]
    assert coming(Cron("30 * * * *"), utc(2026, 10, 25, 0)) == [
        ("2026-10-25 02:30:00 +0200", ["the clock is set back: this is the first 02:30"]),
        ("2026-10-25 02:30:00 +0100", ["the clock is set back: this is the second 02:30"]),
    ]


def test_what_the_calendar_changes_is_told() -> None:
    moved = Cron("0 6 * * *", working_days="next", holidays="DK+optional")
    dropped = Cron("0 6 * * *", working_days="only", holidays="DK+optional")

    assert coming(moved, utc(2026, 12, 23, 12), 1) == [
        (
            "2026-12-28 06:00:00 +0100",
            ["moved here from 2026-12-24 and the days after it, 4 that are no working days"],
        )
    ]
    assert coming(dropped, utc(2026, 12, 23, 12), 1) == [
        ("2026-12-28 06:00:00 +0100", ["left out before it: 2026-12-24 and later, 4 days that are no working days"])
    ]
    assert coming(Cron("0 6 24 * *", working_days="next"), utc(2026, 10, 1), 1) == [
        ("2026-10-26 06:00:00 +0100", ["moved here from 2026-10-24, no working day"])
    ]


def test_a_quiet_window_that_holds_it_is_told() -> None:
    found = coming(Cron("0 6 * * *"), utc(2026, 11, 30, 12), 1, windows="05:00-07:30")

    assert found == [("2026-12-01 06:00:00 +0100", ["a quiet window holds it until Tue 1 Dec 07:30"])]


def test_the_next_are_ten_and_given_moments_end() -> None:
    assert len(inspection.coming_slots(view(Cron("0 6 * * *")), now=utc(2026, 11, 30))) == 10
    assert len(coming(At("2026-12-01T08:00"), utc(2026, 11, 30))) == 1


def add(
    database: Database, name: str = "nightly", schedule: Schedule | None = None, registry: Registry = THREE
) -> None:
    new = NewSchedule("nightly", next(iter(registry)).name, schedule or Cron("0 6 * * *", zone="UTC"))
    with database.begin() as connection:
        schedules.add_schedule(connection, new, registry=registry, zone="UTC")


def standing(database: Database, now: datetime, registry: Registry = THREE) -> str:
    with database.begin() as connection:
        return inspection.schedule(connection, "nightly", registry=registry, now=now).standing


def change(database: Database, **values: Any) -> None:
    with database.begin() as connection:
        store.change(connection, "nightly", values)


def test_how_it_stands_is_told(database: Database) -> None:
    add(database)
    moment = utc(2026, 12, 1, 6)
    change(database, next_at=moment)

    assert standing(database, moment + timedelta(minutes=1)) == "waiting"
    assert standing(database, moment + timedelta(minutes=2)) == "overdue"
    assert standing(database, moment, Registry([])) == "unknown"
    change(database, rule="0 6 * * mon-fry")
    assert standing(database, moment) == "broken"
    change(database, next_at=None)
    assert standing(database, moment) == "over"
    change(database, paused_at=moment)
    assert standing(database, moment) == "paused"


class Person(pydantic.BaseModel):
    cpr: Annotated[str, Personal]
    amount: int


class Pension(Three):
    parameters = Person


def test_what_is_personal_in_its_parameters_is_masked(database: Database) -> None:
    registry = Registry([Pension])
    add(database, schedule=Cron("0 6 * * *", parameters={"cpr": "0101011234", "amount": 7}), registry=registry)

    with database.begin() as connection:
        seen = inspection.schedules(
            connection, registry=registry, now=utc(2026, 12, 1), viewer=Viewer(marks=marks_in(registry))
        )
        blind = inspection.schedules(
            connection, registry=Registry([]), now=utc(2026, 12, 1), viewer=Viewer(marks=marks_in([]))
        )

    assert seen[0].parameters["amount"] == 7
    assert "0101011234" not in str([seen, blind])


def test_who_sees_other_kinds_finds_none(database: Database) -> None:
    add(database)
    viewer = Viewer(kinds=frozenset({"letter"}))

    with database.begin() as connection:
        assert inspection.schedules(connection, registry=THREE, now=utc(2026, 12, 1), viewer=viewer) == []
        with pytest.raises(NotFound):
            inspection.schedule(connection, "nightly", registry=THREE, now=utc(2026, 12, 1), viewer=viewer)


def test_doctor_tells_of_what_is_overdue_and_whether_anybody_could_start_it(database: Database) -> None:
    moment = utc(2026, 12, 1, 6)
    alive = Registered("w", "office", 1, moment, moment, 4, (), (("three", 1, ("a",)),))
    add(database)
    change(database, next_at=moment)

    def told(minutes: int, *workers: Registered) -> list[tuple[str, str]]:
        around = Surroundings(moment + timedelta(minutes=minutes), Gates(), {}, workers)
        with database.begin() as connection:
            return [(each.result, each.message) for each in late_schedules(connection, around)]

    assert told(1, alive) == [("ok", "1, and it is in time")]
    assert told(2, alive) == [
        ("problem", "overdue, though workers know their processes: nightly. The log of the workers says why")
    ]
    assert told(2) == [
        ("problem", "overdue, and no worker that lives knows the process of: nightly. Start one that has its code")
    ]
    change(database, paused_at=moment)
    assert told(2)[0][0] == "ok"
    change(database, paused_by="code", version=1)
    assert told(2, alive) == [
        (
            "problem",
            "paused by a version that declared them no more, and workers have an earlier one that does: nightly. "
            "Resume them",
        )
    ]
    later = Registered("w", "office", 1, moment, moment, 4, (), (("three", 2, ("a",)),))
    assert told(2, alive, later)[0][0] == "ok"  # whoever is newest wants it no more


def test_acts_of_people(database: Database) -> None:
    """Pausing, resuming and running are seen in the row."""
    add(database)
    act = Act(Actor("ada"), "the bank is closed")
    with database.begin() as connection:
        schedules.pause_schedule(connection, "nightly", "three", act)
        paused = store.one(connection, "nightly")
        schedules.resume_schedule(connection, "nightly", "three")
        process_id = schedules.run_schedule(connection, "nightly", "three", registry=THREE, actor=Actor("ada"))
        after = store.one(connection, "nightly")

    assert paused is not None and after is not None
    assert (paused["paused_by"], paused["paused_reason"]) == ("ada", "the bank is closed")
    assert (after["paused_at"], after["process_id"]) == (None, process_id)


def test_what_a_program_pauses_no_version_resumes_and_a_decided_slot_is_not_repeated(database: Database) -> None:
    def nightly(version: int) -> Registry:
        options = {"name": "nightly", "version": version, "schedule": Cron("0 6 * * *", zone="UTC")}
        return Registry([type("Nightly", (Three,), options)])

    ahead = clock.now() + timedelta(hours=20)
    with database.begin() as connection:
        declared_schedules.declare(connection, registry=nightly(1), zone="UTC", now=clock.now())
        schedules.pause_schedule(connection, "nightly", "nightly", Act(CODE, ""))
        declared_schedules.declare(connection, registry=nightly(2), zone="UTC", now=clock.now())
        paused = store.one(connection, "nightly")
        store.change(connection, "nightly", {"slot_at": ahead})
        schedules.resume_schedule(connection, "nightly", "nightly")
        resumed = store.one(connection, "nightly")

    assert paused is not None and resumed is not None
    assert (paused["version"], paused["paused_by"]) == (2, "a program")
    assert (resumed["paused_at"], resumed["next_at"] > ahead) == (None, True)


def test_one_that_a_class_declares_is_not_removed(database: Database) -> None:
    cls: type[Process] = type("Nightly", (Three,), {"name": "nightly", "schedule": Cron("0 6 * * *", zone="UTC")})
    registry = Registry([cls])
    with database.begin() as connection:
        declared_schedules.declare(connection, registry=registry, zone="UTC", now=utc(2026, 12, 1))
        with pytest.raises(Exception, match="is declared by the code of 'nightly', and would come back"):
            schedules.remove_schedule(connection, "nightly", "nightly", registry=registry)
        schedules.remove_schedule(connection, "nightly", "nightly", registry=Registry([]))

        assert store.every(connection) == []
