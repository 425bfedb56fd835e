"""Slots of schedules are started once each, with their next moment in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pydantic
import pytest
import sqlalchemy as sa
from rig import Three, settings

from process_manager import At, Cron, Done, Process, StepRun
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.operations import declared_schedules, schedule_slots
from process_manager.operations import schedules as schedule_acts
from process_manager.operations.declared_schedules import Declaration
from process_manager.operations.schedule_slots import SlotLook
from process_manager.schedules import left_out
from process_manager.store import schedules
from process_manager.store.tables import processes

pytestmark = pytest.mark.every_database
NIGHT = datetime(2026, 10, 24, 12, tzinfo=UTC)
SIX = datetime(2026, 10, 25, 5, tzinfo=UTC)  # 06:00 in Copenhagen, on the day on which the clock was set back


def nightly(schedule: Any = None, version: int = 1, **more: Any) -> type[Process]:
    options = {"name": "nightly", "schedule": schedule, "version": version, **more}
    return type("Nightly", (Three,), options)


def daily(**options: Any) -> Cron:
    return Cron("0 6 * * *", zone="Europe/Copenhagen", **options)


def declare(database: Database, *classes: type[Process], now: datetime = NIGHT) -> list[Declaration]:
    with database.begin() as connection:
        return declared_schedules.declare(connection, registry=Registry(classes), zone="UTC", now=now)


def look(database: Database, *classes: type[Process], now: datetime, name: str = "nightly") -> SlotLook | None:
    with database.begin() as connection:
        return schedule_slots.start_due(connection, name, registry=Registry(classes), now=now)


def row(database: Database, name: str = "nightly") -> sa.RowMapping:
    with database.begin() as connection:
        found = schedules.one(connection, name)
    assert found is not None
    return found


def rows(database: Database, *columns: str) -> list[tuple[Any, ...]]:
    chosen = [processes.c[name] for name in columns or ("created_by",)]
    with database.begin() as connection:
        return [tuple(each) for each in connection.execute(sa.select(*chosen).order_by(processes.c.id))]


def test_what_is_first_seen_begins_from_now(database: Database) -> None:
    cls = nightly(daily(missed="all"))

    assert declare(database, cls) == [("nightly", "new")]
    assert declare(database, cls) == []
    assert (row(database)["next_at"], row(database)["created_by"]) == (SIX, "code")


def test_a_slot_is_started_once_and_the_next_follows(database: Database) -> None:
    cls = nightly(daily(parameters={"year": 2026}))
    declare(database, cls)

    early = look(database, cls, now=SIX - timedelta(seconds=1))
    first = look(database, cls, now=SIX)
    again = look(database, cls, now=SIX)

    tomorrow = SIX + timedelta(days=1)
    assert early == ((), SIX)
    assert first is not None
    assert again == ((), tomorrow)
    assert [(each.at, each.told) for each in first.slots] == [(SIX, "")]
    assert rows(database, "name", "created_by", "parameters", "order_key") == [
        ("nightly", "schedule nightly", '{"year":2026}', None)
    ]
    assert (row(database)["next_at"], row(database)["slot_at"], row(database)["told"]) == (tomorrow, SIX, None)


def test_who_finds_a_schedule_taken_leaves_it(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("one transaction writes at a time")
    cls = nightly(daily())
    declare(database, cls)

    with database.begin() as connection:
        schedule_slots.start_due(connection, "nightly", registry=Registry([cls]), now=SIX)
        assert look(database, cls, now=SIX) is None

    assert look(database, cls, now=SIX) == ((), SIX + timedelta(days=1))
    assert len(rows(database)) == 1


def test_missed_slots_are_made_up_for_a_hundred_at_a_time(database: Database) -> None:
    cls = nightly(Cron("* * * * *", zone="UTC", missed="all"))
    declare(database, cls, now=SIX)

    now = SIX + timedelta(minutes=120)
    first = look(database, cls, now=now)
    second = look(database, cls, now=now)

    assert first is not None and second is not None
    assert (len(first.slots), first.next_at) == (100, SIX + timedelta(minutes=101))
    assert (len(second.slots), second.next_at) == (20, now + timedelta(minutes=1))
    assert len(rows(database)) == 120


def test_missed_slots_that_are_not_made_up_for_are_told(database: Database) -> None:
    cls = nightly(daily(missed="none"))
    declare(database, cls)

    look(database, cls, now=SIX + timedelta(hours=1))

    assert rows(database) == []
    assert left_out.said(row(database)["told"]) == "Nobody was there in time, and missed slots are not made up for."


def test_a_slot_is_left_out_while_the_process_before_is_open(database: Database) -> None:
    cls = nightly(daily(overlap="skip"))
    declare(database, cls)
    look(database, cls, now=SIX)

    left_out = look(database, cls, now=SIX + timedelta(days=1))
    with database.begin() as connection:
        over = {"status": "abandoned", "due_at": sa.null(), "finished_at": SIX}
        connection.execute(sa.update(processes).values(over))
    started = look(database, cls, now=SIX + timedelta(days=2))

    assert left_out is not None and started is not None
    assert left_out.slots[0].told.startswith("Process ") and left_out.slots[0].told.endswith("is still open.")
    assert (started.slots[0].told, len(rows(database))) == ("", 2)
    assert row(database)["told"] is None


def test_a_queue_runs_one_after_the_other(database: Database) -> None:
    cls = nightly(daily(overlap="queue"))
    declare(database, cls)
    for day in range(2):
        look(database, cls, now=SIX + timedelta(days=day))

    assert rows(database, "order_key", "status") == [
        ("schedule nightly", "pending"), ("schedule nightly", "waiting"),
    ]  # fmt: skip


def test_a_jitter_makes_it_begin_later_by_the_same_each_time(database: Database) -> None:
    cls = nightly(daily(jitter=timedelta(minutes=10)))
    declare(database, cls)

    look(database, cls, now=SIX)

    ((later,),) = rows(database, "retry_after")
    assert SIX < later < SIX + timedelta(minutes=10)
    assert later - SIX == schedule_slots._jitter("nightly", SIX, timedelta(minutes=10))


class Import(Process):
    """Import the books."""

    name = "import-books"
    arguments = ("north", "south")
    schedule = Cron("0 6 * * *", zone="UTC", parameters={"argument": "south"})
    STEPS = {"run": "run"}

    def run(self, run: StepRun) -> Done:
        return Done("imported")


def test_a_command_is_started_by_its_key_and_never_twice_at_once(database: Database) -> None:
    declare(database, Import)
    for day in range(2):
        look(database, Import, now=SIX + timedelta(days=day, hours=1), name="import-books")

    assert rows(database, "command_key", "parameters") == [("import-books-south", '{"argument":"south"}')]


class Year(pydantic.BaseModel):
    year: int


def test_a_slot_that_is_refused_says_why_and_the_next_comes(database: Database) -> None:
    declare(database, nightly(daily()))
    stricter = nightly(daily(parameters={"year": 2026}), version=2, parameters=Year)

    found = look(database, stricter, now=SIX)

    assert found is not None
    assert found.slots[0].told == "The payload of nightly does not fit: year: Field required. Nothing was started."
    assert (rows(database), row(database)["told"]) == ([], found.slots[0].told)


def test_only_a_higher_version_changes_a_schedule(database: Database) -> None:
    first, second = nightly(daily(missed="all")), nightly(daily(missed="none"), version=2)
    declare(database, first)

    late = SIX + timedelta(days=3)
    assert declare(database, nightly(daily(missed="last")), now=late) == [("nightly", "differs")]
    assert declare(database, first, second, now=late) == [("nightly", "changed")]
    assert (row(database)["missed"], row(database)["next_at"]) == ("none", SIX)  # what was missed was not forgotten
    assert declare(database, first, now=late) == []
    assert look(database, first, now=late) == ((), SIX)  # it waits for who knows version 2

    moved = nightly(Cron("0 7 * * *", zone="UTC"), version=3)
    assert declare(database, moved, now=late) == [("nightly", "changed")]
    assert row(database)["next_at"] == datetime(2026, 10, 28, 7, tzinfo=UTC)


def test_what_code_declares_no_more_is_paused_until_it_does_again(database: Database) -> None:
    declare(database, nightly(daily(), version=2))

    assert declare(database, nightly(None, version=1)) == []
    assert declare(database, nightly(None, version=3)) == [("nightly", "gone")]
    assert (row(database)["paused_by"], row(database)["paused_reason"]) == (
        "code",
        "Version 3 of 'nightly' does not declare it.",
    )
    assert look(database, nightly(daily()), now=SIX) is None
    assert declare(database, nightly(daily(), version=4), now=SIX) == [("nightly", "changed")]
    assert (row(database)["paused_at"], row(database)["next_at"]) == (None, SIX + timedelta(days=1))


def test_what_a_later_version_paused_is_told_after_a_rollback_and_runs_once_it_is_resumed(database: Database) -> None:
    declare(database, nightly(daily(), version=1))
    declare(database, nightly(None, version=2))

    assert declare(database, nightly(daily(), version=1)) == [("nightly", "paused")]
    with database.begin() as connection:
        schedule_acts.resume_schedule(connection, "nightly", "nightly")
    assert declare(database, nightly(daily(), version=1)) == []
    again = row(database)["next_at"]
    found = look(database, nightly(daily(), version=1), now=again)
    assert found is not None
    assert [each.at for each in found.slots] == [again]


@pytest.mark.parametrize(
    "meanwhile", [{"version": 3}, {"paused_at": NIGHT, "paused_by": "ada", "paused_reason": "the bank is closed"}]
)
def test_what_somebody_changes_while_code_is_about_to_pause_it_stands(
    database: Database, meanwhile: dict[str, Any]
) -> None:
    declare(database, nightly(daily(), version=1))
    asked: list[str] = []

    def change(connection: sa.Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)
        if len(asked) == 2:  # all schedules have been read, and nothing is locked yet
            schedules.change(connection, "nightly", meanwhile)

    with database.begin() as connection:
        sa.event.listen(connection, "before_cursor_execute", change)
        found = declared_schedules.declare(
            connection, registry=Registry([nightly(None, version=2)]), zone="UTC", now=SIX
        )

    assert found == []
    assert {name: row(database)[name] for name in meanwhile} == meanwhile


def test_what_a_person_made_is_not_the_codes(database: Database) -> None:
    with database.begin() as connection:
        facts = declared_schedules.facts(daily(), "UTC")
        made = {"created_at": NIGHT, "created_by": "ada", "changed_at": NIGHT, "next_at": SIX}
        schedules.insert(connection, {"name": "nightly", "process": "nightly", "version": None, **facts, **made})

    assert declare(database, nightly(At("2026-12-01T08:00"), version=9)) == [("nightly", "taken")]
    assert declare(database, nightly(None)) == []


def test_settings_name_the_zone_of_a_schedule_without_one() -> None:
    assert (
        declared_schedules.facts(Cron("0 6 * * *"), settings(zone="Europe/Oslo").zone_name())["zone"] == "Europe/Oslo"
    )
