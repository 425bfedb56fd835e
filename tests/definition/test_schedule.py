"""Schedules as authors write them on a class."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pydantic
import pytest

from process_manager import At, Cron, Done, Process, StepRun
from process_manager.definition.schedule import declared
from process_manager.errors import UsageError


def made(schedule: Any, **more: Any) -> type[Process]:
    def run(self: Process, run: StepRun) -> Done:
        return Done("done")

    return type("Nightly", (Process,), {"STEPS": {"run": "run"}, "run": run, "schedule": schedule, **more})


def test_a_class_has_one_schedule_of_its_name_or_several_by_theirs() -> None:
    daily, once = Cron("0  6 * * mon-fri", missed="none"), At(["2026-12-01T08:00"])

    several = made({"early": daily, "once": once})

    assert declared("nightly", made(None).schedule) == {}
    assert declared("nightly", made(daily).schedule) == {"nightly": daily}
    assert declared("nightly", several.schedule) == {"nightly-early": daily, "nightly-once": once}
    assert (daily.rule, once.rule) == ("0 6 * * mon-fri", "at 2026-12-01T08:00")


class Month(pydantic.BaseModel):
    year: int


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ("0 6 * * *", "schedule is no Cron and no At"),
        ({}, "schedule is no Cron and no At"),
        ({"A b": Cron("0 6 * * *")}, "schedule 'nightly-A b' is not 1 to 100 of a-z"),
        (Cron("0 26 * * *"), "schedule 'nightly': Cron '0 26 * * *' is wrong in field 2, the hour: '26'"),
        (Cron("0 6 * * *", zone="Europe/Nowhere"), "Time zone 'Europe/Nowhere' is not known"),
        (Cron("0 6 * * *", missed="some"), "missed 'some' is not known. Write none, last or all."),  # type: ignore[arg-type]
        (Cron("0 6 * * *", overlap="stop"), "overlap 'stop' is not known"),  # type: ignore[arg-type]
        (Cron("0 6 * * *", jitter=timedelta(days=2)), "jitter '2 days, 0:00:00' is not 0 s to 1 day"),
        (Cron("0 6 * * *", holidays="XX"), "Country 'XX' has no calendar of holidays"),
        (Cron("0 6 * * *", working_days="some"), "Working days 'some' is not known"),  # type: ignore[arg-type]
        (Cron("0 6 * * *", parameters=[1]), "parameters 'list' is no mapping"),  # type: ignore[arg-type]
        (At("2026-13-01"), "Moment '2026-13-01' is no moment"),
    ],
)
def test_what_is_wrong_is_told_when_the_class_is_made(schedule: Any, told: str) -> None:
    with pytest.raises(UsageError) as problem:
        made(schedule)

    assert told in str(problem.value)


def test_parameters_that_the_class_would_refuse_are_told_when_it_is_made() -> None:
    made(Cron("0 6 * * *", parameters={"year": 2026}), parameters=Month)

    with pytest.raises(UsageError, match=r"parameters \['yaer'\] do not fit the class: year: Field required"):
        made(Cron("0 6 * * *", parameters={"yaer": 2026}), parameters=Month)
