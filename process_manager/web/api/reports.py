"""`/reports`: how some days went: what ended on each, how long it took, what each step did, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import sqlalchemy as sa
from fastapi import Query
from pydantic import Field

from process_manager import clock, inspection
from process_manager.inspection import report_period
from process_manager.inspection.report_answers import DayReport, DurationReport
from process_manager.inspection.report_period import ReportDays
from process_manager.web.api.asking import Reading
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import Sent, Text

T = TypeVar("T")

router = ApiRouter("reports")


class ReportQuery(Sent):
    """Which days, on the clock of the office; this month, where none are named."""

    first: date | None = Field(None, alias="from", description="The first day.", examples=["2026-11-01"])
    last: date | None = Field(None, alias="to", description="The last day, which is one of them.")
    name: Text | None = Field(None, description="Only processes of this class.")


Asked = Annotated[ReportQuery, Query()]


@dataclass(frozen=True, slots=True)
class DayCount:
    """What ended on a day; `needed` of these needed a person, and `stopped` more stopped and still need one."""

    day: date
    finished: int
    succeeded: int
    skipped: int
    rejected: int
    abandoned: int
    needed: int
    stopped: int


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What ended on each of these days."""

    first: date
    last: date
    items: list[DayCount]


@dataclass(frozen=True, slots=True)
class Durations:
    """How long processes took from start to end, in seconds: half of `number` no longer, 95 of 100 no longer."""

    day: date | None
    number: int
    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class DurationList:
    """How long it took on each day and on all, and how long those that had stopped waited for a person.

    Of very many processes some are looked at: `number` says how many.
    """

    first: date
    last: date
    total: Durations
    waited: Durations
    items: list[Durations]


@dataclass(frozen=True, slots=True)
class StepCount:
    """What a step did with the processes that ended; `attempts` is how often it ran until it was done, on average."""

    name: str
    step: str
    runs: int
    done: int
    retried: int
    rejected: int
    doubtful: int
    lost: int
    stopped: int
    attempts: float | None
    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class StepCounts:
    """What each step did, in seconds; where very many processes ended, some are counted, and what they make of all."""

    first: date
    last: date
    items: list[StepCount]


@dataclass(frozen=True, slots=True)
class ErrorCause:
    """What went wrong at one step with the same words, with how many processes, of which `stopped` need a person."""

    name: str
    step: str
    said: str
    number: int
    first: datetime
    last: datetime
    stopped: int
    is_rejection: bool


@dataclass(frozen=True, slots=True)
class ErrorCauses:
    """What went wrong, the commonest first; of very many errors, the newest are read."""

    first: date
    last: date
    items: list[ErrorCause]


SPAN: Final = {"first": "2026-11-01", "last": "2026-11-30"}
DAY: Final = {
    "day": "2026-11-27", "finished": 1204, "succeeded": 1118, "skipped": 61, "rejected": 22, "abandoned": 3,
    "needed": 142, "stopped": 6,
}  # fmt: skip
LASTED: Final = {"day": "2026-11-27", "number": 1204, "median": 184.0, "p95": 1020.0}
STEP: Final = {
    "name": "fakturering", "step": "queue", "runs": 22613, "done": 20611, "retried": 1829, "rejected": 0,
    "doubtful": 31, "lost": 0, "stopped": 6, "attempts": 1.09, "median": 8.7, "p95": 21.0,
}  # fmt: skip
CAUSE: Final = {
    "name": "fakturering", "step": "queue", "said": "the password of user RPA_FAKT has expired", "number": 142,
    "first": "2026-11-27T07:12:00Z", "last": "2026-11-30T06:12:00Z", "stopped": 6, "is_rejection": False,
}  # fmt: skip


@router.get("/per-day", summary="Count what ended on each day", **answers({**SPAN, "items": [DAY]}))
def get_report_per_day(reader: Reading, asked: Asked) -> DayCounts:
    """Return how many processes ended on each day, and how many of them needed a person."""
    period = _period(reader, asked)
    found = _read(reader, lambda connection: inspection.report_days(connection, period, **_which(reader, asked)))
    return DayCounts(period.first, period.last, [_day(each) for each in found.days])


@router.get(
    "/durations",
    summary="Say how long it took from start to end",
    **answers({**SPAN, "total": {**LASTED, "day": None}, "waited": {**LASTED, "day": None}, "items": [LASTED]}),
)
def get_report_durations(reader: Reading, asked: Asked) -> DurationList:
    """Return how long processes took that ended on these days, and how long those that stopped waited for a person."""
    period = _period(reader, asked)
    found = _read(reader, lambda connection: inspection.report_durations(connection, period, **_which(reader, asked)))
    total, waited = _lasted(found.total), _lasted(found.waited)
    return DurationList(period.first, period.last, total, waited, [_lasted(each) for each in found.days])


@router.get("/steps", summary="Say what each step did", **answers({**SPAN, "items": [STEP]}))
def get_report_steps(reader: Reading, asked: Asked) -> StepCounts:
    """Return how often each step ran and with what outcome, and how long it took, of the processes that ended."""
    period, registry = _period(reader, asked), reader.office.registry
    found = _read(
        reader,
        lambda connection: inspection.report_steps(connection, period, registry=registry, **_which(reader, asked)),
    )
    items = [
        StepCount(**{**_fields(each), "median": _seconds(each.median), "p95": _seconds(each.p95)}) for each in found
    ]
    return StepCounts(period.first, period.last, items)


@router.get("/causes", summary="Say what went wrong, by cause", **answers({**SPAN, "items": [CAUSE]}))
def get_report_causes(reader: Reading, asked: Asked) -> ErrorCauses:
    """Return what went wrong with what ended or stopped on these days; what is personal or secret is masked."""
    period = _period(reader, asked)
    found = _read(reader, lambda connection: inspection.report_errors(connection, period, **_which(reader, asked)))
    items = [ErrorCause(**{name: getattr(each, name) for name in ErrorCause.__slots__}) for each in found]
    return ErrorCauses(period.first, period.last, items)


def _read(reader: Reading, ask: Callable[[sa.Connection], T]) -> T:
    with reader.office.database.read() as connection:
        return ask(connection)


def _which(reader: Reading, asked: ReportQuery) -> dict[str, Any]:
    return {"name": asked.name, "viewer": reader.viewer}


def _period(reader: Reading, asked: ReportQuery) -> ReportDays:
    today = report_period.today(clock.now(), reader.office.zone)
    if asked.first is None and asked.last is None:
        return report_period.month(today, reader.office.zone)
    last = asked.last or today
    return report_period.period(asked.first or last.replace(day=1), last, reader.office.zone)


def _day(found: DayReport) -> DayCount:
    return DayCount(**_fields(found), finished=found.finished)


def _lasted(found: DurationReport) -> Durations:
    return Durations(found.day, found.number, _seconds(found.median), _seconds(found.p95))


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else round(duration.total_seconds(), 3)


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
