"""A process is found by the fields that its class declares, as they stand now, and nothing of them can be read back."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from rig import Three, start, work

from process_manager import Done, Process, StepRun, Upgrade, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.inspection import CONSOLE, Viewer, found
from process_manager.operations import Act
from process_manager.store.search_values import search_values, v
from tests.store.test_query_plans import overheard, plans, scans


class Claim(Process):
    name = "insurance-claim"
    search = ("number", "debtor.cvr")
    personal = ("cpr",)
    personal_search = ("cpr",)
    STEPS = {"ask": "ask", "tell": "tell"}

    def ask(self, run: StepRun) -> Done:
        return Done(payload=run.payload.get("answers"))

    def tell(self, run: StepRun) -> Done:
        return Done(payload={"told": True})


class Newer(Claim):
    name = "insurance-claim"
    version = 2
    search = ("number", "case")
    upgrades = {1: Upgrade()}
    STEPS = {"ask": "ask", "tell": "tell"}


REGISTRY = Registry([Claim])


def ids(database: Database, text: str, viewer: Viewer = CONSOLE) -> list[int]:
    with database.read() as connection:
        return list(found(connection, text, viewer=viewer))


def rows(database: Database) -> list[tuple[int, str]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(sa.select(v.process_id, v.field).order_by(*search_values.c))]


@pytest.mark.every_database
def test_a_process_is_found_by_its_fields_as_they_stand_now(database: Database) -> None:
    payload = {"number": " Ø-417/26 ", "debtor": {"cvr": 12345678}, "cpr": "010190-1111"}
    one = start(database, Claim, {**payload, "answers": {"number": "Ø-418", "debtor": {"cvr": None}}})
    two = start(database, Claim, {"number": "ø-417/26", "cpr": "020290-2222"}, order_key="o", dedup_key="k")

    before = [ids(database, text) for text in ("ø-417/26", "12345678", "010190-1111", "417", "020290-2222")]
    work(database, Claim)
    after = [ids(database, text) for text in ("Ø-417/26", "Ø-418", "12345678", "010190-1111")]

    assert before == [[two, one], [one], [one], [], [two]]
    assert after == [[two], [one], [], [one]]
    assert rows(database) == [(one, "cpr"), (one, "number"), (two, "cpr"), (two, "number")]


@pytest.mark.slow
@pytest.mark.every_database
def test_what_a_person_corrects_is_found_as_it_is_now(database: Database) -> None:
    one = start(database, Claim, {"number": "A-1"})

    with database.begin() as connection:
        operations.edit_payload(
            connection, one, Act(Actor("Ada"), "wrong"), registry=REGISTRY, changes={"number": "A-2"}
        )

    assert [ids(database, text) for text in ("A-1", "A-2")] == [[], [one]]


def test_who_goes_on_with_a_newer_version_is_found_by_what_that_declares(database: Database) -> None:
    one = start(database, Claim, {"number": "A-1", "case": "K-7"})

    work(database, Newer)

    assert [ids(database, text) for text in ("A-1", "K-7")] == [[one], [one]]


def test_nothing_of_a_value_stands_in_the_table(database: Database) -> None:
    start(database, Claim, {"number": "A-1", "cpr": "010190-1111"})
    other = start(database, Claim, {"number": "010190-1111"})

    with database.read() as connection:
        hashes = connection.execute(sa.select(v.process_id, v.field, v.value_hash)).all()

    assert all(len(row.value_hash) == 64 for row in hashes)
    assert not any("010190" in str(row) for row in hashes)
    assert len({row.value_hash for row in hashes}) == 2, "the same value is found in whatever field it stands"
    assert other in ids(database, "010190-1111")


def test_nobody_finds_a_kind_that_they_do_not_see(database: Database) -> None:
    one = start(database, Claim, {"number": "A-1"}, reference="A-1")

    assert ids(database, "A-1") == [one]
    assert ids(database, str(one)) == [one]
    for text in ("A-1", str(one)):
        assert ids(database, text, Viewer(kinds=frozenset({"letter"}))) == []


@pytest.mark.parametrize("text", ["", "  ", "x" * 201, "99999999999999999999", "½", "²"])
def test_what_nobody_has_is_found_nowhere(database: Database, text: str) -> None:
    start(database, Claim, {"number": "A-1"})

    assert ids(database, text) == []


@pytest.mark.parametrize("value", [True, None, ["A-1"], {"a": "A-1"}, "x" * 201, ""])
def test_what_is_no_short_value_is_not_kept(database: Database, value: Any) -> None:
    start(database, Claim, {"number": value})

    assert rows(database) == []


def test_a_class_that_declares_nothing_costs_nothing(database: Database) -> None:
    with overheard(database.engine) as said:
        start(database, Three, {"number": "A-1"})
        work(database, Three)

    assert [text for text, _values in said if "search_values" in text] == []


def test_a_value_is_found_by_its_index(database: Database) -> None:
    start(database, Claim, {"number": "A-1"})

    with database.read() as connection:
        lines = plans(connection, lambda c: found(c, "A-1"))

    assert [line for line in lines if "ix_search_values_hash" in line]
    assert [line for line in scans(lines) if "installation" not in line] == []
