"""PostgreSQL: in which schema the tables are found, and whether a pooler lies between."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

import sqlalchemy as sa


class SchemaLocation(NamedTuple):
    """Where the search path leads."""

    search_path: str
    found_in: tuple[str, ...]  # the schemas in which a statement finds our tables
    made_in: str | None  # where a table would be created
    elsewhere: tuple[str, ...]  # schemas with tables of the same names that are not on the search path
    is_pooled: bool


def ask(connection: sa.Connection, tables: Collection[str]) -> SchemaLocation:
    """Return where these tables are."""
    from process_manager.database import postgresql  # only when used: its driver may not be installed

    row = connection.execute(_WHERE, {"tables": list(tables)}).one()
    found = tuple(row.found_in)
    others = tuple(each for each in row.anywhere if each not in found)
    return SchemaLocation(row.search_path, found, row.made_in, others, postgresql.is_pooled(connection))


_WHERE: Final = sa.text(
    "SELECT current_setting('search_path') AS search_path, current_schema() AS made_in,"
    " ARRAY(SELECT DISTINCT n.nspname FROM unnest(CAST(:tables AS text[])) AS t(name)"
    " JOIN pg_class c ON c.oid = to_regclass(t.name) JOIN pg_namespace n ON n.oid = c.relnamespace"
    " ORDER BY 1) AS found_in,"
    " ARRAY(SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND c.relname IN ('alembic_version', 'process_steps')"
    " GROUP BY n.nspname HAVING count(*) = 2 ORDER BY 1) AS anywhere"
)
