"""What somebody does to the audit chain who does not make its hashes anew: `verify` names it, whatever it is."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa
from rig import Three, execute, start
from tampering import AT, COLUMNS, ROWS, alter, at_random, delete, insert, renumber, row, swap, tampered

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.governance import Policies, acting
from process_manager.governance.process_actions import Abandon
from process_manager.inspection import audit_check
from process_manager.inspection.audit_check import MOST, Checked, Flaw, FlawKind, verify
from process_manager.store import audit_chain
from process_manager.store.audit_chain import START, AuditRow, audit, audit_head

ALTERED, MISSING, UNCHECKED = FlawKind.ALTERED, FlawKind.MISSING, FlawKind.UNCHECKED
CUT, BEHIND, END, INSERTED, NOTED = FlawKind.CUT, FlawKind.BEHIND, FlawKind.END, FlawKind.INSERTED, FlawKind.NOTED

NASTY = AuditRow(
    at=AT, actor="Åse Ø'Neil 🦉", actor_kind="person", role="operator", way="page", address="2001:db8::7",
    request_id="r-1", act="restart", name="fakturering", process_id=2**62, seq=3, target=None,
    reason='she said "now"\\ \t\n and \u2028 meant it ', before='{"status":"failed"}', after='{"status":"pending"}',
    result="done",
)  # fmt: skip


@pytest.fixture
def chain(database: Database) -> Database:
    """A chain of twelve rows."""
    with database.begin() as connection:
        audit_chain.append(connection, [row(number) for number in range(1, ROWS + 1)])
    return database


def found(connection: sa.Connection, **options: Any) -> list[Flaw]:
    return list(verify(connection, **options).flaws)


def named(flaws: list[Flaw]) -> set[int]:
    return {number for flaw in flaws for number in range(flaw.first, flaw.last + 1)}


@pytest.mark.every_database
def test_a_row_has_one_hash_on_every_database_and_is_read_as_it_was_written(database: Database) -> None:
    with database.begin() as connection:
        audit_chain.append(connection, [NASTY])

    with database.read() as connection:
        assert connection.execute(sa.select(audit.c.hash)).scalar_one() == HASH
        assert verify(connection) == Checked(1, 1, HASH)


HASH = "4ef3d146290535418451a436b357a63d4587120c667f3ac9977c3932b2b19d39"


@pytest.mark.every_database
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_to_a_row_is_named(chain: Database, seed: int) -> None:
    with tampered(chain) as connection:
        done = at_random(connection, random.Random(seed))  # noqa: S311 - no secret

        assert named(found(connection)) >= done


def test_a_hundred_of_a_hundred_are_named_and_the_chain_is_whole_again_without_them(chain: Database) -> None:
    missed = []
    for seed in range(100):
        with tampered(chain) as connection:
            done = at_random(connection, random.Random(1_000 + seed))  # noqa: S311 - no secret
            missed += [seed] if not named(found(connection)) >= done else []

    assert missed == []
    with chain.read() as connection:
        assert verify(connection).sound == [(1, ROWS)]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_row_in_which_one_column_was_altered_is_named_and_no_other(chain: Database, column: str) -> None:
    with tampered(chain) as connection:
        alter(connection, 5, column)

        assert verify(connection).sound == [(1, 4), (6, ROWS)]
        assert found(connection) == [Flaw(ALTERED, 5, 5)]


def test_a_row_that_is_gone_is_named_and_the_one_after_it_cannot_be_checked(chain: Database) -> None:
    with tampered(chain) as connection:
        delete(connection, 5)
        delete(connection, 6)

        assert found(connection) == [Flaw(MISSING, 5, 6), Flaw(UNCHECKED, 7, 7)]
        assert verify(connection).sound == [(1, 4), (8, ROWS)]


def test_a_row_that_was_put_in_is_named_and_all_that_were_moved_for_it(chain: Database) -> None:
    with tampered(chain) as connection:
        insert(connection, 5)

        assert [str(each) for each in found(connection)] == [
            f"rows 5 to {ROWS + 1}: not as written: altered, put in or moved"
        ]


def test_a_row_that_was_taken_out_so_that_no_number_is_missing_is_named(chain: Database) -> None:
    with tampered(chain) as connection:
        delete(connection, 5)
        for number in range(6, ROWS + 1):
            renumber(connection, number, number - 1)
        connection.execute(sa.update(audit_head).values(number=ROWS - 1))

        assert found(connection) == [Flaw(ALTERED, 5, ROWS - 1)]


def test_two_rows_that_changed_places_are_named(chain: Database) -> None:
    with tampered(chain) as connection:
        swap(connection, 3, 9)

        assert named(found(connection)) >= {3, 9}
        assert verify(connection).sound == [(1, 2), (5, 8), (11, ROWS)]


def test_rows_that_were_cut_from_the_end_are_named(chain: Database) -> None:
    with tampered(chain) as connection:
        delete(connection, ROWS)
        delete(connection, ROWS - 1)

        assert found(connection) == [Flaw(CUT, ROWS - 1, ROWS)]


def test_rows_behind_the_end_are_named(chain: Database) -> None:
    with tampered(chain) as connection:
        connection.execute(sa.update(audit_head).values(number=ROWS - 2))

        assert found(connection) == [Flaw(END, ROWS - 2, ROWS - 2), Flaw(BEHIND, ROWS - 1, ROWS)]


def test_an_end_that_is_gone_is_named(chain: Database) -> None:
    with tampered(chain) as connection:
        connection.execute(sa.text("UPDATE audit_head SET number = 'last'"))
        assert found(connection) == [Flaw(END, ROWS, ROWS)]

        connection.execute(sa.delete(audit_head))
        assert found(connection) == [Flaw(END, ROWS, ROWS)]


def test_who_cuts_the_chain_and_moves_its_end_back_is_found_out_by_what_was_noted(chain: Database) -> None:
    with chain.read() as connection:
        note = verify(connection)
    with tampered(chain) as connection:
        kept = connection.execute(sa.select(audit.c.hash).where(audit.c.number == ROWS - 1)).scalar_one()
        delete(connection, ROWS)
        connection.execute(sa.update(audit_head).values(number=ROWS - 1, hash=kept))

        assert found(connection) == []
        assert found(connection, noted=[(note.newest, note.hash)]) == [Flaw(NOTED, ROWS, ROWS)]


def test_who_makes_all_hashes_anew_is_found_out_by_what_was_noted(chain: Database) -> None:
    with chain.read() as connection:
        note = verify(connection)
    with tampered(chain) as connection:
        connection.execute(sa.delete(audit))
        connection.execute(sa.update(audit_head).values(number=0, hash=START))
        audit_chain.append(connection, [row(number + 1) for number in range(1, ROWS + 1)])

        assert found(connection) == []
        assert found(connection, noted=[(note.newest, note.hash)]) == [Flaw(NOTED, ROWS, ROWS)]


@pytest.mark.parametrize(
    ("sql", "flaws"),
    [
        ("at = 'soon' WHERE number = 5", [Flaw(ALTERED, 5, 5)]),
        ("at = replace(at, ' ', 'T') WHERE number = 5", [Flaw(ALTERED, 5, 5)]),
        ("reason = x'ff00' WHERE number = 5", [Flaw(ALTERED, 5, 5)]),
        ("reason = CAST(x'ff' AS TEXT) WHERE number = 5", [Flaw(ALTERED, 5, 5), Flaw(UNCHECKED, 6, 6)]),
        ("hash = CAST(x'ff' AS TEXT) WHERE number = 5", [Flaw(ALTERED, 5, 5), Flaw(UNCHECKED, 6, 6)]),
        ("process_id = 5.5 WHERE number = 5", [Flaw(ALTERED, 5, 5)]),
        ("number = 5.5 WHERE number = 6", [Flaw(INSERTED, 5, 5), Flaw(MISSING, 6, 6), Flaw(UNCHECKED, 7, 7)]),
        ("number = -1 WHERE number = 1", [Flaw(INSERTED, -1, -1), Flaw(MISSING, 1, 1), Flaw(UNCHECKED, 2, 2)]),
        ("number = 'last' WHERE number = 12", [Flaw(CUT, 12, 12), Flaw(BEHIND, 13, 13)]),
    ],
)  # fmt: skip
def test_what_no_act_can_have_written_is_named_and_ends_no_check(chain: Database, sql: str, flaws: list[Flaw]) -> None:
    with tampered(chain) as connection:
        connection.execute(sa.text(f"UPDATE audit SET {sql}"))  # noqa: S608 - of the table above

        assert found(connection) == flaws


def test_two_rows_side_by_side_whose_hashes_were_altered_are_named_and_no_third(chain: Database) -> None:
    with tampered(chain) as connection:
        for number in (5, 6):
            alter(connection, number, "hash")

        assert found(connection) == [Flaw(ALTERED, 5, 6)]


def test_of_many_flaws_a_hundred_are_told_and_the_others_counted(database: Database) -> None:
    with database.begin() as connection:
        audit_chain.append(connection, [row(number) for number in range(1, 2 * audit_check.PORTION + 501)])
        connection.execute(sa.update(audit).where(audit.c.number % 10 == 0).values(reason="x"))

    with database.read() as connection:
        checked = verify(connection)
    assert (len(checked.flaws), checked.more) == (MOST, 150)
    assert checked.flaws[-1] == Flaw(ALTERED, 1_000, 1_000)
    assert checked.sound[-1] == (991, 999)


def test_the_newest_alone_are_checked_where_no_more_is_asked_for(chain: Database) -> None:
    with tampered(chain) as connection:
        alter(connection, 2, "reason")
        assert verify(connection, most=5) == Checked(8, ROWS, verify(connection).hash)

        alter(connection, 8, "reason")
        assert found(connection, most=5) == [Flaw(ALTERED, 8, 8)]


def test_a_chain_is_read_in_portions(chain: Database) -> None:
    said: list[str] = []
    with chain.read() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *told: said.append(told[2]))
        verify(connection)

    assert len([each for each in said if "audit.reason" in each]) == 1


def test_acts_leave_a_chain_that_is_whole(database: Database) -> None:
    ids = [start(database, Three) for _ in range(3)]
    for each in ids:
        acting(database, Actor("ada\0 \ud800", address="x" * 999), Abandon(each, reason="\0x"), policies=Policies())

    with database.read() as connection:
        assert verify(connection).flaws == ()
    assert execute(database, "SELECT max(length(address)), count(*) FROM audit") == [(200, 3)]
