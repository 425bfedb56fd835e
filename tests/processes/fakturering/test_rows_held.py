"""The dispatch on SQL Server, where another session holds a row: it goes on with the others, and loses none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import fake_odbc
import pytest
from fake_server import Server
from office_on_sql_server import Invoices, ServedOffice

from process_manager import Done, Retry, Skip
from process_manager.integrations import databases

SENT = {1: "Afsendt", 2: "Afsendt", 3: "Afsendt"}


@pytest.fixture
def invoices() -> Invoices:
    return Invoices(dict(SENT))


@pytest.fixture
def served(furnished: Path, tmp_path: Path, invoices: Invoices) -> Iterator[ServedOffice]:
    shutil.copytree(furnished, tmp_path / "office")
    with fake_odbc.installed(Server(tmp_path, invoices)):
        yield ServedOffice(tmp_path / "office")
    databases.engine.cache_clear()


def crash_before_the_ledger_knows(served: ServedOffice, invoices: Invoices) -> None:
    """What a run leaves that claimed its rows and was killed before it wrote that down."""
    served.step("claim")
    served.change("UPDATE ledger SET state = 'noted', claimed_at = NULL", file=served.engine)
    invoices.asked.clear()


def test_the_dispatch_goes_on_with_the_others_while_another_session_holds_a_row(
    served: ServedOffice, invoices: Invoices
) -> None:
    invoices.held = {2}

    claim, *_rest = served.dispatch()

    assert claim == Done(
        "2 rows claimed; 1 row held by another session, left for the next run",
        {"batch": served.run("claim").idempotency_key},
    )
    assert served.references() == [1, 3]
    assert invoices.statuses == {1: "TilFakturering", 2: "Afsendt", 3: "TilFakturering"}
    assert "recognise" not in invoices.asked, "no row that was noted a moment ago can carry our mark"


def test_the_next_run_takes_the_row_that_was_held(served: ServedOffice, invoices: Invoices) -> None:
    invoices.held = {2}
    served.dispatch(process_id=1)
    invoices.held = set()

    served.dispatch(process_id=2)

    assert served.references() == [1, 2, 3]
    assert set(invoices.statuses.values()) == {"TilFakturering"}


def test_rows_that_a_killed_run_claimed_are_recognised(served: ServedOffice, invoices: Invoices) -> None:
    crash_before_the_ledger_knows(served, invoices)

    claim, *_rest = served.dispatch()

    assert claim.message == "3 rows claimed"
    assert served.references() == [1, 2, 3]


def test_a_row_that_a_killed_run_may_have_claimed_is_never_let_go_while_it_is_held(
    served: ServedOffice, invoices: Invoices
) -> None:
    crash_before_the_ledger_knows(served, invoices)
    invoices.held = {2}

    claim, *_rest = served.dispatch()
    before = (served.references(), served.ledger())
    invoices.held = set()
    served.dispatch()

    assert isinstance(claim, Done)
    assert claim.message == "2 rows claimed; 1 row held by another session, left for the next run"
    assert before == ([1, 3], {"done": 2, "noted": 1})
    assert served.references() == [1, 2, 3]
    assert set(invoices.statuses.values()) == {"TilFakturering"}


def test_a_run_that_finds_only_a_held_row_of_a_killed_one_leaves_it_noted(
    served: ServedOffice, invoices: Invoices
) -> None:
    invoices.statuses = {2: "Afsendt"}
    crash_before_the_ledger_knows(served, invoices)
    invoices.held = {2}

    answers = served.dispatch()

    assert answers == [Skip("nothing to do: 1 row held by another session, left for the next run")]
    assert served.ledger() == {"noted": 1}


def test_a_row_that_was_noted_and_deleted_is_let_go(served: ServedOffice, invoices: Invoices) -> None:
    crash_before_the_ledger_knows(served, invoices)
    del invoices.statuses[2]

    served.dispatch()

    assert served.references() == [1, 3]
    assert served.ledger() == {"done": 2, "let_go": 1}


def test_rows_that_cannot_be_recognised_for_a_lock_are_named_and_tried_again(
    served: ServedOffice, invoices: Invoices
) -> None:
    crash_before_the_ledger_knows(served, invoices)
    invoices.held_log = True

    answer = served.step("claim")
    invoices.held_log = False
    served.dispatch()

    assert answer == Retry(
        "rows 1, 2, 3: an earlier run may have claimed them, and another session has kept a lock on them or on their"
        " log for too long"
    )
    assert served.references() == [1, 2, 3]
