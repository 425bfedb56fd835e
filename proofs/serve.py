"""A worker process of a proof: what runs on the other side of `fleet`."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

from process_manager import clock, logs
from process_manager.database import Database, connect
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.lifecycle.retry import classic
from process_manager.settings import Settings
from process_manager.worker import Plan, Worker
from proofs import acting, cases, wired


def main(text: str) -> None:
    """Work as the JSON text says, until SIGTERM."""
    options = json.loads(text)
    _log_to(options.pop("log"))
    _shift(timedelta(seconds=options.pop("offset", 0)))
    database = connect(options.pop("url"))
    wire = options.pop("wire", None)
    asked = {"channels": tuple(options.pop("channels", ())), "until_empty": options.pop("until_empty", False)}
    plan = Plan(Registry([*cases.ALL, *acting.ALL.values(), acting.Minor]), _settings(**options), classic(), **asked)
    if wire and _wire(database, plan, **wire):
        return
    worker = Worker(database, plan)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the proof, which ends its workers
    worker.run()


def _wire(database: Database, plan: Plan, *, process: str, effects: str, **wire: Any) -> bool:
    """Write the commits of this program down, the first the start of the process that is watched; whether it was run.

    What is called directly is run by this program: nothing is left for a worker.
    """
    watched = wired.Wire(**wire)
    wired.attach(database, watched)
    is_called = process == acting.Called.name
    if is_called:
        with Direct(database, replace(plan, until_empty=False)) as here:
            acting.call(here, process, watched.reference, Path(effects))
    else:
        acting.enter(database, process, watched.reference, Path(effects))
    return is_called


def _settings(*, lease: float, concurrency: int, grace: float = 10.0) -> Settings:
    return Settings.model_construct(
        lease=timedelta(seconds=lease),
        grace=timedelta(seconds=grace),
        concurrency=concurrency,
        quiet="none",
        zone="UTC",
    )


def _log_to(path: str) -> None:
    """Everything said on stderr, by the interpreter too, into a file of this worker's own."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(file, 2)
    logs.configure(level="INFO", style="json")


def _shift(offset: timedelta) -> None:
    """Let this process believe that its host's clock is off: nothing else can set it for one process alone."""

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            shifted: Any = datetime.now(tz or UTC) + offset
            return shifted

    if offset:
        clock.datetime = Shifted  # type: ignore[attr-defined]
