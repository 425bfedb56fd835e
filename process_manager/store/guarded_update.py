"""Updates of processes that return the rows they changed, also on a database whose UPDATE has no RETURNING."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.visitors import iterate

from process_manager.database import ask
from process_manager.store import sqlserver_hints as hints
from process_manager.store.tables import processes

p = processes.c

MOST_IDS: Final = 10_000
"""The most ids in one statement: a database refuses a statement with more than 65,535 parameters."""


class Change(NamedTuple):
    """One guarded update: as one statement and, for MariaDB, as three with the same effect in one transaction."""

    update: sa.UpdateBase  # with RETURNING
    picks: sa.Select[int]  # the ids of the rows, locked
    change: sa.Update
    rows: sa.Select[*tuple[Any, ...]]  # those rows, as they are now


def change(
    conditions: Sequence[sa.ColumnElement[bool]],
    values: Mapping[str, object],
    *returns: sa.ColumnElement[Any],
    picks: sa.Select[int] | None = None,
) -> Change:
    """Build an update of the rows that meet the conditions.

    Args:
        conditions: What a row must meet to be changed.
        values: The new values by column name.
        returns: The columns to return of each changed row; by default its id.
        picks: The query that finds and locks the rows, where one statement cannot do it.
    """
    returns = returns or (p.id,)
    among = p.id.in_(sa.bindparam("picked", expanding=True))
    second = sa.update(processes).where(among, *([] if picks is not None else conditions)).values(values)
    return Change(
        hints.update(processes).where(*conditions).values(values).returning(*returns),
        picks if picks is not None else _picks(conditions),
        second,
        sa.select(*returns).where(among),
    )


def _picks(conditions: Sequence[sa.ColumnElement[bool]]) -> sa.Select[int]:
    """Select the rows by their ids; otherwise MariaDB may lock all running rows and wait for those locked by others."""
    found = sa.select(p.id).where(*conditions)
    columns = [each for condition in conditions for each in iterate(condition) if isinstance(each, sa.ColumnClause)]
    given = {each.table for each in columns if isinstance(each.table, sa.TableValuedAlias)}
    found = found.select_from(*given, processes).prefix_with("STRAIGHT_JOIN", dialect="mariadb")
    return found.with_hint(processes, "FORCE INDEX (PRIMARY)", dialect_name="mariadb").with_for_update()


def apply(connection: sa.Connection, wanted: Change, given: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """Run the update and return the rows that it changed."""
    if connection.dialect.update_returning:
        return ask(connection, wanted.update, given)
    picked = list(connection.execute(wanted.picks, given).scalars())
    if not picked:
        return []
    known = _parameter_names(wanted.change, connection.dialect)
    values = {name: value for name, value in given.items() if name in known}
    found: list[Sequence[Any]] = []
    for ids in in_portions(picked):
        connection.execute(wanted.change, {**values, "picked": ids})
        found += connection.execute(wanted.rows, {"picked": ids})
    return found


def in_portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the ids in portions small enough for one statement."""
    for first in range(0, len(ids), MOST_IDS):
        yield ids[first : first + MOST_IDS]


@lru_cache
def _parameter_names(statement: sa.Update, dialect: Dialect) -> frozenset[str]:
    """Return the names of an update's parameters: SQLAlchemy refuses any other."""
    return frozenset(statement.compile(dialect=dialect).binds)
