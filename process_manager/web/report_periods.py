"""The period of a report, as it stands in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from process_manager.errors import UsageError
from process_manager.inspection import report_period
from process_manager.inspection.report_period import ReportDays
from process_manager.message import Message

NAMES: Final = ("month", "from", "to", "kind")


@dataclass(frozen=True, slots=True)
class AskedReport:
    """What the address of a report asks for.

    Attributes:
        given: The filters as they stand there, without what is empty.
        period: Which days.
        kind: Only processes of this name; None for all.
    """

    given: Mapping[str, str]
    period: ReportDays
    kind: str | None

    def address(self, path: str = "/reports", **changes: str | None) -> str:
        """Return an address with these filters changed; None leaves one out."""
        left = {name.rstrip("_"): value for name, value in changes.items()}
        kept = {name: value for name, value in {**self.given, **left}.items() if value}
        return f"{path}?{urlencode(kept)}".rstrip("?")


def asked(params: QueryParams, zone: str | None, now: datetime) -> AskedReport:
    """Return what an address asks for, this month where it names no days; raise UsageError where it names none right.

    Args:
        params: What stands in the address: `month`, or `from` and `to`; `kind`.
        zone: The zone of the office, in which days begin.
        now: The present moment.
    """
    given = {name: params[name].strip()[:200] for name in NAMES if params.get(name, "").strip()}
    return AskedReport(given, _period(given, zone, report_period.today(now, zone)), given.get("kind"))


def _period(given: Mapping[str, str], zone: str | None, today: date) -> ReportDays:
    if "from" in given or "to" in given:
        last = _day(given, "to") if "to" in given else today
        first = _day(given, "from") if "from" in given else last.replace(day=1)
        return report_period.period(first, last, zone)
    if "month" not in given:
        return report_period.month(today, zone)
    try:
        return report_period.month(date.fromisoformat(f"{given['month']}-01"), zone)
    except (ValueError, OverflowError):
        raise UsageError(
            problem=Message("month=%(text)s in the address is no month. Write month=2026-11.", text=given["month"][:40])
        ) from None


def _day(given: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(given[name])
    except ValueError:
        raise UsageError(
            problem=Message(
                "%(name)s=%(text)s in the address is no day. Write %(name)s=2026-11-27.",
                name=name,
                text=given[name][:40],
            )
        ) from None
