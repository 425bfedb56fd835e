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

from process_manager import store
from process_manager.database import Database, sqlserver
from process_manager.gates.switches import Switch
from process_manager.store import (
    attention,
    audit_chain,
    audit_queries,
    capped_counts,
    claiming,
    commands,
    dedup_keys,
    due,
    filters,
    lane_sweep,
    lanes,
    ledger,
    one_process,
    permissions,
    queries,
    schema_impact,
    sessions,
    sign_in_failures,
    sign_in_links,
    switches,
    tokens,
    users,
    workers,
)
from process_manager.store.audit_chain import AuditRow
from process_manager.store.audit_queries import AuditFilter
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest, Range
from process_manager.store.filters import Filter
from process_manager.store.guarded_update import Change
from process_manager.store.json_rows import delete_rows
from process_manager.store.ledger import LedgerEntry, Taken, Taking
from process_manager.store.tables import processes
from process_manager.store.workers import Registered
from tests.store.test_invariants_sql import complaints
from tests.store.test_sql import MSSQL, statements

Verb = Callable[[sa.Connection], object]

ROWS = ["1", "2"]
ENTRY = LedgerEntry(1, "1", "b", 1, Taken.NOTED, NOON, None, None)
ACT = AuditRow(NOON, "Ada", "person", "operator", "console", "restart", "done")
SWITCH = Switch("three", "SAP is down", "Ada", NOON, NOON)
WORKER = Registered("w", "h", 1, NOON, NOON, 8, ("default",), (("three", 1, ("a",)),))
KINDS = frozenset({"three", "letter"})
LINK = {"hash": "00", "user_name": "ada", "expires_at": NOON}
SESSION = {
    "hash": "00", "user_name": "ada", "role": "viewer", "created_at": NOON, "seen_at": NOON, "expires_at": NOON,
}  # fmt: skip
TOKEN = {
    "name": "payroll", "hash": "00", "hint": "pm_x", "scopes": "{}", "created_at": NOON, "created_by": "Ada",
    "expires_at": NOON,
}  # fmt: skip
USER = {
    "name": "ada", "role": "admin", "kinds": None, "password_hash": "x", "password_changed_at": NOON,
    "created_at": NOON, "created_by": "Ada",
}  # fmt: skip
EVERYTHING = Filter(
    status=("pending", "failed"), name="three", version=1, step="a", reference="26-1", channel="default",
    order_key="o", error="50 % of_it", created_since=NOON, created_until=NOON, updated_since=NOON,
    updated_until=NOON, below=9, ids=(1, 2), kinds=KINDS,
)  # fmt: skip
ALL_ACTS = AuditFilter("Ada", "restart", "three", 7, "done", NOON, NOON, 9, KINDS)
IN_TROUBLE = Filter(status=("waiting", "failed"), error="50 % of_it", name="three")
LEASE = Lease("w", NOON, NOON)
TWO = ClaimRequest((Range("three", 1, ("a",)), Range("three", 2, ("a", "b"))), ("default",), ("night",), ("tidy",))

