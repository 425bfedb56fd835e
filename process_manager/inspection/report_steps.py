"""What each step did: how often it ran, with what outcome, and how long it took."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from process_manager.definition.registry import Registry
from process_manager.inspection.histogram import Histogram

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StepReport:
    """What a step did.

    Attributes:
        name: Of which processes.
        step: Which step.
        runs: How often it ran.
        done: How often it was done, or had nothing to do.
        retried: How often it failed, and was to be tried again.
        rejected: How often it could not be done, for a rule of the business.
        doubtful: How often nobody knew whether it had happened.
        lost: How often its worker did not answer.
        stopped: How many processes stopped at it, and still need a person.
        attempts: How often it ran until it was done or rejected, on average; None where it never was.
        median: Half of its runs that were done took no longer; None where none was.
        p95: 95 of 100 took no longer.
    """

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
    median: timedelta | None
    p95: timedelta | None


def step_reports(
    runs: Iterable[Any], times: Iterable[Any], stopped: Iterable[Any], *, one_in: int
) -> tuple[StepReport, ...]:
    """Return what each step did, by kind and in the order of how often it ran.

    Args:
        runs: How often each ran, by outcome.
        times: When some of the runs that were done began and ended.
        stopped: The processes that stopped and still need a person.
        one_in: Of one in so many processes the runs are counted.
    """
    counts: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for row in runs:
        counts[row.name, row.step][row.outcome] += row.number * one_in
    lasted: defaultdict[Key, list[timedelta]] = defaultdict(list)
    for row in times:
        lasted[row.name, row.step].append(row.finished_at - row.started_at)
    still = Counter((row.name, row.step) for row in stopped if row.step is not None)
    found = [_report(key, counts[key], still[key], Histogram.of(lasted[key])) for key in {*counts, *still}]
    return tuple(sorted(found, key=lambda each: (each.name, -each.runs, each.step)))


def in_order(found: Iterable[StepReport], registry: Registry) -> tuple[StepReport, ...]:
    """Return them in the order of the newest version of their class; those that are not in it come last."""
    orders = {cls.name: cls.step_names for cls in sorted(registry, key=lambda cls: cls.version)}

    def place(each: StepReport) -> tuple[str, int]:
        order = orders.get(each.name, ())
        return each.name, order.index(each.step) if each.step in order else len(order)

    return tuple(sorted(found, key=place))


def _report(key: Key, counts: Counter[str], stopped: int, lasted: Histogram) -> StepReport:
    name, step = key
    done, retried, rejected = counts["done"] + counts["skip"], counts["retry"], counts["reject"]
    tried = done + rejected + retried + counts["doubt"] + counts["lost"]
    ended = done + rejected
    return StepReport(
        name, step, counts.total(), done, retried, rejected, counts["doubt"], counts["lost"], stopped,
        tried / ended if ended else None, lasted.within(0.5), lasted.within(0.95),
    )  # fmt: skip
