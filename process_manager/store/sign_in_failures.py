"""How many sign-ins have failed in the stretch of an address or a name: counted, looked up, forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from process_manager.store.account_tables import sign_in_failures
from process_manager.store.column_types import Moment
from process_manager.store.insert_new import insert_once

f = sign_in_failures.c


def key(kind: str, value: str, *, seconds: int) -> str:
    """Return the key of an address or a name, counted in stretches of so many seconds."""
    return hashlib.sha256(f"{kind}\0{value}\0{seconds}".encode("utf-8", "surrogatepass")).hexdigest()


def counted(connection: sa.Connection, keys: Collection[str], *, now: datetime) -> Mapping[str, tuple[int, datetime]]:
    """Return the failures of each key and when their stretch ends, without those whose stretch is over."""
    which = sa.select(f.key_hash, f.failures, f.ends_at).where(f.key_hash.in_(keys), f.ends_at > now)
    return {row.key_hash: (row.failures, row.ends_at) for row in connection.execute(which)}


def count(connection: sa.Connection, kept: str, *, now: datetime, ends_at: datetime) -> None:
    """Count a failure under a key; the first after the end of a stretch begins another, which lasts until `ends_at`."""
    if _counted_again(connection, kept, now, ends_at):
        return
    if not insert_once(connection, sign_in_failures, {"key_hash": kept, "failures": 1, "ends_at": ends_at}):
        _counted_again(connection, kept, now, ends_at)


def _counted_again(connection: sa.Connection, kept: str, now: datetime, ends_at: datetime) -> bool:
    goes_on = f.ends_at > now
    counts = (
        sa.update(sign_in_failures)
        .where(f.key_hash == kept)
        .ordered_values(  # MariaDB sets one after the other, and reads what it has set
            (f.failures, sa.case((goes_on, f.failures + 1), else_=1)),
            (f.ends_at, sa.case((goes_on, f.ends_at), else_=sa.literal(ends_at, Moment))),
        )
    )
    return bool(connection.execute(counts).rowcount)


def forget(connection: sa.Connection, keys: Collection[str]) -> None:
    """Forget the failures of these keys."""
    connection.execute(sa.delete(sign_in_failures).where(f.key_hash.in_(keys)))


def sweep(connection: sa.Connection, *, now: datetime) -> None:
    """Delete what is over."""
    connection.execute(sa.delete(sign_in_failures).where(f.ends_at <= now))
