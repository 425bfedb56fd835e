"""A worker killed in the middle of a dispatch: `python -m processes.demo.crash FOLDER` is that worker."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from process_manager import inspection, logs
from process_manager.database import Database
from process_manager.lifecycle import Status
from process_manager.worker import Worker
from processes.demo.folder import DemoFolder

LOOK: Final = 0.002  # seconds between two looks at how far the worker is
LONGEST: Final = 30.0  # seconds that it is waited for


def work_and_be_killed(place: DemoFolder, database: Database, process_id: int) -> int | None:
    """The process id of a worker that was killed, elements in the queue but not yet noted; None if it ended before.

    Two locks lead it there: the queue's is held until the worker waits for it, then the engine's, in which the worker
    would note what it has queued.
    """
    with closing(_raw(place.queues)) as queue, closing(_raw(place.engine)) as engine:
        queue.execute("BEGIN IMMEDIATE")
        command = [sys.executable, "-m", __spec__.name, str(place.folder)]
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own module
        try:
            _until(lambda: _is_at_queue(database, process_id), worker, pause=LOOK)
            engine.execute("BEGIN IMMEDIATE")
            queue.execute("ROLLBACK")
            _until(lambda: _count(queue) > 0, worker, pause=0.0)
        finally:
            worker.kill()
            ended = worker.wait()
    return worker.pid if ended != 0 else None


def _raw(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=10, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def _is_at_queue(database: Database, process_id: int) -> bool:
    with database.read() as connection:
        found = inspection.get(connection, process_id)
    return found.status == Status.RUNNING and found.step == "queue"


def _count(queue: sqlite3.Connection) -> int:
    return int(queue.execute("SELECT count(*) FROM Queues").fetchone()[0])


def _until(reached: Callable[[], bool], worker: subprocess.Popen[bytes], *, pause: float) -> None:
    """Return once it is reached, the worker has ended, or nothing comes of it."""
    ends = time.monotonic() + LONGEST
    while not reached() and time.monotonic() < ends:
        try:
            worker.wait(timeout=pause)
        except subprocess.TimeoutExpired:
            continue
        return


def main() -> None:
    """Work until killed."""
    logs.configure(level="WARNING")
    place = DemoFolder(Path(sys.argv[1]))
    with place.opened() as database:
        Worker(database, place.plan()).run()


if __name__ == "__main__":
    main()
