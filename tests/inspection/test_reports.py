"""How some days went: counted by day, step and cause, from what ended on them and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from rig import SEES_ALL, Three, start

from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import UsageError
from process_manager.inspection import Viewer, report, report_period, reports
from process_manager.inspection.histogram import Histogram
from process_manager.inspection.report_answers import DayReport, Report, Totals
from process_manager.inspection.report_causes import ReportCause
from process_manager.inspection.report_period import ReportDays
from process_manager.lifecycle import cause
from process_manager.store.tables import process_steps, processes

p = processes.c

ZONE = "Europe/Copenhagen"
NOVEMBER = report_period.month(date(2026, 11, 1), ZONE)
FRIDAY = date(2026, 11, 27)
KNOWN = Registry((Three,))
TIRED = "the password of user 7 has expired"


def lived(
    database: Database,
    began: str,
    ended: str | None,
    *,
    status: str = "succeeded",
    name: str = "three",
    round: int = 1,
    stopped: str | None = None,
    said: str = TIRED,
) -> int:
    """A process that began and ended so, or stopped."""
    process_id = start(database)
    values = {
        "name": name, "status": status, "created_at": moment(began), "updated_at": moment(began), "due_at": sa.null(),
        "finished_at": sa.null() if ended is None else moment(ended), "round": round,
        "cause": sa.null() if stopped is None else cause.key(name, 1, "a", said),
        "stopped_at": sa.null() if stopped is None else moment(stopped),
        "step": sa.null() if status == "succeeded" else "a",
    }  # fmt: skip
    database.run(lambda connection: connection.execute(sa.update(processes).where(p.id == process_id).values(values)))
    return process_id


def ran(
    database: Database, process_id: int, outcome: str, began: str, seconds: float, *, said: str = "", by: str = ""
) -> None:
    """A row of its history."""
    first, who = moment(began), {"by": by} if by else {"worker": "w1"}

    def add(connection: sa.Connection) -> None:
        known = sa.select(sa.func.count()).where(process_steps.c.process_id == process_id)
        seq = connection.execute(known).scalar_one() + 1
        row = {
            "process_id": process_id, "seq": seq, "round": 1, "step": "a", "attempt": 1, "outcome": outcome,
            "message": said, "started_at": first, "finished_at": first + timedelta(seconds=seconds), **who,
        }  # fmt: skip
        connection.execute(sa.insert(process_steps).values(row))
        connection.execute(sa.update(processes).where(p.id == process_id).values(seq=seq))

    database.run(add)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(database: Database, period: ReportDays = NOVEMBER, **which: Any) -> Report:
    with database.read() as connection:
        return report(connection, period, registry=KNOWN, **{"viewer": SEES_ALL, **which})


def day(found: Report, which: date) -> DayReport:
    return next(each for each in found.days.days if each.day == which)


@pytest.mark.every_database
def test_what_ended_is_counted_by_the_day_of_the_office(database: Database) -> None:
    lived(database, "2026-11-27T09:00:00", "2026-11-27T09:01:00")
    lived(database, "2026-11-27T09:00:00", "2026-11-27T22:59:59", status="skipped")  # a second before midnight there
    lived(database, "2026-11-27T09:00:00", "2026-11-27T23:00:00", status="rejected")
    lived(database, "2026-10-01T09:00:00", "2026-10-31T23:00:00", status="abandoned")
    lived(database, "2026-10-01T09:00:00", "2026-10-31T22:59:59")
    lived(database, "2026-10-01T09:00:00", "2026-11-30T23:00:00")

    found = told(database)

    assert day(found, FRIDAY) == DayReport(FRIDAY, succeeded=1, skipped=1)
    assert day(found, date(2026, 11, 28)) == DayReport(date(2026, 11, 28), rejected=1)
    assert day(found, date(2026, 11, 1)) == DayReport(date(2026, 11, 1), abandoned=1, needed=1)
    assert found.days.total == Totals(4, 1)
    assert found.days.before == Totals(1, 0)


@pytest.mark.every_database
def test_what_needed_a_person_has_stopped_gone_another_round_or_been_given_up(database: Database) -> None:
    at = "2026-11-27T09:00:00"
    lived(database, at, "2026-11-27T10:00:00", round=2)
    lived(database, at, "2026-11-27T10:00:00", stopped=at)
    lived(database, at, "2026-11-27T10:00:00", status="abandoned")
    lived(database, at, "2026-11-27T10:00:00")
    lived(database, at, None, status="failed", stopped="2026-11-27T09:30:00")
    lived(database, at, None, status="failed", stopped="2026-12-01T09:30:00")

    assert day(told(database), FRIDAY) == DayReport(FRIDAY, succeeded=3, abandoned=1, needed=3, stopped=1)


@pytest.mark.every_database
def test_how_long_it_took_and_how_long_it_waited_for_a_person(database: Database) -> None:
    for minutes in (1, 2, 3):
        lived(database, "2026-11-27T09:00:00", f"2026-11-27T09:0{minutes}:00")
    waited = lived(database, "2026-11-27T08:00:00", "2026-11-27T10:00:00", stopped="2026-11-27T08:10:00")
    ran(database, waited, "retry", "2026-11-27T08:09:00", 60, said=TIRED)
    ran(database, waited, "restart", "2026-11-27T09:50:00", 0, said="new password", by="ada")

    durations = told(database).durations

    assert (durations.total.number, about(durations.total.median), about(durations.total.p95)) == (4, 120, 7200)
    friday = next(each for each in durations.days if each.day == FRIDAY)
    assert friday.number == 4
    assert (durations.waited.number, about(durations.waited.median)) == (1, 6000)


@pytest.mark.every_database
def test_what_each_step_did_and_how_long_it_took(database: Database) -> None:
    process_id = lived(database, "2026-11-27T09:00:00", "2026-11-27T09:10:00")
    ran(database, process_id, "retry", "2026-11-27T09:00:00", 1, said="503")
    ran(database, process_id, "restart", "2026-11-27T09:01:00", 0, by="ada")
    ran(database, process_id, "done", "2026-11-27T09:02:00", 10)
    other = lived(database, "2026-11-27T09:00:00", "2026-12-27T09:10:00")
    ran(database, other, "done", "2026-11-27T09:02:00", 500)

    (found,) = told(database).steps

    assert (found.name, found.step, found.runs, found.done, found.retried) == ("three", "a", 2, 1, 1)
    assert (found.attempts, about(found.median), about(found.p95)) == (2.0, 10, 10)


@pytest.mark.every_database
def test_what_went_wrong_is_one_line_for_what_ended_and_for_what_still_needs_a_person(database: Database) -> None:
    for number in (1, 2):
        process_id = lived(database, "2026-11-27T09:00:00", f"2026-11-27T09:1{number}:00")
        ran(
            database,
            process_id,
            "retry",
            "2026-11-27T09:00:00",
            number,
            said=f"the password of user {number} has expired",
        )
    rejected = lived(database, "2026-11-27T09:00:00", "2026-11-27T09:00:05", status="rejected")
    ran(database, rejected, "reject", "2026-11-27T09:00:00", 5, said="the CVR number has 7 digits")
    still = lived(database, "2026-11-27T09:00:00", None, status="failed", stopped="2026-11-27T10:00:00")
    ran(database, still, "retry", "2026-11-27T09:59:00", 60, said=TIRED)

    tired, digits = told(database).causes

    assert (tired.number, tired.stopped, tired.is_rejection, tired.name, tired.step) == (3, 1, False, "three", "a")
    assert tired.keys == (cause.key("three", 1, "a", TIRED),)
    assert f"{tired.first:%H:%M:%S} {tired.last:%H:%M:%S}" == "09:00:01 10:00:00"
    assert isinstance(digits, ReportCause)
    assert (digits.number, digits.stopped, digits.is_rejection) == (1, 0, True)


def test_of_one_kind_and_of_those_that_somebody_sees(database: Database) -> None:
    for name in ("three", "letter", "secret"):
        process_id = lived(database, "2026-11-27T09:00:00", "2026-11-27T09:10:00", name=name)
        ran(database, process_id, "reject", "2026-11-27T09:00:00", 1, said=name)
    reader = Viewer(frozenset({"three", "letter"}), SEES_ALL.marks)

    assert told(database).days.kinds == ("letter", "secret", "three")
    seen = told(database, viewer=reader)
    assert (seen.days.kinds, seen.days.total.finished) == (("letter", "three"), 2)
    assert sorted(each.said for each in seen.causes) == ["letter", "three"]
    one = told(database, viewer=reader, name="letter")
    assert (one.days.kinds, one.days.total.finished, [each.name for each in one.steps]) == (
        ("letter", "three"), 1, ["letter"],
    )  # fmt: skip
    assert told(database, viewer=reader, name="secret").days.total == Totals()
    assert told(database, viewer=reader, name="secret").causes == ()


def test_of_very_many_some_are_read_and_the_numbers_are_those_of_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MOST_RUN", 10)
    for number in range(30):
        process_id = lived(database, "2026-11-27T09:00:00", f"2026-11-27T09:10:{number:02}")
        ran(database, process_id, "done", "2026-11-27T09:00:00", 1)

    found = told(database)

    assert found.one_in == 3
    assert found.steps[0].runs == 30
    assert [reports.one_in(number, 10) for number in (0, 10, 11, 40, 85)] == [1, 1, 2, 5, 11]


def test_a_report_takes_few_statements_however_many_days_and_errors_there_are(database: Database) -> None:
    for number in range(20):
        process_id = lived(database, "2026-11-27T09:00:00", f"2026-11-{number + 1:02}T09:10:00")
        ran(database, process_id, "retry", "2026-11-27T09:00:00", 1, said=f"error {chr(97 + number) * 3}")
    asked: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    assert len(told(database).causes) == 20
    assert len([each for each in asked if not each.startswith(("PRAGMA", "BEGIN"))]) <= 10


# --- days -------------------------------------------------------------------------------------------------------------


def test_a_month_is_followed_back_and_other_days_by_as_many() -> None:
    assert NOVEMBER.is_month
    assert (NOVEMBER.before.first, NOVEMBER.before.last) == (date(2026, 10, 1), date(2026, 10, 31))
    week = report_period.period(date(2026, 11, 23), date(2026, 11, 29), ZONE)
    assert not week.is_month
    assert (week.before.first, week.before.last) == (date(2026, 11, 16), date(2026, 11, 22))


def test_days_begin_at_midnight_also_where_the_clock_is_put_back() -> None:
    october = report_period.period(date(2026, 10, 24), date(2026, 10, 26), ZONE)

    hours = [(end - begin) / timedelta(hours=1) for begin, end in october.stretches]

    assert hours == [24, 25, 24]
    assert [october.place(begin) for begin, _end in october.stretches] == [0, 1, 2]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-11-02", "2026-11-01"),
        ("2026-01-01", "2026-11-01"),
        ("0001-01-01", "0001-01-02"),
        ("9999-12-01", "9999-12-31"),
    ],
)
def test_days_that_are_none_or_too_many_are_refused(first: str, last: str) -> None:
    with pytest.raises(UsageError):
        report_period.period(date.fromisoformat(first), date.fromisoformat(last), None)


def test_a_histogram_tells_a_duration_within_a_fortieth_and_adds_up() -> None:
    seconds = [0.02, 0.5, 1, 7, 60, 3600, 86400]
    for each in seconds:
        told_of = Histogram.of([timedelta(seconds=each)]).within(0.5)
        assert told_of is not None
        assert abs(told_of.total_seconds() / each - 1) < 0.025

    together = Histogram.of(timedelta(seconds=each) for each in range(1, 51)) + Histogram.of(
        timedelta(seconds=each) for each in range(51, 101)
    )
    assert (together.number, about(together.within(0.5)), about(together.within(0.95))) == (100, 50, 95)
    assert Histogram().within(0.5) is None


def about(duration: timedelta | None) -> float | None:
    """The duration in seconds, as the nearest of some: a bucket is a twentieth wide."""
    if duration is None:
        return None
    return min((10, 50, 95, 120, 6000, 7200), key=lambda each: abs(each - duration.total_seconds()))
