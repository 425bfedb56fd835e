"""Every statement that the engine runs, as SQL Server would be sent it: it compiles, and is T-SQL.

No statement was run on a SQL Server by these tests.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from rig import NOON, Three, start
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from tsql import complaints

from process_manager import store
from process_manager.database import Database, sqlserver
from process_manager.gates.switches import Switch
from process_manager.store import (
    claiming,
    commands,
    dedup_keys,
    due,
    files,
    filters,
    lane_sweep,
    lanes,
    ledger,
    permissions,
    queries,
    schema_impact,
    stop_requests,
    switches,
    workers,
)
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest, Range
from process_manager.store.filters import Filter
from process_manager.store.guarded_update import Change
from process_manager.store.json_rows import delete_rows
from process_manager.store.ledger import LedgerEntry, Taken, Taking
from process_manager.store.tables import processes
from process_manager.store.workers import Registered
from tests.store.test_sql import MSSQL, statements
from tests.store.verbs_of_children import OF_CHILDREN
from tests.store.verbs_of_events import OF_EVENTS
from tests.store.verbs_of_fleet import OF_FLEET
from tests.store.verbs_of_jobs import OF_JOBS
from tests.store.verbs_of_lane_rules import OF_LANE_RULES
from tests.store.verbs_of_limits import OF_LIMITS
from tests.store.verbs_of_pages import EVERYTHING, KINDS, OF_PAGES
from tests.store.verbs_of_schedules import OF_SCHEDULES
from tests.store.verbs_of_tasks import OF_TASKS

Verb = Callable[[sa.Connection], object]

ROWS = ["1", "2"]
ENTRY = LedgerEntry(1, "1", "b", 1, Taken.NOTED, NOON, None, None)
SWITCH = Switch("three", "SAP is down", "Ada", NOON, NOON)
WORKER = Registered("w", "h", 1, NOON, NOON, 8, ("default",), (("three", 1, ("a",)),))
FILE = {
    **dict.fromkeys(("id", "name", "content", "place", "label", "media_type", "created_by"), "f"),
    "created_at": NOON,
}
IN_TROUBLE = Filter(status=("waiting", "failed"), error="50 % of_it", name="three")
LEASE = Lease("w", NOON, NOON)
TWO = ClaimRequest((Range("three", 1, ("a",)), Range("three", 2, ("a", "b"))), ("default",), ("night",), ("tidy",))

ASKED: dict[str, Verb] = {
    **OF_FLEET,
    **OF_CHILDREN,
    **OF_EVENTS,
    **OF_TASKS,
    **OF_JOBS,
    **OF_LANE_RULES,
    **OF_LIMITS,
    **OF_PAGES,
    **OF_SCHEDULES,
    "claiming.claim_one": lambda c: [claiming.claim_one(c, 1, LEASE, leaves_pool=each) for each in (False, True)],
    "claiming.expired": lambda c: claiming.expired(c, now=NOON, limit=5),
    "claiming.held": lambda c: claiming.held(c, 1),
    "claiming.read": lambda c: claiming.read(c, [1, 2]),
    "claiming.held_by": lambda c: claiming.held_by(c, "w"),
    "claiming.renew": lambda c: claiming.renew(c, [(1, 1)], lease_ends_at=NOON),
    "claiming.still_held": lambda c: claiming.still_held(c, [(1, 1)]),
    "commands.open_process": lambda c: commands.open_process(c, "tidy"),
    "commands.newest": lambda c: commands.newest(c, ["tidy"]),
    "commands.errors": lambda c: commands.errors(c, ["tidy"], since=NOON, most=5),
    "commands.last_succeeded": lambda c: commands.last_succeeded(c, ["tidy"]),
    "commands.last_ended": lambda c: commands.last_ended(c, ["tidy"]),
    "due.channels": lambda c: due.channels(c, TWO, most=5),
    "due.longest_first": lambda c: due.longest_first(c, TWO),
    "due.next_due": lambda c: due.next_due(c, TWO),
    "filters.few": lambda c: filters.few(c, ("waiting",)),
    "files.bind": lambda c: files.bind(c, 1, ["f", "g"]),
    "files.complete": lambda c: files.complete(c, "f", size=1, sha256="00"),
    "files.delete_of_process": lambda c: files.delete_of_process(c, 1),
    "files.delete_pieces": lambda c: files.delete_pieces(c, ["f", "g"]),
    "files.delete_unbound": lambda c: files.delete_unbound(c, ["f", "g"]),
    "files.insert": lambda c: files.insert(c, FILE),
    "files.insert_piece": lambda c: files.insert_piece(c, "f", 0, b"x"),
    "files.of_process": lambda c: [files.of_process(c, 1, locked=each) for each in (False, True)],
    "files.piece": lambda c: files.piece(c, "f", 0),
    "files.unbound": lambda c: files.unbound(c, before=NOON, most=5),
    "files.unused": lambda c: files.unused(c, ["f", "g"]),
    "filters.narrowed": lambda c: filters.narrowed(c, IN_TROUBLE, limit=5),
    "filters.newest": lambda c: [filters.newest(c, f, limit=5) for f in (Filter(), EVERYTHING, IN_TROUBLE)],
    "filters.matching": lambda c: [filters.matching(c, f) for f in (EVERYTHING, IN_TROUBLE)],
    "filters.oldest": lambda c: [filters.oldest(c, f, above=3, limit=5) for f in (EVERYTHING, IN_TROUBLE)],
    "filters.count": lambda c: [filters.count(c, f) for f in (EVERYTHING, IN_TROUBLE)],
    "dedup_keys.holders": lambda c: dedup_keys.holders(c, [("three", "k")]),
    "lanes.heads": lambda c: lanes.heads(c, ["o"]),
    "lanes.advance": lambda c: lanes.advance(c, ["o"], now=NOON),
    "lanes.step_back": lambda c: lanes.step_back(c, "o", behind=1, now=NOON),
    "lanes.later_that_ran": lambda c: lanes.later_that_ran(c, "o", 1),
    "ledger.adopt": lambda c: ledger.adopt(c, source="s", process_id=1),
    "ledger.record": lambda c: ledger.record(c, Taking("s", "b", 1), ROWS, NOON),
    "ledger.open_entries": lambda c: ledger.open_entries(c, 1, [Taken.NOTED, Taken.QUEUED]),
    "ledger.count_open": lambda c: ledger.count_open(c, 1),
    "ledger.holders": lambda c: ledger.holders(c, "s", ROWS),
    "ledger.mark": lambda c: [ledger.mark(c, [ENTRY], state, NOON) for state in (Taken.CLAIMED, Taken.DONE)],
    "ledger.newest": lambda c: ledger.newest(c, "s", ROWS),
    "queries.installation_id": queries.installation_id,
    "queries.states": lambda c: [queries.states(c, [1, 2], locked=each) for each in (False, True)],
    "queries.process": lambda c: [queries.process(c, 1, kinds=each) for each in (None, KINDS)],
    "queries.processes_page": lambda c: [queries.processes_page(c, f, limit=5) for f in (Filter(), EVERYTHING)],
    "queries.column": lambda c: [queries.column(c, 1, name) for name in queries.COLUMNS],
    "queries.progress": lambda c: queries.progress(c, [1, 2]),
    "queries.due_in_each": lambda c: [
        queries.due_in_each(c, [(since, NOON), (NOON, NOON)], kinds=KINDS) for since in (None, NOON)
    ],
    "queries.newest_moment": lambda c: [queries.newest_moment(c, kinds=each) for each in (None, KINDS)],
    "queries.counts": lambda c: [queries.counts(c, kinds=each) for each in (None, KINDS, frozenset())],
    "queries.visible": lambda c: queries.visible(c, [1, 2], kinds=KINDS),
    "queries.contents": lambda c: queries.contents(c, [1, 2]),
    "queries.carried": lambda c: queries.carried(c, [1, 2]),
    "queries.newest_errors": lambda c: queries.newest_errors(c, [1, 2]),
    "queries.history": lambda c: queries.history(c, 1),
    "queries.evidence_of": lambda c: queries.evidence_of(c, 1),
    "queries.stands": lambda c: [queries.stands(c), queries.stands(c, due_by=NOON, kinds=KINDS)],
    "queries.durations": lambda c: queries.durations(c, "three", 1, "a", most=5),
    "permissions.missing": lambda c: list(permissions.missing(c)),
    "schema_impact.held": lambda c: schema_impact.held(c, now=NOON),
    "schema_impact.processes_kept": schema_impact.processes_kept,
    "schema_impact.workers_seen": lambda c: schema_impact.workers_seen(c, since=NOON),
    "lane_sweep.look": lambda c: lane_sweep.look(c, ""),
    "lane_sweep.make_due": lambda c: lane_sweep.make_due(c, {"o": 1}, now=NOON),
    "lane_sweep.count": lambda c: lane_sweep.count(c, [1], now=NOON),
    "lane_sweep.counted": lane_sweep.counted,
    "stop_requests.of": lambda c: stop_requests.of(c, [1, 2]),
    "stop_requests.forget": lambda c: stop_requests.forget(c, [1, 2]),
    "switches.thrown": switches.thrown,
    "switches.throw": lambda c: switches.throw(c, SWITCH),
    "switches.take_back": lambda c: switches.take_back(c, "three"),
    "switches.forget_ended": lambda c: switches.forget_ended(c, now=NOON),
    "schema_impact.acts_chained": schema_impact.acts_chained,
    "workers.register": lambda c: workers.register(c, WORKER),
    "workers.seen": lambda c: workers.seen(c, "w", now=NOON),
    "workers.seen_draining": lambda c: workers.seen_draining(c, "w", now=NOON),
    "workers.ask_to_drain": lambda c: workers.ask_to_drain(c, "w", now=NOON),
    "workers.of_name": lambda c: workers.of_name(c, "w"),
    "workers.names": workers.names,
    "workers.leave": lambda c: workers.leave(c, "w"),
    "workers.forget_gone": lambda c: workers.forget_gone(c, before=NOON),
    "workers.living": lambda c: workers.living(c, since=NOON),
}

ELSEWHERE = {
    "claiming.locked_by_others", "insert_new.insert_once", "dedup_keys.locked_by_others",
    "notify.hint_at_once",
    "invariants.broken", "invariants.due", "invariants.oldest_due_at", "stop_requests.ask",
    "guarded_update.apply", "claiming.claim_due", "claiming.due_ids", "dedup_keys.take",
    "dedup_keys.owners", "dedup_keys.release", "lanes.lock", "lanes.hold", "lane_rules.ended", "recording.record",
    "recording.mark", "recording.append", "evidence.keep", "starting.insert",
    "search_values.change", "sent.due_now", "sent.unmark", "limits.remove",
    "starting.take_back", "ambiguous_commits.recorded_before", "ambiguous_commits.is_recorded", "notify.hint",
}  # fmt: skip
"""Their statements have golden files of their own and are compiled here, or are of PostgreSQL alone."""


@contextmanager
def overheard(engine: sa.Engine) -> Iterator[list[tuple[ClauseElement, dict[str, Any]]]]:
    """Each statement that is run, before any database's words are found for it, with its parameters."""
    said: list[tuple[ClauseElement, dict[str, Any]]] = []

    def listen(_connection: object, statement: object, several: Any, one: Any, _options: object) -> None:
        assert isinstance(statement, ClauseElement)
        said.append((statement, dict(one or (several[0] if several else {}))))

    sa.event.listen(engine, "before_execute", listen)
    try:
        yield said
    finally:
        sa.event.remove(engine, "before_execute", listen)


