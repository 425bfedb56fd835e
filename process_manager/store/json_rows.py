"""Many rows in one parameter: a JSON array of arrays as a table that a statement can join, on every database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import Moment, always

Shape = tuple[tuple[str, TypeEngine[Any]], ...]


Columns = tuple[sa.ColumnClause[Any], ...]

Source = Callable[..., sa.FromClause]
"""`json_rows` or `one_row`: a function that makes a table of the given rows."""


def json_rows(*columns: sa.ColumnClause[Any], parameter: str = "rows", alias: str = "r") -> sa.TableValuedAlias:
    """Return the rows of the JSON parameter as a table with the names and types of these columns, in their order."""
    return _table(sa.bindparam(parameter, type_=sa.UnicodeText()), columns, alias)


def given_ids(ids: Iterable[int]) -> sa.Select[int]:
    """Return the ids as rows: one parameter, however many there are."""
    document = sa.literal(pack((id_,) for id_ in sorted(set(ids))), sa.UnicodeText())
    return sa.select(_table(document, (number("id"),), "given").c.id)


def _table(document: sa.BindParameter[str], columns: Columns, alias: str) -> sa.TableValuedAlias:
    shape = tuple((column.name, column.type) for column in columns)
    rows = _JsonRows(document)
    rows.shape = shape
    return rows.table_valued(*(sa.column(name, kind) for name, kind in shape), name=alias)


def one_row(*columns: sa.ColumnClause[Any], parameter: str = "rows", alias: str = "r") -> sa.Subquery:
    """Return the same for a single row on PostgreSQL, each value a parameter of its own, as `spread` returns them.

    The server has no document to parse: that saves a tenth of the time that recording one step takes there.
    """
    values = (_one(sa.bindparam(f"{parameter}_{each.name}", type_=sa.UnicodeText()), each.type) for each in columns)
    return sa.select(*(value.label(each.name) for value, each in zip(values, columns, strict=True))).subquery(alias)


def _one(given: sa.BindParameter[str], kind: TypeEngine[Any]) -> sa.ColumnElement[Any]:
    if isinstance(kind, sa.Integer):
        return sa.cast(given, sa.BigInteger())
    return sa.cast(given.concat(always("+00")), kind) if isinstance(kind, Moment) else given


def spread(row: Sequence[Any], columns: Columns, *, parameter: str = "rows") -> dict[str, str | None]:
    """Return the parameters of a statement that takes this one row; each is a text, so that all share one plan."""
    names = _names(columns, parameter)
    return {name: None if value is None else str(value) for name, value in zip(names, row, strict=True)}


@lru_cache
def _names(columns: Columns, parameter: str) -> tuple[str, ...]:
    return tuple(f"{parameter}_{each.name}" for each in columns)


def number(name: str) -> sa.ColumnClause[int]:
    """Return an integer column that no table has."""
    return sa.column(name, _INTEGER)


_INTEGER: Final = sa.Integer()
"""One for all: two statements are the same for SQLAlchemy, and made into text once, when the types in `shape` are."""


def delete_rows(table: sa.Table, key: Sequence[sa.Column[Any]], dialect: str) -> sa.Delete:
    """Delete the rows of a table that have one of the given keys, found by its index."""
    r = json_rows(*key)
    if dialect == "sqlite":  # whose DELETE has no join
        return sa.delete(table).where(sa.tuple_(*key).in_(sa.select(r)))
    return hints.delete(table).where(*(column == r.c[column.name] for column in key))


def pack(rows: Iterable[Sequence[Any]]) -> str:
    """Return the rows as the JSON parameter."""
    return _encode(rows if isinstance(rows, list) else list(rows))


_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _JsonRows(FunctionElement[Any]):
    """A JSON array as rows, in each database's own function; datetimes are texts in UTC without an offset."""

    name = "json_rows"
    shape: Shape = ()
    _traverse_internals = [*FunctionElement._traverse_internals, ("shape", InternalTraversal.dp_plain_obj)]


@compiles(_JsonRows, "sqlite")
def _on_sqlite(element: _JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    picked = ", ".join(f"json_extract(value, '$[{at}]') AS {name}" for at, name, _ in _places(element, compiler))
    return f"(SELECT {picked} FROM json_each({_document(element, compiler, options)}))"  # noqa: S608 - our own names


@compiles(_JsonRows, "postgresql")
def _on_postgresql(element: _JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    picked = ", ".join(f"{_cast(at, kind)} AS {name}" for at, name, kind in _places(element, compiler))
    rows = f"jsonb_array_elements(CAST({_document(element, compiler, options)} AS JSONB))"
    return f"(SELECT {picked} FROM {rows} AS given(value) WHERE {_ESTIMATE_ONE_ROW})"  # noqa: S608 - our own names


_ESTIMATE_ONE_ROW: Final = "jsonb_typeof(value) = 'array'"
"""A condition that is true of every row, which PostgreSQL's planner does not know.

It then expects one row instead of a hundred and looks each up by its key. Otherwise it scans a whole table for as long
as that is small, or was when last analysed.
"""


def _cast(at: int, kind: TypeEngine[Any]) -> str:
    # Text is not cast: a cast to VARCHAR(n) would truncate what the column must refuse.
    if isinstance(kind, sa.Integer):
        return f"CAST(value ->> {at} AS BIGINT)"
    return f"CAST((value ->> {at}) || '+00' AS TIMESTAMPTZ)" if isinstance(kind, Moment) else f"(value ->> {at})"


@compiles(_JsonRows, "mssql")
def _on_mssql(element: _JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    places = list(_places(element, compiler))
    # Its texts have the collation of the database; SQL Server refuses to compare that with the collation of a name.
    picked = ", ".join(f"{name}{_collation(kind, compiler)} AS {name}" for _, name, kind in places)
    given = ", ".join(f"{name} {_mssql_type(kind)} '$[{at}]'" for at, name, kind in places)
    return f"(SELECT {picked} FROM OPENJSON({_document(element, compiler, options)}) WITH ({given}))"  # noqa: S608


def _mssql_type(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, sa.Integer):
        return "BIGINT"
    if isinstance(kind, Moment):
        return "DATETIME2(6)"
    return "NVARCHAR(max)" if getattr(kind, "length", None) is None else "NVARCHAR(4000)"


@compiles(_JsonRows, "mysql", "mariadb")
def _on_mariadb(element: _JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    given = ", ".join(
        f"{name} {_mariadb_type(kind, compiler)} PATH '$[{at}]'" for at, name, kind in _places(element, compiler)
    )
    return f"JSON_TABLE({_document(element, compiler, options)}, '$[*]' COLUMNS ({given}))"


def _mariadb_type(kind: TypeEngine[Any], compiler: SQLCompiler) -> str:
    if isinstance(kind, sa.Integer):
        return "BIGINT"
    if isinstance(kind, Moment):
        return "DATETIME(6)"
    collation = _collation(kind, compiler)
    return f"VARCHAR(4000){collation}" if collation else "LONGTEXT"


def _places(element: _JsonRows, compiler: SQLCompiler) -> Iterator[tuple[int, str, TypeEngine[Any]]]:
    """Yield each column's index in the row, its name as this database quotes it, and its type."""
    for at, (name, kind) in enumerate(element.shape):
        yield at, compiler.preparer.quote(name), kind


def _document(element: _JsonRows, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    return compiler.process(element.clauses, **options)


def _collation(kind: TypeEngine[Any], compiler: SQLCompiler) -> str:
    found = getattr(kind.dialect_impl(compiler.dialect), "collation", None)
    return f" COLLATE {found}" if found else ""
