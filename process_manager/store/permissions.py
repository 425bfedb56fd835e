"""Test what the account may do with the tables: use each permission on no row, then roll back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from process_manager.database import error_codes
from process_manager.store.account_tables import sessions, sign_in_failures, sign_in_links, tokens, users
from process_manager.store.audit_chain import audit, audit_head
from process_manager.store.batch_tables import batch_items, batches
from process_manager.store.bot_tables import bot_jobs, bots
from process_manager.store.event_tables import event_signals, event_waits, events
from process_manager.store.file_tables import file_pieces, files
from process_manager.store.join_tables import children, joins
from process_manager.store.ledger import ledger
from process_manager.store.limit_tables import limits, seats
from process_manager.store.saved_views import saved_views
from process_manager.store.schedule_tables import schedules
from process_manager.store.search_values import search_values
from process_manager.store.sent import sent
from process_manager.store.tables import (
    dedup_keys,
    evidence,
    installation,
    lanes,
    left_behind,
    process_steps,
    processes,
    switches,
    workers,
)
from process_manager.store.task_tables import tasks

NEEDED: Final[Mapping[sa.Table, str]] = {
    installation: "SELECT UPDATE",  # to lock it
    lanes: "SELECT INSERT UPDATE",  # the same
    processes: "SELECT INSERT UPDATE DELETE",
    process_steps: "SELECT INSERT",
    evidence: "SELECT INSERT DELETE",
    dedup_keys: "SELECT INSERT UPDATE DELETE",
    ledger: "SELECT INSERT UPDATE",
    switches: "SELECT INSERT UPDATE DELETE",
    workers: "SELECT INSERT UPDATE DELETE",
    left_behind: "SELECT INSERT UPDATE",
    audit: "SELECT INSERT",  # neither UPDATE nor DELETE: who has none of them cannot alter what was done
    audit_head: "SELECT UPDATE",
    bots: "SELECT INSERT UPDATE DELETE",
    bot_jobs: "SELECT INSERT",
    batches: "SELECT INSERT UPDATE DELETE",
    batch_items: "SELECT INSERT UPDATE DELETE",
    users: "SELECT INSERT UPDATE",
    tokens: "SELECT INSERT UPDATE",
    sessions: "SELECT INSERT UPDATE DELETE",
    search_values: "SELECT INSERT DELETE",
    saved_views: "SELECT INSERT DELETE",
    schedules: "SELECT INSERT UPDATE DELETE",
    sign_in_failures: "SELECT INSERT UPDATE DELETE",
    sign_in_links: "SELECT INSERT DELETE",
    files: "SELECT INSERT UPDATE DELETE",
    file_pieces: "SELECT INSERT DELETE",
    sent: "SELECT INSERT DELETE",
    events: "SELECT INSERT UPDATE DELETE",
    event_signals: "SELECT INSERT UPDATE DELETE",
    event_waits: "SELECT INSERT UPDATE",
    children: "SELECT INSERT",
    joins: "SELECT INSERT UPDATE",
    tasks: "SELECT INSERT UPDATE",
    limits: "SELECT INSERT UPDATE",
    seats: "SELECT INSERT DELETE",
}
"""The permissions that the engine needs on each table."""

_NUMBERED: Final = (processes, ledger, tokens, bots, batches, tasks)
"""Tables whose ids PostgreSQL takes from a sequence, which has permissions of its own."""


def missing(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Yield each missing permission, such as `INSERT on lanes`, with the database's own message."""
    for table, verbs in NEEDED.items():
        for verb in verbs.split():
            problem = _refusal(connection, _without_effect(table, verb))
            if problem is not None:
                yield f"{verb} on {table.name}", problem
    if connection.dialect.name == "postgresql":
        for table in _NUMBERED:
            if not connection.execute(_SEQUENCE, {"table": table.name}).scalar():
                yield f"USAGE on the sequence of {table.name}.id", "permission denied for sequence"


_SEQUENCE: Final = sa.text("SELECT has_sequence_privilege(pg_get_serial_sequence(:table, 'id'), 'USAGE')")


def _refusal(connection: sa.Connection, statement: sa.Executable) -> str | None:
    try:
        with connection.begin_nested() as point:
            connection.execute(statement)
            point.rollback()
    except sa.exc.DBAPIError as error:
        if error_codes.is_broken(error):
            raise
        return error_codes.message(error)
    return None


def _without_effect(table: sa.Table, verb: str) -> sa.Executable:
    """Return a statement that needs the permission but touches no row."""
    column = list(table.columns)[-1]
    match verb:
        case "SELECT":
            return sa.select(column).where(sa.false())
        case "INSERT":
            # A strict MariaDB wants them all.
            given = [each for each in table.columns if each.autoincrement is not True]
            return sa.insert(table).from_select([each.name for each in given], sa.select(*given).where(sa.false()))
        case "UPDATE":
            return sa.update(table).where(sa.false()).values({column: column})
    return sa.delete(table).where(sa.false())
