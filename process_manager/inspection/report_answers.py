"""The answers of a report: what ended on each day, how long it took, what each step did, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from process_manager.inspection.report_causes import ReportCause
from process_manager.inspection.report_period import ReportDays
from process_manager.inspection.report_steps import StepReport


@dataclass(frozen=True, slots=True)
class Totals:
    """How many processes ended, and how many of these needed a person."""

    finished: int = 0
    needed: int = 0


@dataclass(frozen=True, slots=True)
class DayReport:
    """What ended on a day.

    Attributes:
        day: Which day.
        succeeded: How many processes did what they were for.
        skipped: How many had nothing to do.
        rejected: How many could not be done, for a rule of the business.
        abandoned: How many somebody gave up.
        needed: How many of all these needed a person before they ended.
        stopped: How many stopped on this day, and still need one.
    """

    day: date
    succeeded: int = 0
    skipped: int = 0
    rejected: int = 0
    abandoned: int = 0
    needed: int = 0
    stopped: int = 0

    @property
    def finished(self) -> int:
        """How many ended."""
        return self.succeeded + self.skipped + self.rejected + self.abandoned


@dataclass(frozen=True, slots=True)
class DurationReport:
    """How long processes took from their start to their end: half of them, and 95 of 100.

    Attributes:
        day: Of which day; None of all days together.
        number: Of how many it was read.
        median: Half of them took no longer; None where there was none.
        p95: 95 of 100 took no longer.
    """

    day: date | None
    number: int
    median: timedelta | None
    p95: timedelta | None


@dataclass(frozen=True, slots=True)
class DaysReport:
    """What ended on each day, all of it together, and in the period before; and which kinds there were."""

    days: tuple[DayReport, ...]
    total: Totals
    before: Totals
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DurationsReport:
    """How long processes took, on each day and on all, and how long those that had stopped waited for a person."""

    days: tuple[DurationReport, ...]
    total: DurationReport
    waited: DurationReport


@dataclass(frozen=True, slots=True)
class Report:
    """How some days went.

    Attributes:
        period: Which days.
        days: What ended on each.
        durations: How long it took.
        steps: What the steps did, by kind and step.
        causes: What went wrong, the commonest first.
        one_in: Of one in so many processes the steps are counted; 1 of all.
        is_cut: Whether there were more errors than were read.
    """

    period: ReportDays
    days: DaysReport
    durations: DurationsReport
    steps: tuple[StepReport, ...]
    causes: tuple[ReportCause, ...]
    one_in: int
    is_cut: bool
