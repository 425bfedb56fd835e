"""How long one process takes on an idle worker in another process: from the commit of its start to its visible end."""

from __future__ import annotations

import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks import floor, workload
from benchmarks.figures import Figure, held_against
from benchmarks.served import serving
from process_manager import operations
from process_manager.database import Database

WARM_UP: Final = 10
LOOK: Final = 0.0002  # seconds between two looks at the row
PATIENCE: Final = 30.0
MOST_MS: Final = 15
MOST_P99_MS: Final = 40


def figures(folder: Path, *, samples: int) -> list[Figure]:
    """Median and 99th percentile."""
    database = workload.make_database(folder)
    with serving(workload.path_of(database)), closing(floor.connect(workload.path_of(database))) as reader:
        taken = list(_samples(database, reader, samples + WARM_UP))[WARM_UP:]
    workload.remove(database)
    return [
        held_against("sqlite_latency_ms", statistics.median(taken), "ms", MOST_MS),
        held_against("sqlite_latency_p99_ms", statistics.quantiles(taken, n=100)[98], "ms", MOST_P99_MS),
    ]


def _samples(database: Database, reader: sqlite3.Connection, count: int) -> Iterator[float]:
    for _ in range(count):
        time.sleep(random.uniform(0.02, 0.2))  # so that no sample keeps step with the worker
        with database.begin() as connection:
            process_id = operations.start(connection, workload.Four).id
            began = time.perf_counter()
        await_end(reader, process_id)
        yield (time.perf_counter() - began) * 1000


def await_end(reader: sqlite3.Connection, process_id: int) -> None:
    """Nothing, as soon as the process has visibly ended; RuntimeError when it does not."""
    until = time.perf_counter() + PATIENCE
    while time.perf_counter() < until:
        if reader.execute("SELECT finished_at FROM processes WHERE id = ?", (process_id,)).fetchone()[0] is not None:
            return
        time.sleep(LOOK)
    raise RuntimeError(f"process {process_id} did not end")
