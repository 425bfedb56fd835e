"""On PostgreSQL too, what a worker asks all the time reads no more than the rows that it is about."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from backends import serving

from benchmarks.peers import filling, pgfloor, places
from benchmarks.peers.claims import REQUEST
from benchmarks.peers.places import Cluster
from process_manager.database import Database
from process_manager.store import claiming, due, lane_sweep, lanes, recording, transition_rows
from process_manager.store.json_rows import pack, spread

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
LANES = pack([("the lane",), ("another",)])
CASES: Mapping[str, tuple[Callable[[], sa.Executable], Mapping[str, Any], str]] = {
    "claim": (
        lambda: claiming.claim_change(REQUEST.shape, "postgresql").update,
        {
            **REQUEST.values(),
            **due.limits(10, REQUEST.shape, "postgresql"),
            "now": NOW,
            "worker_name": "w",
            "lease_end": NOW + timedelta(seconds=90),
        },
        "ix_processes_due",
    ),
    "record": (
        lambda: recording.with_history("moving"),
        {"moving": pack([[7, 1, 0, 0, 1, "succeeded", *[None] * 14]]), "entries": "[]"},
        "pk_processes",
    ),
    "advance": (
        lambda: recording.with_history("going"),
        {"going": pack([[each, 1, 0, 1, "two", None, None] for each in range(100)]), "entries": "[]"},
        "pk_processes",
    ),
    "record alone": (
        lambda: recording.alone("moving"),
        {
            **spread([7, 1, 0, 0, 1, "succeeded", *[None] * 14], transition_rows.ROW, parameter="moving"),
            **spread([7, 1, *[None] * 12], transition_rows.ENTRY, parameter="entries"),
        },
        "pk_processes",
    ),
    "advance alone": (
        lambda: recording.alone("going"),
        {
            **spread([7, 1, 0, 1, "two", None, None], transition_rows.ADVANCE, parameter="going"),
            **spread([7, 1, *[None] * 12], transition_rows.ENTRY, parameter="entries"),
        },
        "pk_processes",
    ),
    "an act alone": (
        lambda: recording.alone("rested"),
        {
            **spread(
                [7, 1, 1, 0, 1, "abandoned", *[None] * 14, "failed", "", 0], transition_rows.RESTED, parameter="rested"
            ),
            **spread([7, 1, *[None] * 12], transition_rows.ENTRY, parameter="entries"),
        },
        "ix_processes_trouble",
    ),
    "a stop": (
        lambda: recording.with_history("stopping"),
        {"stopping": pack([[7, 1, 0, 0, 1, "failed", "two", *[None] * 13, "0a1b"]]), "entries": "[]"},
        "pk_processes",
    ),
    "record in lanes": (
        lambda: recording.with_history("moving", leads=True),
        {
            "moving": pack([[7, 1, 0, 0, 1, "succeeded", *[None] * 14]]),
            "entries": "[]",
            "led": pack([["the lane", 7, "letter", 1, "default", "one"]]),
            "now": NOW,
            "worker_name": "w",
            "lease_end": NOW + timedelta(seconds=90),
        },
        "ix_processes_place",
    ),
    "renew": (
        lambda: claiming.renew_change().update,
        {"rows": pack([[7, 1]]), "lease_end": NOW},
        "pk_processes",
    ),
    "still held": (claiming.still_held_statement, {"rows": pack([[7, 1]])}, "pk_processes"),
    "heads of lanes": (lambda: lanes.heads_statement("postgresql"), {"rows": LANES}, "ix_processes_place"),
    "a sweep": (lane_sweep.look_statement, {"after": "", "count": 200}, "ix_processes_place"),
    "lanes move on": (lambda: lanes.advance_statement("postgresql"), {"rows": LANES, "now": NOW}, "ix_processes_place"),
}


@pytest.fixture(scope="module", params=["as it was told", "before it was told"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with a lane behind many finished processes, which knows its tables or not yet."""
    with serving("postgresql_18") as server, places.laid_out(Cluster(server)) as made:
        for kind, count in (("finished", 20_000), ("not_deployed", 5_000), ("in_lane", 5_000), ("due", 500)):
            filling.fill(made, kind, count)
        if request.param == "before it was told":
            with pgfloor.connect(places.url_of(made)) as connection:
                connection.execute("TRUNCATE processes CASCADE")
                connection.execute("VACUUM ANALYZE processes")
                for kind, count in (("finished", 20_000), ("not_deployed", 5_000), ("in_lane", 5_000), ("due", 500)):
                    connection.execute(filling.statement("postgresql", kind, count).encode())
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_statement_reads_no_row_that_it_is_not_about(database: Database, name: str) -> None:
    make, given, index = CASES[name]
    plans: list[str] = []

    @sa.event.listens_for(database.engine, "before_cursor_execute", retval=True)
    def explain(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> tuple[str, Any]:
        return f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}", parameters

    with database.connect() as connection:
        try:
            transaction = connection.begin()
            result = connection.execute(make(), given)
            plans = [row[0] for row in result.cursor.fetchall()]  # type: ignore[union-attr]
            transaction.rollback()
        finally:
            sa.event.remove(database.engine, "before_cursor_execute", explain)

    plan = "\n".join(plans)
    removed = [int(line.rpartition(":")[2]) for line in plans if "Rows Removed by Filter" in line]
    assert "Seq Scan on processes" not in plan, plan
    assert index in plan
    assert sum(removed) < 100, plan
