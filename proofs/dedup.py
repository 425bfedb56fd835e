"""Many who start the same thing at once start it once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from process_manager import operations
from process_manager.operations import Started
from proofs import cases
from proofs.judging import rows
from proofs.places import Place
from proofs.rows import Row

THREADS = 16


class Size(NamedTuple):
    """How often each thread starts it."""

    starts: int


FULL = Size(1_000)
SHORT = Size(25)


def starts(place: Place, size: Size) -> Row:
    """Start one dedup key from 16 threads at once, each start in a transaction of its own."""
    given = cases.payload(place.effects)

    def start(_number: int) -> Started:
        return place.database.run(lambda c: operations.start(c, cases.Steady, given, dedup_key="the same"))

    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        started = list(pool.map(start, range(THREADS * size.starts)))
    seconds = time.monotonic() - began
    ids = [row[0] for row in rows(place.database, "SELECT id FROM processes")]
    told = {each.id for each in started}
    faults = []
    if told != set(ids):
        faults.append(f"{len(told)} ids were answered")
    if (new := sum(each.is_new for each in started)) != 1:
        faults.append(f"{new} starts were told that theirs is the new one")
    more = {"starts": len(started)}
    lost, doubled = int(not ids), max(len(ids) - 1, 0)
    return Row("starts with one key", place.name, len(ids), 0, lost, doubled, seconds, tuple(faults), more)
