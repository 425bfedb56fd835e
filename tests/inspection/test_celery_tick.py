"""Who asks how the tick stands is told of what is due and was not sent, while workers of Celery live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from rig import NOON, start

from process_manager.database import Database
from process_manager.gates.gate import Gates
from process_manager.gates.switches import Switch
from process_manager.inspection.celery_tick import celery_tick
from process_manager.inspection.surroundings import Surroundings
from process_manager.store import sent
from process_manager.store.sent import SentMark
from process_manager.store.workers import Registered

LATER = NOON + timedelta(minutes=2)


@pytest.fixture(autouse=True)
def noon() -> Iterator[Any]:
    with freeze_time(NOON):
        yield


def worker(name: str, *channels: str) -> Registered:
    return Registered(name, "here", 1, LATER, LATER, 1, channels, ())


def told(database: Database, *workers: Registered, **gates: Any) -> list[str]:
    around = Surroundings(LATER, Gates(**gates), {}, workers)
    with database.read() as connection:
        return [f"{each.result}: {each.message}" for each in celery_tick(connection, around)]


CELERY = worker("celery@here:1:abc", "default")
UNSENT = (
    "warning: 1 process of default due for over a minute: workers of Celery live that take them, but nothing was sent."
    " Run `celery beat` with your app"
)


def test_without_a_worker_of_celery_nothing_is_said(database: Database) -> None:
    start(database, at=NOON)

    assert told(database, worker("here:1:abc", "default")) == []


def test_what_is_due_and_was_not_sent_is_told_of(database: Database) -> None:
    start(database, at=NOON)

    assert told(database, CELERY) == [UNSENT]


def test_what_is_on_its_way_or_held_back_or_another_channels_is_no_fault(database: Database) -> None:
    process_id = start(database, at=NOON)
    fine = ["ok: what is due in the channels of its workers is sent to them"]
    switch = Switch("default", "SAP is down", "Ada", NOON, None)

    assert told(database, worker("celery@here:1:abc", "night")) == fine
    assert told(database, CELERY, switches={"default": switch}) == fine
    with database.begin() as connection:
        sent.mark(connection, [SentMark(process_id, 0, "default", LATER)])
    assert told(database, CELERY) == fine


def test_a_mark_of_a_tick_that_is_long_gone_hides_nothing(database: Database) -> None:
    process_id = start(database, at=NOON)
    with database.begin() as connection:
        sent.mark(connection, [SentMark(process_id, 0, "default", LATER - timedelta(minutes=6))])

    assert told(database, CELERY) == [UNSENT]
