"""Real workers of Celery, on a real Redis: what runs, what is seen of them, and what becomes of what they leave."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import celery_steps
import pytest
from backends import need
from rig import execute, outcomes, row, start

from benchmarks.celery_programs import SOON, Broker, Programs, missing_broker
from process_manager import Process, operations
from process_manager.database import Database
from process_manager.store import workers

pytestmark = pytest.mark.crash

SUPPORT = Path(celery_steps.__file__).parent
LIMIT = 60.0  # seconds


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    need(missing_broker())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path) as started:
        yield started


@pytest.fixture
def programs(database: Database, broker: Broker, tmp_path: Path) -> Iterator[Callable[..., Programs]]:
    made: list[Programs] = []

    def with_options(**told: Any) -> Programs:
        settings = {"process_packages": "celery_steps", "lease": "2s", **told.pop("settings", {})}
        url = f"sqlite:///{(tmp_path / 'engine.db').as_posix()}"
        made.append(Programs(tmp_path, url, broker, settings=settings, path=[str(SUPPORT)], **told))
        return made[-1]

    yield with_options
    for each in made:
        each.__exit__()


def until(look: Callable[[], Any], programs: Programs) -> Any:
    """What `look` finds as soon as it finds something; else the test fails, with what the programs said."""
    ends = time.monotonic() + LIMIT
    while not (found := look()):
        if time.monotonic() > ends:
            pytest.fail("\n".join(programs.log(each)[-3000:] for each in programs.started))
        time.sleep(0.05)
    return found


def slow(database: Database, folder: Path, seconds: float, process: type[Process] = celery_steps.Slow) -> int:
    return start(database, process, {"file": str(folder / "begun"), "seconds": seconds})


def begun(folder: Path) -> list[str]:
    """Who has begun the step, each time."""
    file = folder / "begun"
    return file.read_text("utf-8").split() if file.exists() else []


def has_ended(database: Database, *ids: int) -> Callable[[], bool]:
    return lambda: all(row(database, id_)["finished_at"] is not None for id_ in ids)


def registered(database: Database) -> list[workers.Registered]:
    with database.read() as connection:
        return [each for name in workers.names(connection) if (each := workers.of_name(connection, name))]


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_what_is_due_is_run_by_a_pool_and_its_members_are_seen_as_workers(
    database: Database, programs: Callable[..., Programs], pool: str
) -> None:
    ids = [start(database, celery_steps.Quick) for _ in range(20)]
    with programs() as office:
        worker = office.worker("--pool", pool)
        office.beat()
        until(has_ended(database, *ids), office)

        seen = registered(database)
        assert [(each.channels, each.concurrency) for each in seen] == [(("default", "slow"), 1)] * 2
        assert {each.name.split(":")[0] for each in seen} == {"w0@here"}
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(LIMIT) == 0
        assert registered(database) == []
    assert {tuple(outcomes(database, each)) for each in ids} == {(("a", "done"), ("b", "done"), ("c", "done"))}
    assert execute(database, "SELECT count(*) FROM sent")[0][0] <= 20


def test_a_channel_is_taken_by_the_worker_of_its_queue_alone(
    database: Database, programs: Callable[..., Programs], tmp_path: Path
) -> None:
    quick, other = start(database, celery_steps.Quick), slow(database, tmp_path, 0.0)
    with programs() as office:
        office.worker("-Q", "process-manager.slow")
        office.beat()
        until(has_ended(database, other), office)

    assert row(database, quick)["status"] == "pending"


def test_a_visibility_timeout_shorter_than_a_step_runs_nothing_twice(
    database: Database, programs: Callable[..., Programs], tmp_path: Path
) -> None:
    process_id = slow(database, tmp_path, 6.0)
    limits = {"task_time_limit": 2, "task_soft_time_limit": 1}
    with programs(conf={"broker_transport_options": SOON, **limits}) as office:
        worker = office.worker()
        office.beat()
        until(has_ended(database, process_id), office)
        said = office.log(worker)

    received = [line for line in said.splitlines() if "process_manager.run[" in line and line.endswith("received")]
    assert len(received) >= 2, "it was not delivered again"
    assert "succeeded in" in said
    assert "nothing: it was claimed already" in said
    assert len(begun(tmp_path)) == 1
    assert outcomes(database, process_id) == [("do", "done")]


def test_what_a_killed_worker_had_is_run_by_another_and_what_may_happen_once_is_left_to_a_person(
    database: Database, programs: Callable[..., Programs], tmp_path: Path
) -> None:
    ids = [slow(database, tmp_path, 3.0), slow(database, tmp_path, 3.0, celery_steps.Payment)]
    with programs(again=4.0) as office:
        office.beat()
        worker = office.worker()
        until(lambda: len(begun(tmp_path)) == 2, office)

        office.kill(worker)
        office.worker()
        until(lambda: [row(database, id_)["status"] for id_ in ids] == ["succeeded", "uncertain"], office)

    assert len(begun(tmp_path)) == 3
    assert outcomes(database, ids[0]) == [("do", "lost"), ("do", "done")]


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_a_drained_worker_ends_with_all_of_its_pool(
    database: Database, programs: Callable[..., Programs], tmp_path: Path, pool: str
) -> None:
    process_id = slow(database, tmp_path, 4.0)
    with programs() as office:
        worker = office.worker("--pool", pool)
        office.beat()
        until(lambda: begun(tmp_path), office)

        name = registered(database)[0].name
        database.run(lambda connection: operations.drain(connection, name))
        assert worker.wait(LIMIT) == 0

    assert outcomes(database, process_id) == [("do", "done")]
    assert registered(database) == []


def test_a_pool_of_greenlets_is_refused_with_the_reason(programs: Callable[..., Programs]) -> None:
    with programs() as office:
        worker = office.worker("--pool", "custom", CELERY_CUSTOM_WORKER_POOL="celery.concurrency.gevent:TaskPool")

        assert worker.wait(LIMIT) == 1
        assert "pool gevent cannot run steps: its tasks share one thread" in office.log(worker)
