"""Many rows in one parameter: a JSON array of arrays as a table that a statement can join."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa


def json_rows(*columns: str, parameter: str = "rows", alias: str = "r") -> sa.FromClause:
    """The rows of the JSON parameter with these columns, in the order in which each row carries them."""
    picked = ", ".join(f"json_extract(value, '$[{place}]') AS \"{name}\"" for place, name in enumerate(columns))
    statement = sa.text(f"SELECT {picked} FROM json_each(:{parameter})")  # noqa: S608 - names of our own columns
    typed = [sa.column(name, sa.types.NullType()) for name in columns]
    return statement.columns(*typed).subquery(alias)


def pack(rows: Iterable[Sequence[Any]]) -> str:
    """The JSON parameter that carries these rows."""
    return json.dumps(list(rows), ensure_ascii=False, separators=(",", ":"))
