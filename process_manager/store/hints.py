"""What SQL Server is told of locks and look-ups, where it would choose by the size that it takes a table to have.

A plan that was made while a table was small reads all of it, and keeps, or waits for, the lock of each row it reads.
Nor does it know FOR UPDATE: where the others lock, it has a hint.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

Chosen = TypeVar("Chosen", bound=sa.Select[Any])

SOUGHT: Final = "WITH (FORCESEEK)"
"""Look up each row that is given."""

CHANGED: Final = "WITH (ROWLOCK, FORCESEEK)"
"""The same, to change it."""

HELD: Final = "WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK)"
"""Lock each row that is given, and the place of one that is not there: nobody makes it until the transaction ends."""

FREE: Final = "WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK, FORCESEEK)"
"""Lock each row that is given, and pass over what others hold, also where READ COMMITTED reads row versions."""

TAKEN: Final = "WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK)"
"""The same for rows of a range, which its index gives in their order."""

PASSED: Final = "WITH (READPAST, READCOMMITTEDLOCK)"
"""Look at the rows of a range that nobody changes just now."""

THERE: Final = "WITH (NOLOCK, FORCESEEK)"
"""Look up rows that others may be changing; only that they are there is believed."""


def on(statement: Chosen, table: sa.FromClause, hint: str) -> Chosen:
    """The statement with a hint for SQL Server on one of its tables."""
    return statement.with_hint(table, hint, dialect_name="mssql")


def in_order(rows: Chosen, dialect: str) -> Chosen:
    """The rows in their order within a statement, too: on SQL Server that is lost unless an offset is given with it."""
    return rows.offset(0) if dialect == "mssql" else rows


def update(table: sa.Table) -> sa.Update:
    """An update of rows that are joined to it, each of which is looked up."""
    return _Update(table).with_hint(CHANGED, dialect_name="mssql")


def delete(table: sa.Table) -> sa.Delete:
    """A delete of rows that are joined to it, each of which is looked up."""
    return _Delete(table).with_hint(CHANGED, dialect_name="mssql")


class _Update(sa.Update):
    inherit_cache = True


class _Delete(sa.Delete):
    inherit_cache = True


@compiles(_Update, "mssql")
def _on_update(element: _Update, compiler: SQLCompiler, **options: Any) -> str:
    return _hinted_where_it_is_joined(compiler.visit_update(element, **options), "UPDATE", element, compiler)


@compiles(_Delete, "mssql")
def _on_delete(element: _Delete, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.visit_delete(element, **options)  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
    return _hinted_where_it_is_joined(text, "DELETE FROM", element, compiler)


def _hinted_where_it_is_joined(text: str, verb: str, element: _Update | _Delete, compiler: SQLCompiler) -> str:
    """Without the hint on the target itself, which takes no FORCESEEK: that in its FROM is of the same table."""
    name = compiler.preparer.format_table(element.table)
    return text.replace(f"{verb} {name} {CHANGED}", f"{verb} {name}", 1)
