"""DBOS at its best settings, run by the Python of its own environment; says what it measured as one line of JSON.

Its settings, and why they are its best, are in README.md beside this file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions

QUEUE = "work"
POLL = 0.01  # seconds between two looks at the queue: its default is 1
PATIENCE = 600.0


class Progress:
    """How many workflows have run, and when the first one began."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.pause = 0.0  # seconds that a step takes
        self._left = 0
        self._lock = threading.Lock()
        self.all_ran = threading.Event()

    def expect(self, count: int) -> None:
        self.began, self._left = None, count
        self.all_ran.clear()

    def start(self) -> None:
        if self.began is None:
            self.began = time.perf_counter()

    def end(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.all_ran.set()


progress = Progress()


@DBOS.step()
def act(number: int) -> None:  # noqa: ARG001 - every step is given something
    if progress.pause:
        time.sleep(progress.pause)


@DBOS.workflow()
def four(number: int) -> None:
    progress.start()
    for _ in range(4):
        act(number)
    progress.end()


@DBOS.step()
async def act_as_coroutine(number: int) -> None:  # noqa: ARG001 - every step is given something
    if progress.pause:
        await asyncio.sleep(progress.pause)


@DBOS.workflow()
async def four_as_coroutine(number: int) -> None:
    progress.start()
    for _ in range(4):
        await act_as_coroutine(number)
    progress.end()


def main() -> None:
    asked = _arguments()
    progress.pause = asked.milliseconds / 1000
    if asked.database.startswith("sqlite"):
        set_wal(asked.database.removeprefix("sqlite:///"))
    found = WAYS[asked.way](asked)
    print(json.dumps({"version": version("dbos"), **found}), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--way", choices=list(WAYS), required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--pool", type=int, default=20, help="connections; its default")
    parser.add_argument("--style", choices=["plain", "coroutine"], default="plain")
    parser.add_argument("--milliseconds", type=float, default=0)
    return parser.parse_args()


def _queue(asked: argparse.Namespace) -> dict[str, float]:
    """Everything is enqueued before the clock starts, which is when the first workflow runs."""
    with _launched(asked):
        DBOS.register_queue(QUEUE, worker_concurrency=asked.at_once, polling_interval_sec=POLL)
    _enqueue(asked)
    progress.expect(asked.count)
    with _launched(asked) as engine:
        if not progress.all_ran.wait(PATIENCE):
            raise RuntimeError("DBOS did not come to an end")
        _until(lambda: _succeeded(engine) >= asked.count)
        taken = time.perf_counter() - (progress.began or 0)
    return {"steps_per_second": 4 * asked.count / taken, "seconds": taken}


def _direct(asked: argparse.Namespace) -> dict[str, float]:
    with _launched(asked):
        for number in range(20):
            four(number)
        began = time.perf_counter()
        for number in range(asked.count):
            four(number)
        taken = time.perf_counter() - began
    return {"steps_per_second": 4 * asked.count / taken, "seconds": taken}


def _latency(asked: argparse.Namespace) -> dict[str, list[float]]:
    """From just before the enqueue's commit until another connection sees the workflow as a success."""
    with _launched(asked) as engine:
        DBOS.register_queue(QUEUE, worker_concurrency=asked.at_once, polling_interval_sec=POLL)
        time.sleep(1.5)  # it looks for new queues every second
        progress.expect(asked.count + 11)
        with _client(asked) as client:
            taken = [_sample(asked, client, engine, number) for number in range(asked.count + 10)]
    return {"milliseconds": taken[10:]}


def _sample(asked: argparse.Namespace, client: DBOSClient, engine: sa.Engine, number: int) -> float:
    time.sleep(random.uniform(0.02, 0.2))
    began = time.perf_counter()
    handle = client.enqueue(_options(asked), number)
    _until(lambda: _status(engine, handle.workflow_id) == "SUCCESS", rest=0.0005)
    return (time.perf_counter() - began) * 1000


def _enqueue(asked: argparse.Namespace) -> None:
    with _client(asked) as client:
        for number in range(asked.count):
            client.enqueue(_options(asked), number)


def _options(asked: argparse.Namespace) -> EnqueueOptions:
    workflow = four if asked.style == "plain" else four_as_coroutine
    return {"workflow_name": workflow.__qualname__, "queue_name": QUEUE, "app_version": "1"}


@contextmanager
def _client(asked: argparse.Namespace) -> Iterator[DBOSClient]:
    client = DBOSClient(system_database_url=asked.database)
    try:
        yield client
    finally:
        client.destroy()


@contextmanager
def _launched(asked: argparse.Namespace) -> Iterator[sa.Engine]:
    config: DBOSConfig = {
        "name": "peer",
        "system_database_url": asked.database,
        "application_version": "1",
        "executor_id": "one",
        "sys_db_pool_size": asked.pool,
        "max_executor_threads": asked.at_once + 10,
        "log_level": "ERROR",
        "enable_otlp": False,
    }
    DBOS(config=config)
    DBOS.launch()
    engine = sa.create_engine(asked.database, isolation_level="AUTOCOMMIT")
    try:
        yield engine
    finally:
        engine.dispose()
        DBOS.destroy()


def _table(engine: sa.Engine) -> str:
    return "workflow_status" if engine.dialect.name == "sqlite" else "dbos.workflow_status"


def _succeeded(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT count(*) FROM {_table(engine)} WHERE status = 'SUCCESS'")
        return int(found.scalar_one())


def _status(engine: sa.Engine, workflow_id: str) -> str:
    with engine.connect() as connection:
        asked = sa.text(f"SELECT status FROM {_table(engine)} WHERE workflow_uuid = :id")
        return str(connection.execute(asked, {"id": workflow_id}).scalar_one())


def _until(is_so: Callable[[], bool], *, rest: float = 0.005) -> None:
    ends = time.perf_counter() + PATIENCE
    while not is_so():
        if time.perf_counter() > ends:
            raise RuntimeError("DBOS did not come to an end")
        time.sleep(rest)


def set_wal(file: str) -> None:
    """The journal mode, which the file keeps: what it has otherwise is less than half as fast."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


WAYS = {"queue": _queue, "direct": _direct, "latency": _latency}

if __name__ == "__main__":
    main()
