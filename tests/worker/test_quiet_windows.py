"""Quiet windows, bound to the whole life of a process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time
from rig import Bench, execute, get, history, odd, outcomes, settings, start, status, work, worker

from process_manager import Done, Process, Retry, Step, StepRun
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import SwitchedOff
from process_manager.worker.gatekeeper import Gatekeeper

ZONES = ("Europe/Copenhagen", "Europe/Warsaw", "Europe/Oslo")


class Night(Process):
    """Two steps, and the windows of the engine."""

    STEPS = {"a": "step", "b": "step"}

    def step(self, run: StepRun) -> Done:
        return Done()


class Long(Process):
    """A step that takes an hour, its author says."""

    STEPS = {"a": Step("step", expected=timedelta(hours=1))}
    quiet = "17:00-08:00"

    def step(self, run: StepRun) -> Done:
        return Done()


@contextmanager
def at(local: str, zone: str = "UTC", *, tick: bool = True) -> Iterator[None]:
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    with freeze_time(moment.replace(tzinfo=None), tick=tick):
        yield


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", ["2026-11-23", "2026-03-29", "2026-10-25"])
def test_w2_the_last_ten_minutes_of_the_day_start_nothing(database: Database, zone: str, day: str) -> None:
    following = (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()
    ran = []
    for local in (f"{day}T23:49:58", f"{day}T23:50:00", f"{day}T23:59:58", f"{following}T00:00:00"):
        with at(local, zone):
            process_id = start(database, Night)
            work(database, Night, quiet="23:50-24:00", zone=zone)
            ran.append(status(database, process_id))

    assert ran == ["succeeded", "pending", "pending", "succeeded"]


def test_w2_a_retry_that_falls_into_a_window_is_moved_to_its_end(database: Database) -> None:
    fails = odd(lambda _run: Retry("SAP is down", after=timedelta(minutes=10)))

    with at("2026-11-23T23:45:00"):
        process_id = start(database, fails)
        work(database, fails, quiet="23:50-24:00", zone="UTC")

    found = get(database, process_id)
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    assert (found.status, found.due_at, found.retry_after) == ("waiting", midnight, midnight)


def test_w2_a_window_that_comes_between_two_steps_holds_the_second(database: Database) -> None:
    with at("2026-11-23T23:49:59.700"):
        process_id = start(database, slow := sleepy())
        work(database, slow, quiet="23:50-24:00", zone="UTC")

        assert outcomes(database, process_id) == [("a", "done")]
        assert (get(database, process_id).status, get(database, process_id).step) == ("pending", "b")


def sleepy() -> type[Process]:
    class Sleepy(Process):
        """A first step of a moment."""

        STEPS = {"a": "rest", "b": "step"}

        def rest(self, run: StepRun) -> Done:
            threading.Event().wait(0.5)
            return Done()

        def step(self, run: StepRun) -> Done:
            return Done()

    return Sleepy


def test_w2_a_process_has_windows_of_its_own_instead_of_the_engines(database: Database) -> None:
    class Free(Night):
        """Runs at any hour."""

        quiet = "none"

    with at("2026-11-23T23:55:00"):
        held, free = start(database, Night), start(database, Free)
        work(database, Night, Free, quiet="23:50-24:00", zone="UTC")

    assert (status(database, held), status(database, free)) == ("pending", "succeeded")


def test_w2_a_step_longer_than_what_is_left_rests_until_there_is_time(database: Database) -> None:
    with at("2026-11-23T16:30:00"):
        process_id = start(database, Long)
        work(database, Long, zone="UTC")

    found = get(database, process_id)
    assert (found.status, found.waiting_for, found.due_at) == (
        "waiting",
        "window",
        datetime(2026, 11, 24, 8, tzinfo=UTC),
    )
    assert history(database, process_id) == []


def test_w2_the_median_of_the_last_twenty_runs_says_how_long_a_step_takes(database: Database) -> None:
    class Learned(Long):
        """Nobody said how long it takes."""

        name = "long"
        STEPS = {"a": "step"}

    with at("2026-11-23T09:00:00"):
        for _ in range(20):
            start(database, Learned)
        work(database, Learned, zone="UTC")
    execute(
        database,
        "UPDATE process_steps SET started_at = :start, finished_at = :end",
        start="2026-11-23 09:00:00.000000",
        end="2026-11-23 10:30:00.000000",
    )
    with at("2026-11-23T16:00:00"):
        process_id = start(database, Learned)
        work(database, Learned, zone="UTC")

    assert get(database, process_id).waiting_for == "window"


def test_w2_a_step_that_no_open_period_can_hold_starts_at_the_opening(database: Database) -> None:
    class Endless(Process):
        """Ten hours of work in days of nine."""

        STEPS = {"a": Step("step", expected=timedelta(hours=10))}
        quiet = "17:00-08:00"

        def step(self, run: StepRun) -> Done:
            return Done()

    with at("2026-11-23T09:30:00"):
        process_id = start(database, Endless)
        work(database, Endless, zone="UTC")
        opening = get(database, process_id).due_at
    with at("2026-11-24T08:00:05"):
        work(database, Endless, zone="UTC")

    assert opening == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert status(database, process_id) == "succeeded"


def test_w2_work_on_one_process_whose_step_is_too_long_is_refused_with_its_moment(database: Database) -> None:
    with at("2026-11-23T16:30:00"):
        process_id = start(database, Long)
        before = execute(database, "SELECT * FROM processes")

        with pytest.raises(SwitchedOff, match="There is time for it from 2026-11-24 08:00 UTC"):
            worker(database, Long, zone="UTC", only=process_id).run()

    assert execute(database, "SELECT * FROM processes") == before


def test_w2_a_step_that_waited_for_its_opening_starts_when_a_worker_comes_late(database: Database) -> None:
    class Day(Process):
        """Nearly a whole day of work."""

        STEPS = {"a": Step("step", expected=timedelta(hours=23))}

        def step(self, run: StepRun) -> Done:
            return Done()

    with at("2026-11-24T00:00:00"):
        process_id = start(database, Day)
    for day in ("2026-11-24", "2026-11-25"):
        with at(f"{day}T01:00:00"):
            work(database, Day, quiet="23:50-24:00", zone="UTC")

    assert status(database, process_id) == "succeeded"


def test_a_step_may_be_expected_to_last_longer_than_any_calendar(database: Database) -> None:
    class Endless(Process):
        """A step that its author gives for ever."""

        STEPS = {"a": Step("step", expected=timedelta.max)}

        def step(self, run: StepRun) -> Done:
            return Done()

    process_id = start(database, Endless)

    work(database, Endless)

    assert status(database, process_id) == "succeeded"


def test_w2_a_step_of_which_a_run_took_longer_than_any_before_is_asked_about_anew(database: Database) -> None:
    with at("2026-11-24T23:00:00", tick=False):
        start(database, Night)
        gatekeeper = Gatekeeper(database, Registry([Night]), settings(quiet="23:50-24:00"), ())
        bench = Bench(database, Night)
        (job,) = bench.write()
        assert gatekeeper.refuses(job) is None
        for _ in range(20):
            gatekeeper.took(job.claim, timedelta(hours=1))

        refused = gatekeeper.refuses(job)

    assert refused is not None
    assert refused.until == datetime(2026, 11, 25, tzinfo=UTC)


def test_w3_a_switch_holds_a_step_of_which_it_was_sure_that_no_window_comes(database: Database, tmp_path: Path) -> None:
    start(database, Night)
    gatekeeper = Gatekeeper(database, Registry([Night]), settings(locks_folder=tmp_path), ())
    bench = Bench(database, Night)
    (job,) = bench.write()
    assert gatekeeper.refuses(job) is None

    (tmp_path / "night.disabled").touch()
    gatekeeper.look()

    assert gatekeeper.refuses(job) is not None
