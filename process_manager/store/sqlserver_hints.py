"""Table hints for SQL Server, which otherwise chooses locks and look-ups by the size that it believes a table to have.

A plan that was made while a table was small scans all of it, and keeps or waits for the lock of every row it reads. SQL
Server also has no FOR UPDATE: a hint takes its place.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

Chosen = TypeVar("Chosen", bound=sa.Select[Any])

SEEK: Final = "WITH (FORCESEEK)"
"""Look up each given row by its index."""

SEEK_TO_CHANGE: Final = "WITH (ROWLOCK, FORCESEEK)"
"""Look up each given row to change it."""

LOCK: Final = "WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK)"
"""Lock each given row, and the gap of one that does not exist: nobody can insert it until the transaction ends."""

SKIP_LOCKED: Final = "WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK, FORCESEEK)"
"""Lock each given row and skip rows that others have locked, even where READ COMMITTED reads row versions."""

SKIP_LOCKED_IN_RANGE: Final = "WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK)"
"""Do the same for the rows of a range, in the order of its index."""

READ_PAST: Final = "WITH (READPAST, READCOMMITTEDLOCK)"
"""Read the rows of a range that nobody is changing."""

SEEK_PAST: Final = "WITH (READPAST, READCOMMITTEDLOCK, FORCESEEK)"
"""Look up each given row that nobody is changing."""

NO_LOCK: Final = "WITH (NOLOCK, FORCESEEK)"
"""Look up rows that others may be changing; rely only on their existence."""


def on(statement: Chosen, table: sa.FromClause, hint: str) -> Chosen:
    """Add a hint for SQL Server on one table of a statement."""
    return statement.with_hint(table, hint, dialect_name="mssql")


def in_order(rows: Chosen, dialect: str) -> Chosen:
    """Keep the order of rows inside a larger statement: SQL Server drops it unless an offset is given with it."""
    return rows.offset(0) if dialect == "mssql" else rows


def update(table: sa.Table) -> sa.Update:
    """Return an UPDATE that looks up each of the rows joined to it."""
    return _Update(table).with_hint(SEEK_TO_CHANGE, dialect_name="mssql")


def delete(table: sa.Table) -> sa.Delete:
    """Return a DELETE that looks up each of the rows joined to it."""
    return _Delete(table).with_hint(SEEK_TO_CHANGE, dialect_name="mssql")


class _Update(sa.Update):
    inherit_cache = True


class _Delete(sa.Delete):
    inherit_cache = True


@compiles(_Update, "mssql")
def _on_update(element: _Update, compiler: SQLCompiler, **options: Any) -> str:
    return _without_hint_on_target(compiler.visit_update(element, **options), "UPDATE", element, compiler)


@compiles(_Delete, "mssql")
def _on_delete(element: _Delete, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.visit_delete(element, **options)  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
    return _without_hint_on_target(text, "DELETE FROM", element, compiler)


def _without_hint_on_target(text: str, verb: str, element: _Update | _Delete, compiler: SQLCompiler) -> str:
    """Remove the hint from the target itself, which takes no FORCESEEK; the hint in FROM is for the same table."""
    name = compiler.preparer.format_table(element.table)
    return text.replace(f"{verb} {name} {SEEK_TO_CHANGE}", f"{verb} {name}", 1)