ASKED: dict[str, Verb] = {
    "audit_chain.append": lambda c: audit_chain.append(c, [ACT]),
    "audit_queries.page": lambda c: [audit_queries.page(c, f, limit=5) for f in (AuditFilter(), ALL_ACTS)],
    "audit_queries.end": audit_queries.end,
    "audit_queries.edges": audit_queries.edges,
    "audit_queries.after": lambda c: [
        audit_queries.after(c, 7, limit=5, until=9, kinds=each) for each in (None, KINDS)
    ],
    "audit_queries.numbers_after": lambda c: audit_queries.numbers_after(c, 7, until=9, limit=5),
    "audit_queries.one": lambda c: audit_queries.one(c, 7),
    "audit_queries.hash_at": lambda c: audit_queries.hash_at(c, 7),
    "audit_queries.ways": lambda c: audit_queries.ways(c, 7),
    "claiming.claim_one": lambda c: claiming.claim_one(c, 1, LEASE),
    "claiming.claim_these": lambda c: claiming.claim_these(c, [1, 2], LEASE),
    "claiming.expired": lambda c: claiming.expired(c, now=NOON, limit=5),
    "claiming.held": lambda c: claiming.held(c, 1),
    "claiming.read": lambda c: claiming.read(c, [1, 2]),
    "claiming.held_by": lambda c: claiming.held_by(c, "w"),
    "claiming.renew": lambda c: claiming.renew(c, [(1, 1)], lease_ends_at=NOON),
    "claiming.still_held": lambda c: claiming.still_held(c, [(1, 1)]),
    "commands.open_process": lambda c: commands.open_process(c, "tidy"),
    "commands.newest": lambda c: commands.newest(c, ["tidy"]),
    "commands.errors": lambda c: commands.errors(c, ["tidy"], since=NOON, most=5),
    "commands.last_ended": lambda c: commands.last_ended(c, ["tidy"]),
    "due.channels": lambda c: due.channels(c, TWO, most=5),
    "due.longest_first": lambda c: due.longest_first(c, TWO),
    "due.next_due": lambda c: due.next_due(c, TWO),
    "filters.narrowed": lambda c: filters.narrowed(c, IN_TROUBLE, limit=5),
    "filters.newest": lambda c: [filters.newest(c, f, limit=5) for f in (Filter(), EVERYTHING, IN_TROUBLE)],
    "filters.matching": lambda c: [filters.matching(c, f) for f in (EVERYTHING, IN_TROUBLE)],
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
    "queries.due_between": lambda c: [queries.due_between(c, since, NOON, kinds=KINDS) for since in (None, NOON)],
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
    "switches.thrown": switches.thrown,
    "switches.throw": lambda c: switches.throw(c, SWITCH),
    "switches.take_back": lambda c: switches.take_back(c, "three"),
    "switches.forget_ended": lambda c: switches.forget_ended(c, now=NOON),
    "attention.due": lambda c: attention.due(c, now=NOON, kinds=KINDS),
    "attention.due_per_hour": lambda c: attention.due_per_hour(c, now=NOON, hours=24, kinds=KINDS),
    "attention.in_trouble": lambda c: attention.in_trouble(c, most=9, kinds=KINDS),
    "attention.longest_running": lambda c: attention.longest_running(c, most=9, kinds=KINDS),
    "attention.since": lambda c: attention.since(c, NOON, most=9, kinds=KINDS),
    "capped_counts.capped_counts": lambda c: capped_counts.capped_counts(c, name="three", kinds=KINDS),
    "one_process.acts_on": lambda c: one_process.acts_on(c, 1, most=9),
    "one_process.in_lane": lambda c: one_process.in_lane(c, "o", most=9, kinds=KINDS),
    "one_process.named": lambda c: one_process.named(c, [1, 2], kinds=KINDS),
    "one_process.newest_evidence": lambda c: one_process.newest_evidence(c, 1, most=9),
    "one_process.newest_history": lambda c: one_process.newest_history(c, 1, most=9),
    "one_process.said_after": lambda c: one_process.said_after(c, 1, (1, 2), most=9),
    "schema_impact.acts_chained": schema_impact.acts_chained,
    "sessions.delete": lambda c: sessions.delete(c, "00"),
    "sessions.insert": lambda c: sessions.insert(c, SESSION),
    "sessions.renew": lambda c: sessions.renew(c, "00", new_hash="11", role="viewer", now=NOON),
    "sessions.seen": lambda c: sessions.seen(c, "00", now=NOON, since=NOON),
    "sessions.sweep": lambda c: sessions.sweep(c, now=NOON, idle_since=NOON),
    "sessions.with_user": lambda c: sessions.with_user(c, "00"),
    "sign_in_failures.counted": lambda c: sign_in_failures.counted(c, ["00", "11"], now=NOON),
    "sign_in_failures.count": lambda c: sign_in_failures.count(c, "00", now=NOON, ends_at=NOON),
    "sign_in_failures.forget": lambda c: sign_in_failures.forget(c, ["00", "11"]),
    "sign_in_failures.sweep": lambda c: sign_in_failures.sweep(c, now=NOON),
    "sign_in_links.insert": lambda c: sign_in_links.insert(c, LINK),
    "sign_in_links.user_name": lambda c: sign_in_links.user_name(c, "00", now=NOON),
    "sign_in_links.use": lambda c: sign_in_links.use(c, "00"),
    "sign_in_links.sweep": lambda c: sign_in_links.sweep(c, now=NOON),
    "tokens.insert": lambda c: tokens.insert(c, TOKEN),
    "tokens.by_hash": lambda c: tokens.by_hash(c, "00"),
    "tokens.one": lambda c: tokens.one(c, 1),
    "tokens.every": tokens.every,
    "tokens.revoke": lambda c: tokens.revoke(c, 1, now=NOON),
    "tokens.used": lambda c: tokens.used(c, 1, now=NOON, since=NOON),
    "users.insert": lambda c: users.insert(c, USER),
    "users.one": lambda c: users.one(c, "ada"),
    "users.every": users.every,
    "users.change": lambda c: users.change(c, "ada", {"kinds": None, "role": "viewer", "disabled_at": NOON}),
    "users.count_failure": lambda c: users.count_failure(c, "ada", now=NOON, since=NOON, most=10),
    "users.signed_in": lambda c: users.signed_in(c, "ada", seen_hash="a", new_hash="b", now=NOON, since=NOON, most=10),
    "workers.register": lambda c: workers.register(c, WORKER),
    "workers.seen": lambda c: workers.seen(c, "w", now=NOON),
    "workers.leave": lambda c: workers.leave(c, "w"),
    "workers.forget_gone": lambda c: workers.forget_gone(c, before=NOON),
    "workers.living": lambda c: workers.living(c, since=NOON),
}

ELSEWHERE = {
    "claiming.locked_by_others", "insert_new.insert_once", "dedup_keys.locked_by_others",
    "invariants.broken", "invariants.due",
    "invariants.oldest_due", "invariants.oldest_due_at",
    "guarded_update.apply", "claiming.claim_due", "claiming.due_ids", "dedup_keys.take",
    "dedup_keys.owners", "dedup_keys.release", "lanes.lock", "lanes.hold", "recording.record",
    "recording.mark", "recording.append", "evidence.keep", "starting.insert",
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
