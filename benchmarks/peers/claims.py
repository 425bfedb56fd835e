"""What a claim of ten costs in a database that has seen much, in turn with the same claim in one that has not."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from benchmarks import workload
from benchmarks.figures import Figure
from benchmarks.peers import filling, places
from benchmarks.peers.places import Place
from benchmarks.peers.rows import Bound, Row
from process_manager.store import claiming
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest, Range

TEN: Final = 10
BOUNDS: Final = (Bound("ratio", "at most", 1.3, 1.1), Bound("value", "at most", 2, 2))
REQUEST: Final = ClaimRequest((Range(workload.Four.name, 1, tuple(each.name for each in workload.Four.plan)),))


def rows(place: Place, *, backlog: int, lane: int, samples: int) -> Iterator[Row]:
    """With so many finished, with so many due of a version that is not deployed, with a lane that long."""
    yield _row(place, "finished", ("finished", backlog), ("finished", backlog // 100), samples)
    yield _row(place, "not_deployed", ("not_deployed", backlog), ("not_deployed", 0), samples)
    yield _row(place, "lane", ("in_lane", lane), ("in_lane", 0), samples)


def _row(place: Place, name: str, much: tuple[str, int], little: tuple[str, int], samples: int) -> Row:
    full, bare = _in_turn(place, much, little, samples)
    against = f"{bare:.3f} ms with {little[1]:,}"
    figure = Figure(f"{place.name}_claim_{name}_ms", round(full, 4), "ms", against, round(full / bare, 3))
    bars = {f"with {much[1]:,}": full, f"with {little[1]:,}": bare}
    return Row(figure, BOUNDS, bars)


def _in_turn(place: Place, much: tuple[str, int], little: tuple[str, int], samples: int) -> tuple[float, float]:
    """Median milliseconds of both, a claim here and a claim there."""
    taken: tuple[list[float], list[float]] = ([], [])
    with places.laid_out(place) as full, places.laid_out(place) as bare:
        for database, (kind, count) in ((full, much), (bare, little)):
            filling.fill(database, kind, count)
            filling.fill(database, "due", samples * TEN)
        with full.connect() as here, bare.connect() as there:
            for _ in range(samples):
                taken[0].append(_claim_ms(here))
                taken[1].append(_claim_ms(there))
    return statistics.median(taken[0]), statistics.median(taken[1])


def _claim_ms(connection: sa.Connection) -> float:
    """How long the statement took, its commit left out: that is the same disk for both."""
    now = datetime.now(UTC)
    with connection.begin():
        began = time.perf_counter()
        claims = claiming.claim_due(connection, REQUEST, Lease("claims", now, now + timedelta(seconds=90)), limit=TEN)
        taken = time.perf_counter() - began
    if len(claims) != TEN:
        raise RuntimeError(f"{len(claims)} claimed")
    return taken * 1000
