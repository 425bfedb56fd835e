"""The verbs of the store that the pages, the API and the accounts ask, each with values for all that it takes."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rig import NOON

from process_manager.store import (
    attention,
    audit_chain,
    audit_queries,
    batches,
    board,
    capped_counts,
    causes,
    day_numbers,
    fleet,
    kinds,
    one_process,
    reports,
    saved_views,
    search_values,
    sessions,
    sign_in_failures,
    sign_in_links,
    tokens,
    urgency,
    users,
)
from process_manager.store.audit_chain import AuditRow
from process_manager.store.audit_queries import AuditFilter
from process_manager.store.batches import Holding
from process_manager.store.filters import Filter
from process_manager.store.reports import Ended
from process_manager.store.tables import processes

KINDS = frozenset({"three", "letter"})
RELATED = one_process.Related(3, [1, 2], "o")
ACT = AuditRow(NOON, "Ada", "person", "operator", "console", "restart", "done")
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
VIEW = {"owner": "ada", "name": "mine", "address": "status=open", "created_at": NOON, "created_by": "ada"}
EVERYTHING = Filter(
    status=("pending", "failed"), name="three", version=1, step="a", reference="26-1", channel="default",
    order_key="o", error="50 % of_it", created_since=NOON, created_until=NOON, updated_since=NOON,
    updated_until=NOON, below=9, ids=(1, 2), kinds=KINDS, cause=("0a", "0b"),
)  # fmt: skip
BATCH = {
    "act": "restart", "reason": "x", "asked": "{}", "actor": "ada", "is_person": 1, "way": "page", "created_at": NOON,
    "total": 2, "ramp": 0,
}  # fmt: skip
HELD = Holding(1, 1)
STRETCH = (NOON, NOON)
SOME = Ended(STRETCH, KINDS, one_in=7)
ALL_ACTS = AuditFilter("Ada", "restart", "three", 7, "tidy", "done", NOON, NOON, 9, KINDS)


def taken(connection: sa.Connection) -> None:
    """Take a batch that nobody holds."""
    made = batches.insert(connection, BATCH)
    batches.take(connection, made, runner="w", now=NOON, lease_ends_at=NOON)


def sorted_some(connection: sa.Connection) -> None:
    """Sort a process that stopped before causes were kept."""
    change = {"status": sa.text("'failed'"), "due_at": sa.null(), "waiting_for": sa.null(), "cause": causes.UNKNOWN}
    connection.execute(sa.update(processes).where(processes.c.id == 1).values(change))
    causes.sort_some(connection, most=9)


OF_PAGES: dict[str, Callable[[sa.Connection], object]] = {
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
    "attention.due": lambda c: attention.due(c, now=NOON, kinds=KINDS),
    "attention.longest_running": lambda c: attention.longest_running(c, most=9, kinds=KINDS),
    "attention.needs_a_person": lambda c: attention.needs_a_person(c, most=9, kinds=KINDS),
    "attention.waiting": lambda c: attention.waiting(c, since=NOON, now=NOON, most=(9, 9), kinds=KINDS),
    "board.ends": lambda c: board.ends(c, [1, 2]),
    "board.restarts": lambda c: board.restarts(c, [1, 2]),
    "capped_counts.capped_counts": lambda c: capped_counts.capped_counts(c, name="three", kinds=KINDS),
    "batches.change": lambda c: batches.change(c, HELD, {"position": 9}),
    "batches.choose": lambda c: batches.choose(c, batches.insert(c, BATCH), [1, 2]),
    "batches.counts_among": lambda c: batches.counts_among(c, [1, 2]),
    "batches.delete": lambda c: [
        batches.choose(c, made := batches.insert(c, BATCH), [1, 2]),
        batches.delete(c, made, most=9),
    ],
    "batches.ended": lambda c: batches.ended(c, before=NOON),
    "batches.end": lambda c: batches.end(c, 1, ending="asked", by="ada", now=NOON),
    "batches.following": lambda c: batches.following(c, 1, after=0, limit=9),
    "batches.insert": lambda c: batches.insert(c, BATCH),
    "batches.items": lambda c: [batches.items(c, 1, after=0, limit=9, result=each) for each in (None, "done")],
    "batches.note": lambda c: batches.note(c, 1, 1, [(1, "done", None)]),
    "batches.one": lambda c: batches.one(c, 1),
    "batches.open_ids": lambda c: batches.open_ids(c, now=NOON),
    "batches.page": lambda c: [batches.page(c, limit=9), batches.page(c, limit=9, below=7, kinds=KINDS, actor="ada")],
    "batches.standing": lambda c: batches.standing(c, 1, 1, after=0),
    "batches.take": taken,
    "batches.unchanged": lambda c: batches.unchanged(c, 1, (1, 9)),
    "causes.counted": lambda c: causes.counted(c, most=9),
    "causes.examples": lambda c: causes.examples(c, [1, 2]),
    "causes.passed": lambda c: causes.passed(c, ["three"], ["a"], since=NOON, newest_id=9),
    "causes.sort_some": sorted_some,
    "day_numbers.day": lambda c: day_numbers.day(c, since=NOON, most=9, kinds=KINDS),
    "fleet.due_by_key": lambda c: fleet.due_by_key(c, now=NOON, kinds=KINDS),
    "fleet.first_due": lambda c: fleet.first_due(c, NOON, NOON, most=9, kinds=KINDS),
    "fleet.held": lambda c: fleet.held(c, kinds=KINDS),
    "fleet.running": lambda c: fleet.running(c, most=9, kinds=KINDS),
    "kinds.elsewhere": lambda c: kinds.elsewhere(c, kinds=KINDS),
    "kinds.resting": lambda c: kinds.resting(c, now=NOON, kinds=KINDS),
    "kinds.resting_steps": lambda c: kinds.resting_steps(c, [("three", 1), ("letter", 2)]),
    "one_process.acts_on": lambda c: one_process.acts_on(c, 1, most=9),
    "one_process.newest_evidence": lambda c: one_process.newest_evidence(c, 1, most=9),
    "one_process.newest_history": lambda c: [
        one_process.newest_history(c, 1, most=9, below=each) for each in (None, 7)
    ],
    "one_process.passed": lambda c: one_process.passed(c, "three", "a", since=NOON, newest_id=9),
    "one_process.relatives": lambda c: one_process.relatives(c, RELATED, most=9, kinds=KINDS),
    "one_process.said_after": lambda c: one_process.said_after(c, 1, (1, 2), most=9),
    "saved_views.delete": lambda c: saved_views.delete(c, "ada", "mine"),
    "saved_views.insert": lambda c: saved_views.insert(c, VIEW),
    "saved_views.of": lambda c: saved_views.of(c, "ada"),
    "saved_views.one": lambda c: saved_views.one(c, "ada", "mine"),
    "search_values.found": lambda c: [search_values.found(c, "26-1", kinds=each, most=5) for each in (None, KINDS)],
    "search_values.keep": lambda c: search_values.keep(c, [(1, (("number", "26-1"), ("cvr", None)))]),
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
    "reports.per_stretch": lambda c: [reports.per_stretch(c, some) for some in ([STRETCH], [STRETCH] * 3)],
    "reports.stopped": lambda c: reports.stopped(c, STRETCH, most=9, kinds=KINDS),
    "reports.lived": lambda c: [reports.lived(c, each) for each in (Ended(STRETCH), SOME)],
    "reports.runs": lambda c: reports.runs(c, SOME),
    "reports.run_times": lambda c: reports.run_times(c, SOME),
    "reports.errors": lambda c: reports.errors(c, SOME, most=9),
    "reports.waits": lambda c: reports.waits(c, SOME, most=9),
    "sessions.of_user": lambda c: sessions.of_user(c, "ada"),
    "sessions.delete_of": lambda c: sessions.delete_of(c, "ada"),
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
    "users.signed_on": lambda c: users.signed_on(c, "ada", now=NOON, since=NOON),
    "users.signed_in": lambda c: users.signed_in(c, "ada", seen_hash="a", new_hash="b", now=NOON, since=NOON, most=10),
    "urgency.places": lambda c: [
        urgency.places(c, which, reach, limit=5)
        for which in (Filter(), Filter(ids=(1, 2)), EVERYTHING)
        for reach in (urgency.FIRST, urgency.Reach(urgency.Place(3, 7), is_back=True))
    ],
}
