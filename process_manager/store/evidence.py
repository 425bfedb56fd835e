"""Store the evidence that steps leave while they run: exchanges, log lines and progress."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa

from process_manager.lifecycle.evidence import Evidence
from process_manager.store.column_types import moment_text
from process_manager.store.json_rows import delete_rows, json_rows, pack
from process_manager.store.tables import evidence

e = evidence.c

_COLUMNS = tuple(e)


def keep(connection: sa.Connection, pieces: Sequence[Evidence]) -> None:
    """Store evidence; of a step's progress only the newest is kept, and what is already stored is not stored twice."""
    if not pieces:
        return
    newest = {(each.process_id, each.seq, each.number): each for each in pieces}
    rows = [
        (each.process_id, each.seq, each.number, each.kind, moment_text(each.made_at), each.body)
        for each in newest.values()
    ]
    connection.execute(forget_statement(connection.dialect.name), {"rows": pack(row[:3] for row in rows)})
    connection.execute(keep_statement(), {"rows": pack(rows)})


@lru_cache
def forget_statement(dialect: str) -> sa.Delete:
    """Delete the evidence that is about to be stored again: progress is replaced in place."""
    return delete_rows(evidence, (e.process_id, e.seq, e.number), dialect)


@lru_cache
def keep_statement() -> sa.Insert:
    """Insert every piece of evidence of the batch at once."""
    return sa.insert(evidence).from_select([column.name for column in _COLUMNS], sa.select(json_rows(*_COLUMNS)))