def on_sql_server(statement: ClauseElement, values: dict[str, Any]) -> str:
    """The text that SQL Server would be sent."""
    compiled = statement.compile(dialect=MSSQL)
    assert isinstance(compiled, SQLCompiler)
    missing = {name: None for name, bind in compiled.binds.items() if bind.required}
    return str(compiled.construct_expanded_state({**missing, **values}).statement)


@pytest.mark.slow
@pytest.mark.parametrize("name", ASKED)
def test_a_verb_of_the_store_is_tsql(database: Database, name: str) -> None:
    start(database, Three, order_key="o", dedup_key="k")
    start(database, Three, order_key="o")
    with overheard(database.engine) as said, database.begin() as connection:
        ASKED[name](connection)

    texts = [on_sql_server(*each) for each in said]
    assert texts
    assert {text: complaints(text) for text in texts} == {text: [] for text in texts}


LISTS: dict[str, object] = {}
for number, steps in enumerate((["a", "b"], ["a"])):
    LISTS |= {f"name_{number}": "three", f"version_{number}": number, f"steps_{number}": steps}
    LISTS |= {f"channel_{number}": "night"}


@pytest.mark.slow
@pytest.mark.parametrize("name", statements("mssql"))
def test_a_golden_statement_is_tsql(name: str) -> None:
    found = statements("mssql")[name]
    text = on_sql_server(found.update if isinstance(found, Change) else found, LISTS)

    assert complaints(text) == []


@pytest.mark.slow
def test_a_claim_with_every_condition_is_tsql() -> None:
    found = claiming.claim_change(TWO.shape, "mssql")

    assert complaints(on_sql_server(found.update, TWO.values())) == []


def test_what_takes_processes_back_is_tsql() -> None:
    assert complaints(on_sql_server(delete_rows(processes, [processes.c.id], "mssql"), {})) == []


def test_what_a_session_is_told_is_tsql() -> None:
    assert complaints(sqlserver.SESSION_OPTIONS) == []


def test_no_verb_of_the_store_is_left_out() -> None:
    verbs = set()
    for found in pkgutil.iter_modules(store.__path__):
        module = import_module(f"process_manager.store.{found.name}")
        for name, each in inspect.getmembers(module, inspect.isfunction):
            takes = list(inspect.signature(each).parameters)
            if each.__module__ == module.__name__ and takes[:1] == ["connection"] and not name.startswith("_"):
                verbs.add(f"{found.name}.{name}")

    assert verbs - ELSEWHERE == set(ASKED)
    assert verbs >= ELSEWHERE
