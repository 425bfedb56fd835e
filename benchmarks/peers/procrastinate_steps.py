"""Procrastinate at its best settings, run by the Python of its own environment; says what it measured as JSON.

It has no processes of steps: a job for each step that defers the next one is what makes every step durable
before the next begins. Its settings, and why they are its best, are in README.md beside this file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from importlib.metadata import version
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException

POLL = 0.05  # seconds between two looks for jobs of which no notification told: its default is 5
PATIENCE = 600.0
LAST = 4


class Run:
    """What a worker of this process does, and how far it has come."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.began: float | None = None
        self.left = asked.count
        self.all_ran = asyncio.Event()
        self.app = App(connector=PsycopgConnector(conninfo=asked.database, min_size=4, max_size=asked.at_once + 4))
        self.act = self.app.task(name="act")(self._act)

    async def _act(self, number: int, place: int) -> None:
        self.began = self.began or time.perf_counter()
        if self.asked.milliseconds:
            await asyncio.sleep(self.asked.milliseconds / 1000)
        if place < LAST:
            await self.act.defer_async(number=number, place=place + 1)
            return
        self.left -= 1
        if self.left == 0:
            self.all_ran.set()


def main() -> None:
    asked = _arguments()
    found = asyncio.run(WAYS[asked.way](Run(asked)))
    print(json.dumps({"version": version("procrastinate"), **found}), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--way", choices=list(WAYS), required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--at-once", type=int, default=10)
    parser.add_argument("--milliseconds", type=float, default=0)
    return parser.parse_args()


async def _drain(run: Run) -> dict[str, float]:
    """The first jobs are deferred before the clock starts, which is when the first one runs."""
    async with run.app.open_async():
        await _tables(run.app)
        await run.act.batch_defer_async(*({"number": number, "place": 1} for number in range(run.asked.count)))
        worker = asyncio.create_task(_work(run))
        await asyncio.wait_for(run.all_ran.wait(), PATIENCE)
        while await _unfinished(run.app):
            await asyncio.sleep(0.005)
        taken = time.perf_counter() - (run.began or 0)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    return {"steps_per_second": LAST * run.asked.count / taken, "seconds": taken}


async def _latency(run: Run) -> dict[str, list[float]]:
    """From just before the first job's commit until another connection sees the last one as a success."""
    async with run.app.open_async():
        await _tables(run.app)
        worker = asyncio.create_task(_work(run))
        await asyncio.sleep(0.5)
        watcher = await psycopg.AsyncConnection.connect(run.asked.database, autocommit=True)
        async with watcher:
            taken = [await _sample(run, watcher, number) for number in range(run.asked.count + 10)]
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    return {"milliseconds": taken[10:]}


async def _sample(run: Run, watcher: psycopg.AsyncConnection[Any], number: int) -> float:
    await asyncio.sleep(random.uniform(0.02, 0.2))
    began = time.perf_counter()
    await run.act.defer_async(number=number, place=1)
    ended = (
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"
        f" AND id > (SELECT max(id) - {LAST + 1} FROM procrastinate_jobs)"
        " AND (args->>'number')::int = %s AND (args->>'place')::int = %s"
    )
    while not (await (await watcher.execute(ended, (number, LAST))).fetchone())[0]:  # type: ignore[index]
        await asyncio.sleep(0.0005)
    return (time.perf_counter() - began) * 1000


async def _work(run: Run) -> None:
    await run.app.run_worker_async(
        concurrency=run.asked.at_once,
        fetch_job_polling_interval=POLL,
        delete_jobs="never",
        install_signal_handlers=False,
    )


async def _tables(app: App) -> None:
    try:
        await app.schema_manager.apply_schema_async()
    except ConnectorException:
        if not await app.check_connection_async():  # they are there already
            raise


async def _unfinished(app: App) -> bool:
    found = await app.connector.execute_query_one_async(
        "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing')) AS some"
    )
    return bool(found["some"])


WAYS = {"drain": _drain, "latency": _latency}

if __name__ == "__main__":
    main()
