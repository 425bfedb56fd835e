"""Reports: how a month went, in a sentence, five figures, pictures and tables, and as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from process_manager import clock, inspection, serialization
from process_manager.actor import Actor
from process_manager.errors import NotFound
from process_manager.governance import permissions
from process_manager.inspection import Report, moments, report_period
from process_manager.message import Message
from process_manager.web import charts, days, downloads, figures, frame, report_periods
from process_manager.web.office import Office
from process_manager.web.report_periods import AskedReport

router = APIRouter(include_in_schema=False)

SHOWN: Final = 8
"""So many causes stand on the page; the file has all."""


@router.get("/reports")
def reports(request: Request) -> Response:
    """Show the page."""
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "read")
    now = clock.now()
    asked = report_periods.asked(request.query_params, office.zone, now)
    found = _report(office, request.state.actor, asked)
    today = report_period.today(now, office.zone)
    written = Written(frame.texts(request).language, asked.period, today)
    every = [each.day for each in found.days.days]
    last = every.index(today) if today in every else None
    return frame.show(
        request,
        "reports.html",
        asked=asked,
        found=found,
        written=written,
        months=_months(today, office.zone),
        grouped=figures.grouped,
        lasting=moments.lasting,
        below=charts.days(every),
        below_lines=charts.days(every, charts.LINES),
        finished=charts.bars([each.finished for each in found.days.days], 104, last),
        needed=charts.bars([each.needed + each.stopped for each in found.days.days], 64, last),
        lasted=charts.lines(
            [[each.p95 for each in found.durations.days], [each.median for each in found.durations.days]], 188
        ),
        most_runs=max((each.runs for each in found.steps), default=1) or 1,
        shown=SHOWN,
    )


@router.get("/reports/export")
def export(request: Request, form: str = "csv", table: str = "days") -> Response:
    """Send the report as JSON, or a table of it as CSV for Excel."""
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "read")
    asked = report_periods.asked(request.query_params, office.zone, clock.now())
    found = _report(office, request.state.actor, asked)
    name = f"report-{asked.period.first}-{asked.period.last}"
    if form == "json":
        return downloads.sent(f"{name}.json", iter([serialization.dumps(told(found))]))
    if table not in TABLES:
        raise NotFound(problem=Message("There is no table %(table)s.", table=repr(table[:40])))
    rows = TABLES[table](found)
    columns = list(rows[0]) if rows else ["day"]
    lines = [[_cell(row[name]) for name in columns] for row in rows]
    return downloads.sent(f"{name}-{table}.csv", downloads.for_excel(columns, [lines], frame.calendar(request)))


def _report(office: Office, actor: Actor, asked: AskedReport) -> Report:
    """Return the report, made once for all who ask for it within a few seconds."""
    viewer = office.viewer(actor)

    def made() -> Report:
        with office.database.read() as connection:
            return inspection.report(connection, asked.period, registry=office.registry, name=asked.kind, viewer=viewer)

    return office.shared.get(("report", asked.period, asked.kind, viewer.kinds), made)


def _months(today: date, zone: str | None) -> Sequence[date]:
    """Return this month and the eleven before, each by its first day."""
    found = [report_period.month(today, zone)]
    for _month in range(11):
        found.append(found[-1].before)
    return [each.first for each in found]


# --- files ------------------------------------------------------------------------------------------------------------


def told(found: Report) -> dict[str, Any]:
    """Return the report as JSON has it: durations in seconds, days as they are written."""
    period = {"first": found.period.first.isoformat(), "last": found.period.last.isoformat(), "zone": found.period.zone}
    tables = {
        name: [{key: _plain(value) for key, value in row.items()} for row in make(found)]
        for name, make in TABLES.items()
    }
    total = {"finished": found.days.total.finished, "needed": found.days.total.needed}
    return {"period": period, "total": total, **tables, "one_in": found.one_in, "is_cut": found.is_cut}


TABLES: Final[dict[str, Callable[[Report], list[dict[str, Any]]]]] = {
    "days": lambda found: [asdict(each) for each in found.days.days],
    "durations": lambda found: [asdict(each) for each in found.durations.days],
    "steps": lambda found: [asdict(each) for each in found.steps],
    "causes": lambda found: [asdict(each) for each in found.causes],
}
"""The tables of a report, each a file for Excel."""


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return round(value.total_seconds(), 3)
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def _cell(value: Any) -> Any:
    if isinstance(value, timedelta):
        return round(value.total_seconds(), 3)
    return ", ".join(value) if isinstance(value, tuple) else value


# --- words ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """Days and figures as the reader's language writes them."""

    language: str
    period: report_period.ReportDays
    today: date

    @property
    def is_open(self) -> bool:
        """Whether the period still goes on."""
        return self.period.first <= self.today <= self.period.last

    @property
    def name(self) -> str:
        """The period: November 2026, or 3 November – 9 November."""
        return self.named(self.period)

    @property
    def opening(self) -> str:
        """The same at the beginning of a sentence."""
        return self.name[:1].upper() + self.name[1:]

    def named(self, period: report_period.ReportDays) -> str:
        """Return what a period is called."""
        if period.is_month:
            return (
                days.month(period.first, self.language)
                if period.first.year != self.today.year
                else self.month(period.first)
            )
        if period.first == period.last:
            return self.day(period.first)
        return f"{self.day(period.first)} – {self.day(period.last)}"

    def month(self, day: date) -> str:
        """Return a month without its year."""
        return days.month_alone(day, self.language)

    def full_month(self, day: date) -> str:
        """Return a month with its year."""
        return days.month(day, self.language)

    def day(self, day: date) -> str:
        """Return a day of the year."""
        return days.day(day, self.today, self.language)

    def weekday(self, day: date) -> str:
        """Return a day by its weekday: Mon 2."""
        return days.weekday(day, self.language)

    def short(self, day: date) -> str:
        """Return a day with its weekday and month: Fri 27 Nov."""
        return days.short(day, self.language)

    def percent(self, part: int, whole: int) -> str:
        """Return what of the whole is not the part, as 99.0 %."""
        return f"{figures.decimal(100 * (whole - part) / whole, 1, self.language)}{figures.SPACE}%"

    def change(self, now: int, before: int) -> str:
        """Return how much more or less there is than before, as +5 %."""
        return f"{round(100 * (now - before) / before):+d}{figures.SPACE}%".replace("-", "\N{MINUS SIGN}")

    def decimal(self, number: float) -> str:
        """Return a number with two places."""
        return figures.decimal(number, 2, self.language)
