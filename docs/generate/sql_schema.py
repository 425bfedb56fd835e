"""The reference of the tables, from their metadata: columns, what each is for, its type on each database, indexes."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, postgresql, sqlite
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect

from docs.generate import markdown
from process_manager.store import (
    account_tables,
    audit_chain,
    batch_tables,
    bot_tables,
    event_tables,
    file_tables,
    join_tables,
    ledger,
    limit_tables,
    saved_views,
    schedule_tables,
    search_values,
    sent,
    tables,
    task_tables,
)

DIALECTS: Final[Mapping[str, sa.Dialect]] = {
    "SQLite": sqlite.dialect(),
    "PostgreSQL": postgresql.dialect(),  # type: ignore[no-untyped-call]  # it has no types
    "SQL Server": mssql.dialect(),  # type: ignore[no-untyped-call]
    "MariaDB": MariaDBDialect(),
}
INTRODUCTION: Final = """\
The engine makes and changes its tables by itself (`process-manager db upgrade`); `process-manager db sql` prints the
statements for whoever has the right to run them. Read from them as you like. Write only through the
[command line](command-line.md) or the [API](api/operations.md): a history that was changed by hand proves nothing.

A moment is kept in UTC. A column may be empty unless it says *always*."""


def page() -> str:
    """Return the page."""
    told = purposes()
    parts = [section(table, told.get(table.name, "")) for table in tables.metadata.tables.values()]
    return markdown.page("SQL schema", INTRODUCTION, f"This is schema {tables.SCHEMA}.", *parts)


def section(table: sa.Table, purpose: str) -> str:
    """Return what is said of one table."""
    columns = [(markdown.code(each.name), markdown.plain(_meaning(each))) for each in table.columns]
    types = [(markdown.code(each.name), *(_type(each, of) for of in DIALECTS.values())) for each in table.columns]
    indexes = [
        (markdown.code(each.name), ", ".join(_expressions(each)), "yes" if each.unique else "")
        for each in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    parts = [
        f"## {table.name}",
        markdown.plain(purpose),
        markdown.table(("column", "what it is for"), columns),
        markdown.folded("Types", markdown.table(("column", *DIALECTS), types)),
        markdown.folded("Indexes", markdown.table(("index", "on", "unique"), indexes)) if indexes else "",
    ]
    return "\n\n".join(part for part in parts if part)


def purposes() -> Mapping[str, str]:
    """Return what each table is for: the text below its assignment, as editors show it."""
    modules = (
        tables,
        ledger,
        audit_chain,
        account_tables,
        batch_tables,
        bot_tables,
        event_tables,
        file_tables,
        join_tables,
        limit_tables,
        search_values,
        task_tables,
        sent,
        saved_views,
        schedule_tables,
    )
    trees = (ast.parse(inspect.getsource(module)) for module in modules)
    return {name: text for tree in trees for name, text in _documented(tree)}


def _documented(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node, after in zip(tree.body, tree.body[1:], strict=False):
        match node, after:
            case ast.Assign(targets=[ast.Name(name)]), ast.Expr(ast.Constant(str(text))):
                yield name, " ".join(text.split())


def _meaning(column: sa.Column[object]) -> str:
    key = "Primary key. " if column.primary_key else ""
    always = "" if column.nullable or column.primary_key else "Always. "
    to = "".join(f"Refers to {each.target_fullname}. " for each in sorted(column.foreign_keys, key=str))
    return f"{key}{always}{column.doc or ''} {to}".strip()


def _type(column: sa.Column[object], dialect: sa.Dialect) -> str:
    return markdown.code(column.type.compile(dialect))


def _expressions(index: sa.Index) -> list[str]:
    return [markdown.code(getattr(each, "name", None) or str(each)) for each in index.expressions]
