"""What `install` adds to an app of Celery, which pools are refused, and what becomes of messages without a broker."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import Any

import pytest
from rig import NOON

from process_manager.errors import UsageError
from process_manager.fleet import install, pools, post, quiet_log
from process_manager.fleet.ending import Ending
from process_manager.fleet.options import FleetOptions, channel_of, queue_of
from process_manager.store.sent import SentMark

celery = pytest.importorskip("celery", reason="Celery is an extra: pip install 'process-manager[celery]'")
NOBODY = "redis://127.0.0.1:1/0"


def app(**options: Any) -> Any:
    made = celery.Celery("office", broker=NOBODY, set_as_current=False)
    install(made, **options)
    return made


def test_the_task_is_acknowledged_late_keeps_no_result_and_has_no_limit_that_kills_a_step() -> None:
    made = app()
    made.conf.task_time_limit = 5
    task = made.tasks["process_manager.run"]

    assert (task.acks_late, task.ignore_result, task.serializer) == (True, True, "json")
    assert task.time_limit > 86_400
    assert task.soft_time_limit > 86_400


def test_the_beat_gives_the_tick_and_one_that_nobody_took_in_time_is_dropped() -> None:
    entry = app(tick=timedelta(seconds=2)).conf.beat_schedule["process_manager.tick"]

    assert (entry["task"], entry["schedule"]) == ("process_manager.tick", 2.0)
    assert entry["options"] == {"queue": "process-manager-tick", "expires": 20.0}


@pytest.mark.parametrize("wrong", [{"cap": 0}, {"tick": timedelta(0)}, {"again": timedelta(seconds=1)}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="tick must be above 0"):
        app(**wrong)


@pytest.mark.parametrize("name", ["gevent", "eventlet"])
def test_a_pool_of_greenlets_is_refused_by_name_and_by_class(name: str) -> None:
    class Green:
        is_green = True

    for pool in (name, f"celery.concurrency.{name}:TaskPool", Green):
        with pytest.raises(UsageError, match="Start the worker with --pool prefork or --pool threads"):
            pools.require_usable(pool)


def test_the_other_pools_are_welcome() -> None:
    from celery.concurrency import get_implementation

    for name in ("prefork", "threads", "solo"):
        pools.require_usable(name)
        pools.require_usable(get_implementation(name))
    assert [pools.forks(get_implementation(name)) for name in ("prefork", "threads", "solo")] == [True, False, False]


def test_what_cannot_be_sent_comes_back() -> None:
    made = app()
    marks = [SentMark(number, 0, "default", NOON) for number in range(3)]

    unsent = post.send(made, made.tasks["process_manager.run"], marks, FleetOptions(timedelta(1), 1, timedelta(1)))

    assert unsent == marks


def test_what_cannot_be_sent_for_another_reason_than_the_broker_comes_back_too() -> None:
    made = celery.Celery("office", broker="memory://", set_as_current=False)
    install(made)
    marks = [SentMark(1, 0, "default", NOON)]
    beyond = FleetOptions(timedelta(1), 1, timedelta.max)  # no calendar has the moment when the message expires

    assert post.send(made, made.tasks["process_manager.run"], marks, beyond) == marks


def test_a_queue_is_named_after_its_channel_and_another_is_nobodys() -> None:
    assert channel_of(queue_of("sap")) == "sap"
    assert channel_of("celery") is None
    assert channel_of("process-manager-tick") is None


def test_an_end_is_known_to_all_who_share_it() -> None:
    ending = Ending()
    assert not ending.has_begun()

    ending.begin()

    assert ending.has_begun()


def test_a_pool_process_whose_worker_is_gone_ends_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, _signal: ended.append(pid))
    monkeypatch.setattr(os, "getppid", lambda: 1)  # as for an orphan
    Ending().ask(forked=True)
    assert ended == []

    monkeypatch.setattr(os, "getppid", os.getpid)  # as in a process that this one has forked
    Ending().ask(forked=True)
    assert ended == [os.getpid()]


def test_ticks_are_left_out_of_celerys_log_unless_one_failed(caplog: pytest.LogCaptureFixture) -> None:
    quiet_log.leave_out_ticks()
    quiet_log.leave_out_ticks()
    log = logging.getLogger("celery.app.trace")
    with caplog.at_level(logging.INFO, logger="celery.app.trace"):
        log.info("Task %(name)s succeeded", {"name": "process_manager.tick"})
        log.info("Task %(name)s succeeded", {"name": "process_manager.run"})
        log.error("Task %(name)s failed", {"name": "process_manager.tick"})

    assert [each.getMessage() for each in caplog.records] == [
        "Task process_manager.run succeeded",
        "Task process_manager.tick failed",
    ]
    assert len(log.filters) == 1
