"""A chain of rows that no two are alike, and what somebody does to it who does not make its hashes anew."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from process_manager.database import Database
from process_manager.store.audit_chain import AuditRow, audit, audit_head

AT = datetime(2026, 11, 30, 8, 15, 2, 70, tzinfo=UTC)
ROWS = 12
COLUMNS = [column.name for column in audit.columns if column.name != "number"]


def row(number: int) -> AuditRow:
    """A row in which every column has a value of its own."""
    return AuditRow(
        at=AT + timedelta(seconds=number), actor=f"person {number}", actor_kind="person", role="operator", way="page",
        address=f"10.0.0.{number}", request_id=f"r-{number}", act="restart", name="three", process_id=number,
        seq=number, target=f"target {number}", reason=f"reason {number}", before=f'{{"round":{number}}}',
        after=f'{{"round":{number + 1}}}', result="refused", message=f"message {number}",
    )  # fmt: skip


@contextmanager
def tampered(database: Database) -> Iterator[sa.Connection]:
    """A connection on which somebody alters what they like; nothing of it stays."""
    with database.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def alter(connection: sa.Connection, number: int, column: str) -> None:
    given: Any = {
        "at": AT - timedelta(days=1), "process_id": 99, "seq": 99, "result": "done", "actor_kind": "program",
        "role": "admin", "way": "api", "hash": "f" * 64,
    }.get(column, "another")  # fmt: skip
    connection.execute(sa.update(audit).where(audit.c.number == number).values({column: given}))


def delete(connection: sa.Connection, number: int) -> None:
    connection.execute(sa.delete(audit).where(audit.c.number == number))


def renumber(connection: sa.Connection, old: int, new: int) -> None:
    connection.execute(sa.update(audit).where(audit.c.number == old).values(number=new))


def insert(connection: sa.Connection, number: int) -> None:
    """Put in a copy of another row, and move up what is in the way."""
    for each in range(ROWS, number - 1, -1):
        renumber(connection, each, each + 1)
    copied = connection.execute(sa.select(audit).where(audit.c.number == (1 if number > 1 else 3))).mappings().one()
    connection.execute(sa.insert(audit).values({**copied, "number": number}))
    connection.execute(sa.update(audit_head).values(number=ROWS + 1))


def swap(connection: sa.Connection, one: int, other: int) -> None:
    renumber(connection, one, 1_000)
    renumber(connection, other, one)
    renumber(connection, 1_000, other)


def at_random(connection: sa.Connection, dice: random.Random) -> set[int]:
    """Do something to the chain, and return the rows that have to be named."""
    number = dice.randint(1, ROWS)
    match dice.choice(["alter", "delete", "insert", "swap"]):
        case "alter":
            alter(connection, number, dice.choice(COLUMNS))
            return {number}
        case "delete":
            delete(connection, number)
            return {number}
        case "insert":
            insert(connection, number)
            return {number}
        case _:
            other = dice.choice([each for each in range(1, ROWS + 1) if each != number])
            swap(connection, number, other)
            return {number, other}
