"""Indexes hold what their own conditions, claims and foreign keys ask of them."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from process_manager.database import schema
from process_manager.lifecycle import Status
from process_manager.store import dedup_keys, filters
from process_manager.store.guarded_update import Change
from process_manager.store.indexes import metadata
from process_manager.store.ledger import Taken
from tests.store.test_sql import MSSQL, statements
from tests.store.test_sqlserver_text import LISTS, on_sql_server

INDEXES = {str(index.name): index for table in metadata.tables.values() for index in table.indexes}
NULLS = {
    name: re.findall(r"(\w+) IS NULL", str(index.dialect_options["mssql"]["where"]))
    for name, index in INDEXES.items()
    if index.dialect_options["mssql"]["where"] is not None
}


def held(index: sa.Index) -> set[str]:
    """The columns that SQL Server finds in it."""
    return {column.name for column in index.columns} | set(index.dialect_options["mssql"]["include"] or ())


@pytest.mark.parametrize("name", sorted(name for name, columns in NULLS.items() if columns))  # of a set: any order
def test_sql_server_finds_in_an_index_the_column_whose_null_is_its_condition(name: str) -> None:
    assert set(NULLS[name]) <= held(INDEXES[name])


def test_there_are_such_indexes() -> None:
    assert {name for name, columns in NULLS.items() if columns} >= {"ix_processes_place", "uq_ledger_open"}


@pytest.mark.parametrize("name", ["claim_by_channel", "claim_many_names", "claim_one_name"])
def test_sql_server_finds_all_that_a_claim_asks_of_a_due_row_in_its_index(name: str) -> None:
    found = statements("mssql")[name]
    assert isinstance(found, Change)

    ranges = re.findall(
        r"FROM processes WITH \(ROWLOCK, UPDLOCK[^)]*\)\s+WHERE (.*?) ORDER BY", on_sql_server(found.update, LISTS)
    )

    asked = {column for each in ranges for column in re.findall(r"processes\.(\w+)", each)}
    assert {"name", "version", "step", "due_at"} <= asked
    assert asked <= held(INDEXES["ix_processes_due"])


def test_the_key_of_a_command_is_there_too() -> None:
    assert "command_key" in held(INDEXES["ix_processes_due"])


def test_who_removes_a_row_finds_what_points_to_it_by_an_index() -> None:
    lacking = []
    for table in metadata.tables.values():
        leading = [tuple(table.primary_key.columns.keys()), *(tuple(index.columns.keys()) for index in table.indexes)]
        for key in table.foreign_key_constraints:
            columns = tuple(key.column_keys)
            if not any(each[: len(columns)] == columns for each in leading):
                lacking.append(f"{table.name} {columns}")

    assert lacking == []


def test_what_is_compared_by_the_databases_own_collation_is_told_apart_by_any() -> None:
    """Names, keys and steps have a binary one; the rest are words of ours, hashes, and who did it."""
    plain = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if type(column.type) is sa.Unicode and not collation(column)
    }
    words = [*Status, *Taken, *filters.ERRORS, dedup_keys.hashed("Æ")]

    assert plain == {
        "installation.uuid", "processes.status", "processes.waiting_for", "processes.worker", "processes.dedup_hash",
        "processes.created_by", "processes.created_way", "processes.request_id", "processes.stop_requested_by",
        "processes.stop_requested_reason", "process_steps.outcome",
        "process_steps.code", "process_steps.message", "process_steps.worker", "process_steps.by", "evidence.kind",
        "dedup_keys.key_hash", "dedup_keys.scope", "switches.reason", "switches.by", "workers.name", "workers.host",
        "ledger.state", "audit.actor", "audit.actor_kind", "audit.role", "audit.way", "audit.address",
        "audit.request_id", "audit.act", "audit.target", "audit.reason", "audit.result", "audit.message", "audit.hash",
        "audit_head.hash", "sessions.role", "files.place", "files.label", "files.media_type", "files.sha256",
        "files.created_by",
        "saved_views.created_by", "joins.waits", "event_signals.by", "event_signals.withdrawn_by",
        "schedules.rule", "schedules.zone", "schedules.working_days", "schedules.holidays",
        "schedules.missed", "schedules.overlap", "schedules.told", "schedules.paused_by", "schedules.paused_reason",
        "schedules.created_by",
        "users.role", "users.password_hash", "users.created_by", "tokens.hash", "tokens.hint",
        "tokens.created_by", "bots.description", "bots.created_by", "batches.act", "batches.reason", "batches.actor",
        "batches.way", "batches.address", "batches.request_id", "batches.ending", "batches.ended_by", "batches.runner",
        "batches.role", "limits.changed_by", "tasks.title", "tasks.form", "tasks.not_by",
            "tasks.remind_every", "tasks.zone", "tasks.answered_by", "tasks.answered_way",
            "batch_items.result", "batch_items.message",
    }  # fmt: skip
    assert [word for word in words if not re.fullmatch("[a-z0-9_]+", word)] == []


def collation(column: sa.Column[str]) -> str | None:
    return column.type.dialect_impl(MSSQL).collation  # type: ignore[attr-defined, no-any-return]


def test_only_sql_server_holds_columns_beside_the_key() -> None:
    """On PostgreSQL an index that holds a step would have each record of one write to every index."""
    for dialect in ("sqlite", "postgresql", "mariadb"):
        assert "INCLUDE" not in schema.statements(dialect, found="base", wanted="head")
    assert schema.statements("mssql", found="base", wanted="head").count(" INCLUDE (") == 10
