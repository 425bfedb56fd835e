"""Compare the tables of a database with those that this version of the code declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedIndex


class SchemaDrift(NamedTuple):
    """What is declared but missing, and what exists but is not declared: each as its kind and name."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def compare(connection: sa.Connection, declared: sa.MetaData) -> SchemaDrift:
    """Return the differences in tables, columns and indexes, by name; an index with other columns counts as both."""
    inspector = sa.inspect(connection)
    found = set(inspector.get_table_names()) - {"alembic_version"}
    wanted = {"table " + name for name in declared.tables}
    there = {"table " + name for name in found}
    for name in sorted(found & declared.tables.keys()):
        wanted.update(_declared(declared.tables[name]))
        there.update(_found(inspector, name))
    return SchemaDrift(tuple(sorted(wanted - there)), tuple(sorted(there - wanted)))


def _declared(table: sa.Table) -> Iterator[str]:
    yield from (f"column {table.name}.{column.name}" for column in table.columns)
    for index in table.indexes:
        yield _index(table.name, str(index.name), [column.name for column in index.columns])


def _found(inspector: sa.Inspector, table: str) -> Iterator[str]:
    yield from (f"column {table}.{column['name']}" for column in inspector.get_columns(table))
    of_foreign_keys = {key["name"] for key in inspector.get_foreign_keys(table)}  # MariaDB creates an index for each
    for index in inspector.get_indexes(table):
        if index["name"] not in of_foreign_keys and not _is_constraint(index):
            yield _index(table, str(index["name"]), [str(name) for name in index["column_names"]])


def _is_constraint(index: ReflectedIndex) -> bool:
    return "duplicates_constraint" in index


def _index(table: str, name: str, columns: list[str]) -> str:
    return f"index {name} on {table} ({', '.join(columns)})"
