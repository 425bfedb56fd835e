"""Addresses of lists that people keep under a name, for themselves or for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from process_manager.store.column_types import Moment, name_type, text_type
from process_manager.store.insert_new import insert_once
from process_manager.store.tables import NAME_LENGTH, REFERENCE_LENGTH, metadata

EVERYBODY: Final = ""
"""The owner of a view that all see."""

saved_views = sa.Table(
    "saved_views",
    metadata,
    sa.Column("owner", name_type(NAME_LENGTH), primary_key=True, doc="Who sees it; empty for everybody."),
    sa.Column("name", name_type(NAME_LENGTH), primary_key=True, doc="What it is called."),
    sa.Column("address", text_type, nullable=False, doc="The filters, as they stand in an address."),
    sa.Column("created_at", Moment, nullable=False, doc="When it was saved."),
    sa.Column("created_by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who saved it."),
    sqlite_with_rowid=False,
)
"""One row for each saved view of the list of processes."""

s = saved_views.c


def of(connection: sa.Connection, owner: str) -> Sequence[sa.RowMapping]:
    """Return the views that somebody sees: those for everybody first, then their own, each by name."""
    seen = sa.select(saved_views).where(s.owner.in_((EVERYBODY, owner))).order_by(s.owner, s.name)
    return connection.execute(seen).mappings().all()


def one(connection: sa.Connection, owner: str, name: str) -> sa.RowMapping | None:
    """Return the view of this owner with this name; None without one."""
    return connection.execute(sa.select(saved_views).where(s.owner == owner, s.name == name)).mappings().one_or_none()


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> bool:
    """Keep a view unless its owner has one of its name, and return whether it was kept."""
    return insert_once(connection, saved_views, row)


def delete(connection: sa.Connection, owner: str, name: str) -> bool:
    """Delete a view, and return whether it was there."""
    return bool(connection.execute(sa.delete(saved_views).where(s.owner == owner, s.name == name)).rowcount)
