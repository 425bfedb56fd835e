"""`python -m benchmarks.full_limit`: a claim while a million rest for the seats of a limit that is full."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from benchmarks import servers
from benchmarks.__main__ import LATEST
from benchmarks.figures import Figure, add, table
from process_manager import Done, Limit, Process, StepRun, clock, operations
from process_manager.database import Database, connect, schema
from process_manager.definition.registry import Registry
from process_manager.store import claiming, tables
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest, Range
from process_manager.store.tables import processes
from process_manager.worker.pools import Pools

MILLION: Final = 1_000_000
AT_ONCE: Final = 20_000  # rows in one statement: a server ends those that take long

LETTERS: Final = 1_000  # that are due and need no seat
TAKEN: Final = 10  # of them in one claim
TIMES: Final = 200
BOUND: Final = 2.0  # milliseconds


class Posting(Process):
    """A step that has three seats over all workers."""

    STEPS = {"post": "act"}
    limit = Limit("sap-seats", 3)

    def act(self, _run: StepRun) -> Done:
        """Nothing: it is never run here."""
        return Done()


class Letter(Process):
    """A step that needs no seat."""

    STEPS = {"write": "act"}
    act = Posting.act


REGISTRY: Final = Registry([Posting, Letter])
REQUEST: Final = ClaimRequest(tuple(Range(cls.name, cls.version, tuple(cls.STEPS)) for cls in (Posting, Letter)))


def main() -> None:
    """Measure, print a table, and keep the figures beside the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.full_limit", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a thousand instead of a million; prints, and keeps nothing"
    )
    is_quick = parser.parse_args().quick
    if missing := servers.missing_postgresql():
        parser.exit(1, f"{missing}\n")
    with tempfile.TemporaryDirectory(prefix="limit-") as name, servers.postgresql(durable=True) as server:
        urls = {"sqlite": f"sqlite:///{(Path(name) / 'engine.db').as_posix()}", "postgresql": server.create("limits")}
        found = [each for kind, url in urls.items() for each in figures(kind, url, 1_000 if is_quick else MILLION)]
    print(table(found))
    if not is_quick:
        add(found, LATEST)


def figures(kind: str, url: str, resting: int) -> Iterator[Figure]:
    """A whole look of a worker, and its claim alone, while one rests for a seat, and while many do."""
    with closing(connect(url)) as database:
        schema.upgrade(database, tables.SCHEMA)
        _start(database, Posting, 4)
        _start(database, Letter, LETTERS)
        for _ in range(2):  # the first look puts them into the pool, of the second three have the seats
            database.run(lambda connection: _look(connection, Pools(REGISTRY, goes_on=False)))
        before = [_median(database, act) for act in (_look, _claim)]
        _fill(database, resting)
        behind = [_median(database, act) for act in (_look, _claim)]
    against = f"at most {BOUND:g} ms; {{:.2f}} ms with one that rests instead of {resting:,}"
    for name, one, many in zip(("look", "claim"), before, behind, strict=True):
        figure = f"{kind}_{name}_behind_a_full_limit_ms"
        yield Figure(figure, round(many, 2), "ms", against.format(one), round(many / one, 2))


def _clean(database: Database) -> None:
    """Let nothing be left of what was undone before, which PostgreSQL would read past."""
    vacuum = "VACUUM (ANALYZE) processes" if database.dialect == "postgresql" else "ANALYZE"
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text(vacuum))


def _start(database: Database, cls: type[Process], count: int) -> None:
    with database.begin() as connection:
        operations.start_many(connection, [operations.Start(cls) for _ in range(count)])


def _fill(database: Database, resting: int) -> None:
    """Copy what rests until there is enough of it."""
    names = ", ".join(column.name for column in processes.c if column.name != "id")
    copied = f"INSERT INTO processes ({names}) SELECT {names} FROM processes WHERE waiting_for = 'platform' LIMIT :most"
    count = 1
    while count < resting:
        most = min(count, AT_ONCE, resting - count)
        with database.begin() as connection:
            connection.execute(sa.text(copied), {"most": most})
        count += most


def _lease() -> Lease:
    now = clock.now()
    return Lease("bench", now, now + timedelta(hours=1))


def _look(connection: sa.Connection, pools: Pools) -> None:
    """What a worker asks of pools, and then takes of what is due."""
    lease = _lease()
    pools.take(connection, REQUEST, lease, threads=8)
    found = claiming.claim_due(connection, REQUEST, lease, limit=TAKEN)
    pools.admit(connection, found, None, now=lease.now)


def _claim(connection: sa.Connection, _pools: Pools) -> None:
    """The claim of what is due alone."""
    if len(claiming.claim_due(connection, REQUEST, _lease(), limit=TAKEN)) < TAKEN:
        raise RuntimeError("less was claimed than is due")


def _median(database: Database, act: Callable[[sa.Connection, Pools], None]) -> float:
    """Milliseconds, of many times, each undone."""
    _clean(database)
    pools, taken = Pools(REGISTRY, goes_on=False), []
    with database.connect() as connection:
        for _ in range(TIMES):
            with connection.begin() as transaction:
                began = time.perf_counter()
                act(connection, pools)
                taken.append(1000 * (time.perf_counter() - began))
                transaction.rollback()
    return statistics.median(taken)


if __name__ == "__main__":
    main()
