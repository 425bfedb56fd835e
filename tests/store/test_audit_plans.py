"""Each question to the audit chain reads its rows by an index, however long the chain is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from process_manager.database import Database, connect, schema
from process_manager.store import audit_chain, audit_queries, tables
from process_manager.store.audit_chain import AuditRow
from process_manager.store.audit_queries import AuditFilter
from tests.store.test_query_plans import plans

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

FILTERS: dict[str, tuple[dict[str, Any], str]] = {
    "all": ({}, "audit"),
    "a page": ({"below": 900}, "PRIMARY KEY"),
    "an actor": ({"actor": "person 7"}, "ix_audit_actor"),
    "an act": ({"act": "abandon"}, "ix_audit_act"),
    "a name": ({"name": "letter"}, "ix_audit_name"),
    "a process": ({"process_id": 7}, "ix_audit_process"),
    "a target": ({"target": "three:7"}, "ix_audit_target"),
    "refusals": ({"result": "refused", "below": 900}, "ix_audit_result"),
    "an hour": ({"since": NOON + HOUR, "until": NOON + 2 * HOUR}, "ix_audit_at"),
    "some kinds": ({"kinds": frozenset({"letter", "three"})}, "audit"),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = connect(f"sqlite:///{(tmp_path_factory.mktemp('plans') / 'audit.db').as_posix()}")
    schema.require(made, wanted=tables.SCHEMA, tell=lambda _said: None)
    with made.begin() as connection:
        audit_chain.append(connection, [row(number) for number in range(1_000)])
    yield made
    made.close()


def row(number: int) -> AuditRow:
    return AuditRow(
        at=NOON + timedelta(minutes=number), actor=f"person {number % 50}", actor_kind="person", role="operator",
        way="page", act="restart" if number % 9 else "abandon", result="done" if number % 7 else "refused",
        name="three" if number % 5 else "letter", process_id=number, seq=1, target=f"three:{number}",
    )  # fmt: skip


@pytest.mark.parametrize(("which", "index"), FILTERS.values(), ids=FILTERS)
def test_a_question_is_answered_by_its_index(database: Database, which: dict[str, Any], index: str) -> None:
    with database.read() as connection:
        found = plans(connection, lambda c: audit_queries.page(c, AuditFilter(**which), limit=50))

    assert [line for line in found if index in line], found


def test_a_check_reads_each_portion_by_the_key(database: Database) -> None:
    with database.read() as connection:
        found = plans(connection, lambda c: audit_queries.after(c, 500, until=900, limit=100))

    assert found
    assert all("PRIMARY KEY" in line for line in found), found


def test_how_somebody_came_is_found_by_the_process(database: Database) -> None:
    with database.read() as connection:
        found = plans(connection, lambda c: audit_queries.ways(c, 7))

    assert all("ix_audit_process" in line for line in found), found
