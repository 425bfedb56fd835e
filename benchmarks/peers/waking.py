"""From the commit of a start to the visible end of its process, on an idle worker in another program.

On PostgreSQL every sample is followed, after a rest of its own, by as many bare commits of the raw driver as the
process needs: where these come late as often, it was the disk.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Final

from benchmarks import floor, workload
from benchmarks.peers import pgfloor, places
from benchmarks.peers.neighbours import Peer, Peers
from benchmarks.peers.places import Place
from benchmarks.peers.rows import Bound, Row, valued
from benchmarks.served import serving
from process_manager import operations
from process_manager.database import Database
from process_manager.worker.idle import LIVELY

WARM_UP: Final = 10
COMMITS: Final = 1 + len(floor.STEPS)  # of the start, and of each step
BARE: Final = f"{COMMITS} bare commits"
LOOK: Final = 0.0002  # seconds between two looks at the row
PATIENCE: Final = 30.0
SHORT: Final = (0.02, 0.2)  # seconds of rest: as long as any, for a worker that is told
LATE_MS: Final = 250
MEDIAN: Final = 49
HUNDREDTH: Final = 98


def rows(postgresql: Place, sqlite: Place, peers: Peers, *, samples: int, of_peers: int) -> Iterator[Row]:
    """Median, 99th percentile and how many came late on PostgreSQL, beside the peers; the median on SQLite.

    On SQLite `of_peers` samples are taken, for the worker asks more seldom once nothing has happened for a while.
    """
    taken, bare = _on_postgresql(postgresql, samples)
    theirs = {peer.name: _of_peer(peer, postgresql, of_peers) for peer in peers if not peer.missing()}
    theirs[BARE] = bare
    yield _row("postgresql_wake_p50_ms", taken, theirs, MEDIAN, Bound("value", "at most", 12, 7))
    yield _row("postgresql_wake_p99_ms", taken, theirs, HUNDREDTH, Bound("value", "at most", 40, 15))
    against = f"of {len(taken):,} later than {LATE_MS} ms; {BARE} {_late(bare)}"
    yield valued("postgresql_wake_late", _late(taken), "processes", Bound("value", "at most", 0), against)
    here = _on_sqlite(sqlite, of_peers)  # each takes more than a second
    yield _row("sqlite_wake_p50_ms", here, {}, MEDIAN, Bound("value", "at most", 25, 10))


def _late(taken: Sequence[float]) -> int:
    return sum(each > LATE_MS for each in taken)


def _row(name: str, taken: Sequence[float], theirs: dict[str, list[float]], part: int, bound: Bound) -> Row:
    found = {peer: statistics.quantiles(each, n=100)[part] for peer, each in theirs.items()}
    against = ", ".join(f"{peer} {value:.1f} ms" for peer, value in found.items())
    row = valued(name, statistics.quantiles(taken, n=100)[part], "ms", bound, against)
    return replace(row, bars={**row.bars, **found})


def _of_peer(peer: Peer, place: Place, count: int) -> list[float]:
    with places.empty(place) as url:
        return list(peer.ask(url, "latency", count=count, at_once=10)["milliseconds"])


def _on_postgresql(place: Place, count: int) -> tuple[list[float], list[float]]:
    """The samples, and those of the bare commits between them."""
    bare: list[float] = []
    with places.laid_out(place) as database, pgfloor.connect(places.url_of(database)) as reader:
        reader.execute("CREATE TABLE bare (number integer NOT NULL)")

        def has_ended(process_id: int) -> bool:
            ended = "SELECT finished_at IS NOT NULL FROM processes WHERE id = %s"
            return bool(_one(reader.execute(ended, (process_id,)).fetchone()))

        taken = _samples(database, count, has_ended, SHORT, lambda: bare.append(_bare(reader)))
    return taken, bare[-count:]


def _bare(driver: pgfloor.Connection) -> float:
    """Milliseconds of the commits of one process, with next to nothing in them."""
    _rest(SHORT)
    began = time.perf_counter()
    for number in range(COMMITS):
        driver.execute("INSERT INTO bare VALUES (%s)", (number,), prepare=True)
    return (time.perf_counter() - began) * 1000


def _on_sqlite(place: Place, count: int) -> list[float]:
    with places.laid_out(place) as database, closing(floor.connect(workload.path_of(database))) as reader:
        ended = "SELECT finished_at IS NOT NULL FROM processes WHERE id = ?"
        seconds = (1.1 * LIVELY, 1.4 * LIVELY)
        return _samples(database, count, lambda each: bool(_one(reader.execute(ended, (each,)).fetchone())), seconds)


def _one(row: tuple[object, ...] | None) -> object:
    return row[0] if row else None


def _samples(
    database: Database,
    count: int,
    has_ended: Callable[[int], bool],
    rest: tuple[float, float],
    between: Callable[[], None] = lambda: None,
) -> list[float]:
    """Milliseconds, on a worker that has had time to come to rest before each: from and to how many seconds."""
    taken, warm_up = [], min(WARM_UP, count)
    with serving(places.url_of(database)):
        for _ in range(warm_up + count):
            _rest(rest)
            taken.append(_sample(database, has_ended))
            between()
    return taken[warm_up:]


def _rest(seconds: tuple[float, float]) -> None:
    time.sleep(random.uniform(*seconds))  # so that no sample keeps step with the worker


def _sample(database: Database, has_ended: Callable[[int], bool]) -> float:
    with database.begin() as connection:
        process_id = operations.start(connection, workload.Four).id
        began = time.perf_counter()
    while not has_ended(process_id):
        if time.perf_counter() - began > PATIENCE:
            raise RuntimeError(f"process {process_id} did not end")
        time.sleep(LOOK)
    return (time.perf_counter() - began) * 1000
