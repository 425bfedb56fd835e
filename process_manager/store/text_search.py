"""Search for one text in another, without the wildcards that LIKE has on each database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def contains(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Return the condition that the column contains the text literally, in upper or lower case.

    For letters beyond A to Z the case is ignored only where the database can: SQLite cannot.
    """
    return _Place(column, sa.literal(text, sa.Unicode())) > 0


class _Place(FunctionElement[int]):
    """The position of the second text in the first, counted from 1; 0 when it does not occur."""

    name = "place"
    type = sa.Integer()
    inherit_cache = True


def _texts(element: _Place, compiler: SQLCompiler, options: dict[str, Any]) -> list[str]:
    return [f"lower({compiler.process(each, **options)})" for each in element.clauses]


@compiles(_Place, "sqlite")
def _on_sqlite(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({', '.join(_texts(element, compiler, options))})"


@compiles(_Place, "postgresql")
def _on_postgresql(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({', '.join(_texts(element, compiler, options))})"


@compiles(_Place, "mssql")
def _on_mssql(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    # Many a database's collation ignores emoji, so that they match everywhere, and accents.
    whole, part = _texts(element, compiler, options)
    return f"CHARINDEX({part}, {whole} COLLATE Latin1_General_100_BIN2)"


@compiles(_Place, "mysql", "mariadb")
def _on_mariadb(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    whole, part = _texts(element, compiler, options)
    return f"LOCATE({part}, {whole} COLLATE utf8mb4_nopad_bin)"
