"""However many rest in a full pool, a claim reads nothing of them, and one with a free seat only what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
import sqlalchemy as sa
from backends import laid_out, on_every, serving
from rig import NOON, claim_request

from process_manager.database import Database
from process_manager.store import claiming, due, limits
from process_manager.store.claiming import Lease
from tests.store.test_query_plans_corners import FEW, MANY, ROWS, Act, fill, ids, read_by, rolled_back, rows

pytestmark = pytest.mark.slow

LEASE = Lease("w", NOON, NOON.replace(hour=13))
ORDINARY = claim_request(("letter", 1))
POOLED = replace(ORDINARY, pool="sap-seats")
OTHER = replace(ORDINARY, pool="sap-seats/sap")
LATER = NOON.replace(day=25)
IN_POOL = [
    {**row, "due_at": LATER, "pool": "sap-seats", "pool_since": row["created_at"]}
    for row in rows(MANY, status="waiting", waiting_for="platform")
]
NEITHER = [{**row, "pool": None, "pool_since": None} for row in rows(FEW, status="pending")]


@pytest.fixture(scope="module", params=on_every(leaves="mssql"))
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Many that rest in a pool, and a few, started later, that are due."""
    with ExitStack() as opened:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('pools') / 'engine.db'}"
        else:
            url = opened.enter_context(serving(request.param)).create("pools")
        made = opened.enter_context(laid_out(url))
        fill(made, [*IN_POOL, *NEITHER])
        with made.begin() as connection:
            limits.declare(connection, [limits.Declared("sap-seats", None, 3, {"sap": 1})])
        yield made


def look(connection: sa.Connection) -> int:
    """What a worker asks of a full pool, and then claims of what is due."""
    assert due.next_due(connection, POOLED) is not None
    assert limits.hold(connection, ["sap-seats"], waits=False)["sap-seats"].most == 3
    assert limits.taken(connection, ["sap-seats"]) == []
    return len(claiming.claim_due(connection, ORDINARY, LEASE, limit=10))


CLAIMS: dict[str, tuple[Act, object]] = {
    "of what is due": (look, FEW),
    "of an empty pool": (lambda c: claiming.claim_due(c, OTHER, LEASE, limit=3), []),
    "of the pool": (lambda c: ids(claiming.claim_due(c, POOLED, LEASE, limit=3)), [1, 2, 3]),
    "of these in the pool": (lambda c: ids(claiming.claim_these(c, [7, MANY + 1], LEASE, in_pool=True)), [7]),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_reads_nothing_of_what_rests_behind(database: Database, name: str) -> None:
    act, expected = CLAIMS[name]
    answers = []

    with rolled_back(database) as connection:
        read = read_by(connection, lambda c: answers.append(act(c)))

    assert answers == [expected]
    assert read <= ROWS
