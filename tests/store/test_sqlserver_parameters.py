"""What SQL Server is sent beside the text: no NULL, of which its driver would ask the server first, and fixed sizes.

No statement was run on a SQL Server by these tests.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import fake_odbc
import pytest
import sqlalchemy as sa
from fake_server import Answer, Server
from rig import NOON, Three, abandon, odd, restart, start, work
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

from process_manager import Reject, Retry, Wait, every
from process_manager.actor import Actor
from process_manager.database import Database, connect
from process_manager.gates.switches import Switch
from process_manager.lifecycle import intervention
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import HistoryEntry, Seen
from process_manager.operations import Act
from process_manager.operations import switches as switching
from process_manager.store import dedup_keys, queries, recording, starting, switches, transition_rows
from process_manager.store.starting import NewProcess
from tests.store.test_sql import MSSQL
from tests.store.test_sqlserver_text import ASKED, overheard

Said = list[tuple[ClauseElement, dict[str, Any]]]


def with_none(said: Said) -> list[str]:
    """The statements of which a parameter is None, as SQL Server would be sent them."""
    found = []
    for statement, values in said:
        compiled = statement.compile(dialect=MSSQL)
        if isinstance(compiled, SQLCompiler):
            state = compiled.construct_expanded_state({**compiled.params, **values})
            nones = [name for name, value in state.parameters.items() if value is None]
            found += [f"{nones}: {state.statement}"] if nones else []
    return found


@pytest.mark.parametrize("name", ASKED)
def test_a_verb_of_the_store_sends_no_null(database: Database, name: str) -> None:
    start(database, Three, order_key="o", dedup_key="k")
    with overheard(database.engine) as said, database.begin() as connection:
        ASKED[name](connection)

    assert said
    assert with_none(said) == []


def test_starting_working_and_every_act_send_no_null(database: Database) -> None:
    process = odd(lambda run: Wait("later", after=timedelta(hours=1)) if run.payload.get("waits") else Reject("no"))
    down = odd(lambda _run: Retry("SAP is down"), retry=every(seconds=1, attempts=1))
    fails = type("Fails", (down,), {"name": "fails"})
    with overheard(database.engine) as said:
        ids = [start(database, process, order_key="o", dedup_key="k"), start(database, process, {"waits": True})]
        ids += [start(database, fails, order_key="q", at=NOON), start(database, Three, order_key="q")]
        start(database, Three, order_key="p")
        work(database, process, Three, fails)
        restart(database, ids[0], process, fails)
        restart(database, ids[2], process, fails)
        work(database, process, Three, fails)
        abandon(database, ids[1])
        with database.begin() as connection:
            switching.disable(connection, "three", Act(Actor("Ada"), "SAP is down"))

    assert len(said) > 40
    assert with_none(said) == []


ADA = HistoryEntry("a", 0, "restart", "SAP is back", NOON, NOON, by="Ada")

ACTS: dict[str, Callable[[sa.Connection, Seen], object]] = {
    "restart": lambda c, seen: recording.record(c, [intervention.restarted(seen, NOON, ADA, reruns=None)]),
    "resolve": lambda c, seen: recording.record(
        c, [intervention.resolved(seen, NOON, ADA, step=None, payload='{"x":1}')]
    ),
    "abandon": lambda c, seen: recording.record(c, [intervention.abandoned(seen, NOON, ADA)]),
    "throw": lambda c, _seen: switches.throw(c, Switch("three", "SAP is down", "Ada", NOON, None)),
    "start": lambda c, _seen: starting.insert(
        c, [NewProcess("three", 1, "d", "a", "{}")], actor=Actor("Ada"), now=NOON
    ),
    "keys": lambda c, _seen: dedup_keys.release(c, [("three", None, 1), ("three", "k", 1)]),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_sends_no_null(database: Database, name: str) -> None:
    process_id = start(database, Three, order_key="o", dedup_key="k")
    with database.begin() as connection:
        claim, state = transition_rows.seen(queries.process(connection, process_id) or {})
        stands = {"resolve": Status.UNCERTAIN, "restart": Status.FAILED}.get(name, Status.PENDING)
        with overheard(database.engine) as said:
            ACTS[name](connection, Seen(claim, state._replace(status=stands)))

    assert said
    assert with_none(said) == []


def test_a_statement_is_sent_with_the_same_sizes_whatever_its_texts(odbc: Server) -> None:
    database = connect(fake_odbc.URL)
    odbc.script = lambda said: Answer(count=1) if "switches" in said.text else None
    for text in ("a", "a longer one", "x" * 2000):
        with database.begin() as connection:
            switches.throw(connection, Switch("key", text, text[:200], NOON, NOON))
            switches.take_back(connection, text[:3000])
    database.close()

    sizes = {said.text: set() for said in odbc.sent if "switches" in said.text}
    for said in odbc.sent:
        if said.text in sizes:
            sizes[said.text].add(said.sizes)
    assert [len(each) for each in sizes.values()] == [1, 1]
    assert all((-9, 4000, 0) in next(iter(each)) for each in sizes.values())


def test_a_text_that_is_longer_than_the_size_is_sent_without_one(odbc: Server) -> None:
    database = connect(fake_odbc.URL)
    odbc.script = lambda said: Answer(count=0) if "switches" in said.text else None
    with database.begin() as connection:
        switches.take_back(connection, "x" * 2001)
    database.close()

    assert [said.sizes for said in odbc.sent if "switches" in said.text] == [((-9, 0, 0),)]
