"""What the store is asked about limits, for tests that send every statement to SQL Server's grammar."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rig import NOON, claim

from process_manager.lifecycle.pool import Pool
from process_manager.store import claiming, limit_queries, limits, pool_sweep
from process_manager.store.claiming import Lease

LEASE = Lease("w", NOON, NOON)
SEATS = limits.Declared("sap-seats", None, 3, {"sap": 1})
CALLS = limits.Declared("sap", 60_000, 10, {"sap": 1})

OF_LIMITS: dict[str, Callable[[sa.Connection], object]] = {
    "claiming.claim_these": lambda c: [claiming.claim_these(c, [1, 2], LEASE, in_pool=each) for each in (False, True)],
    "limits.declare": lambda c: limits.declare(c, [SEATS, CALLS]),
    "limits.redeclare": lambda c: [limits.redeclare(c, each) for each in (SEATS, CALLS)],
    "limits.versions": lambda c: limits.versions(c, ["sap", "sap-seats"]),
    "limits.hold": lambda c: [limits.hold(c, ["sap", "sap-seats"], waits=each) for each in (True, False)],
    "limits.pool_of": lambda c: limits.pool_of(c, 1, 2),
    "limits.left": lambda c: limits.left(c, Pool("sap-seats", "sap"), now=NOON),
    "limits.taken": lambda c: limits.taken(c, ["sap-seats"]),
    "limits.take": lambda c: limits.take(c, [(claim(id=1), "sap-seats")], now=NOON),
    "limits.move_on": lambda c: limits.move_on(c, {"sap": NOON}),
    "pool_sweep.places": lambda c: list(pool_sweep.places(c, [("three", 1), ("sap", 2)])),
    "pool_sweep.make_due": lambda c: pool_sweep.make_due(c, pool_sweep.PoolPlace("sap", 1, "sap-seats"), now=NOON),
    "limit_queries.all_of": limit_queries.all_of,
    "limit_queries.one": lambda c: limit_queries.one(c, "sap"),
    "limit_queries.holders": lambda c: [limit_queries.holders(c, each) for each in (None, "sap-seats")],
    "limit_queries.resting": limit_queries.resting,
    "limit_queries.choose": lambda c: [limit_queries.choose(c, "sap", each, by="Ada", now=NOON) for each in (None, 5)],
}
