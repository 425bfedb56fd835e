"""Starts with a dedup key each, in bulk."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import workload
from benchmarks.peers import ours, places
from benchmarks.peers.places import Place
from benchmarks.peers.rows import Bound, Row, valued
from process_manager import operations
from process_manager.database import Database
from process_manager.operations import Start


def rows(postgresql: Place, sqlite: Place, *, starts: int, rounds: int) -> Iterator[Row]:
    """Starts a second on both."""
    bounds = {postgresql: Bound("value", "at least", 8_000, 20_000), sqlite: Bound("value", "at least", 15_000, 33_000)}
    for place, bound in bounds.items():
        rate = ours.median(lambda place=place: _rate(place, starts), rounds)  # type: ignore[misc]
        yield valued(f"{place.name}_dedup_starts_per_second", round(rate), "starts/s", bound, "1,000 a transaction")


def _rate(place: Place, count: int) -> float:
    with places.laid_out(place) as database:
        return count / ours.seconds(lambda: _start(database, count))


def _start(database: Database, count: int) -> None:
    for numbers in workload.batches(count):
        with database.begin() as connection:
            wanted = [Start(workload.Four, {"number": each}, dedup_key=f"case {each}") for each in numbers]
            operations.start_many(connection, wanted)
