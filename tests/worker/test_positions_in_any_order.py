"""Whatever comes in whatever order, and whoever acts: a lane is handled in the order of its positions."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from placed_messages import Message, Newest
from rig import Bench, execute, start

from process_manager import operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import ProcessManagerError
from process_manager.operations import Act

pytestmark = pytest.mark.slow

ADA = Act(Actor("Ada"), "why not")
LANES = itertools.count()
POSITIONS = st.one_of(st.integers(0, 12), st.sampled_from([99, 100, 10**19, 10**20 - 1]))
FATES = st.sampled_from(["", "", "", "fails", "is refused", "is over"])
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), POSITIONS, FATES),
        st.tuples(st.just("claim")),
        st.tuples(st.just("run")),
        st.tuples(st.sampled_from(["restart", "abandon"]), st.integers(0, 30)),
    ),
    min_size=5,
    max_size=30,
)


ROWS = """
SELECT p.id, p.order_position, p.status, p.waiting_for, p.finished_at IS NOT NULL,
       (SELECT count(*) FROM process_steps s WHERE s.process_id = p.id AND s.worker IS NOT NULL)
FROM processes p WHERE p.order_key = :key ORDER BY p.finished_at, p.id
"""


class Row(NamedTuple):
    """A process of the lane; how often a step of it ran."""

    id: int
    position: str
    status: str
    waiting_for: str | None
    is_over: bool
    runs: int


class Lane:
    """One lane, its processes by their ids, and a worker whose steps run when they are told to."""

    def __init__(self, database: Database, cls: type[Message]) -> None:
        self.key = f"lane {next(LANES)}"
        self._database = database
        self._cls = cls
        self._bench = Bench(database, Message, Newest)
        self._jobs: list[Any] = []
        self.ids: list[int] = []

    def act(self, kind: str, *given: Any) -> None:
        if kind == "start":
            payload = {"pos": given[0], "what": given[1]}
            self.ids.append(start(self._database, self._cls, payload, order_key=self.key))
        elif kind == "claim":
            self._jobs += self._bench.write()
        elif kind == "run" and self._jobs:
            self._bench.run(self._jobs.pop(0))
            self._jobs += self._bench.write(claim=False)
        elif kind in ("restart", "abandon") and self.ids:
            self.by_a_person(kind, self.ids[given[0] % len(self.ids)])

    def by_a_person(self, kind: str, process_id: int) -> None:
        with suppress(ProcessManagerError), self._database.begin() as connection:
            if kind == "abandon":
                operations.abandon(connection, process_id, ADA)
            else:
                operations.restart(connection, process_id, ADA, registry=Registry([Message, Newest]))

    def work_off(self) -> None:
        while open_ := self.open():
            for each in open_:
                if each.status == "failed":
                    self.by_a_person("abandon", each.id)
            self.act("claim")
            self.act("run")

    def rows(self) -> list[Row]:
        """Its processes, those that ended first before the others."""
        return [Row(*each) for each in execute(self._database, ROWS, key=self.key)]

    def open(self) -> list[Row]:
        return [each for each in self.rows() if not each.is_over]

    def active(self) -> list[Row]:
        return [each for each in self.open() if (each.status, each.waiting_for) != ("waiting", "lane")]


@pytest.mark.parametrize("cls", [Message, Newest])
@given(actions=ACTIONS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_lane_is_handled_in_order(database: Database, cls: type[Message], actions: list[Any]) -> None:
    lane = Lane(database, cls)
    for action in actions:
        lane.act(*action)
        assert len(lane.active()) == (1 if lane.open() else 0)

    lane.work_off()

    rows = lane.rows()
    well = [each.position for each in rows if each.status == "succeeded" or (each.status == "skipped" and each.runs)]
    assert well == sorted(set(well))
    ((handled,),) = execute(database, "SELECT handled FROM lanes WHERE order_key = :key", key=lane.key) or [(None,)]
    assert handled == (well[-1] if well else None)
    passed = [each.position for each in rows if each.status == "skipped" and not each.runs]
    highest = max((each.position for each in rows), default="")
    assert all(position <= (handled or "") for position in passed) or cls is Newest
    assert all(position <= highest for position in passed)
