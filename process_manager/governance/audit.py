"""What was done, as the audit chain tells it to whoever may ask: the rows that they may see, and masked for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.actor import Actor
from process_manager.governance import permissions
from process_manager.governance.audit_rows import SHOWN
from process_manager.inspection import masking
from process_manager.inspection.masking import Shield
from process_manager.inspection.viewer import Viewer
from process_manager.redaction import MASK
from process_manager.store import audit_chain, audit_queries, queries
from process_manager.store.audit_queries import AuditFilter

__all__ = ["AuditEntry", "AuditFilter", "export", "lines", "page"]

PORTION: Final = 1_000
"""How many rows an export reads at once."""

_TEXTS: Final = ("reason", "message", "target", "before", "after")
"""What of a row may repeat what a process carries."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A row of the audit chain as a person sees it.

    It comes without its hash, by which somebody could try out what is masked in it or in a row before.
    """

    number: int
    at: datetime | None  # None where what stands there is none
    actor: str
    actor_kind: str
    role: str
    way: str
    address: str | None
    request_id: str | None
    act: str
    name: str | None
    process_id: int | None
    seq: int | None
    target: str | None
    reason: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    result: str
    message: str


def page(
    connection: sa.Connection, actor: Actor, which: AuditFilter, *, limit: int, viewer: Viewer
) -> list[AuditEntry]:
    """List the newest rows that match. The next page is the same filter `below` the last number of this one.

    Args:
        connection: A connection in any transaction.
        actor: Who asks.
        which: Which rows.
        limit: How many, at most.
        viewer: Which values they are shown.

    Returns:
        The rows, the newest first.

    Raises:
        Forbidden: The actor may not read the chain.
    """
    permissions.require(actor, "audit", which.name)
    seen = replace(which, kinds=_kinds(actor, viewer))
    shown: list[AuditEntry] = []
    while rows := audit_queries.page(connection, seen, limit=limit):
        found = _masked(connection, [_entry(each) for each in rows], viewer)
        shown += [each for each in found if which.target in (None, each.target)]  # none by what is masked
        if len(rows) < limit or len(shown) >= limit:
            break
        seen = replace(seen, below=rows[-1]["number"])
    return shown[:limit]


def export(connection: sa.Connection, actor: Actor, *, after: int, viewer: Viewer) -> Iterator[list[AuditEntry]]:
    """Yield all rows after a number, the oldest first, a portion at a time, as `page` shows them.

    Args:
        connection: A connection in any transaction.
        actor: Who asks.
        after: The number after which to begin; 0 for all.
        viewer: Which values they are shown.

    Yields:
        Some rows.

    Raises:
        Forbidden: The actor may not read the chain.
    """
    permissions.require(actor, "audit")
    kinds = _kinds(actor, viewer)
    while rows := audit_queries.after(connection, after, limit=PORTION, kinds=kinds):
        yield _masked(connection, [_entry(each) for each in rows], viewer)
        after = rows[-1]["number"]


def lines(connection: sa.Connection, actor: Actor, *, after: int) -> Iterator[list[str]]:
    """Yield all rows after a number as they are, a portion at a time: each line the JSON of which its hash is made.

    Whoever asks has revealed the chain by an act that is on it.

    Args:
        connection: A connection in any transaction.
        actor: Who asks.
        after: The number after which to begin; 0 for all.

    Yields:
        Some lines: an object of all columns, the hash among them.

    Raises:
        Forbidden: The actor may not read the chain.
    """
    permissions.require(actor, "audit")
    while rows := audit_queries.after(connection, after, limit=PORTION):
        yield [audit_chain.canonical(audit_queries.columns(each)) for each in rows]
        after = rows[-1]["number"]


def _kinds(actor: Actor, viewer: Viewer) -> frozenset[str] | None:
    """Return the names of the processes of which both may read; None for all."""
    readable = permissions.readable(actor)
    if viewer.kinds is None or readable is None:
        return viewer.kinds if readable is None else readable
    return viewer.kinds & readable


def _entry(row: sa.RowMapping) -> AuditEntry:
    facts = {name: _facts(row[name]) for name in ("before", "after")}
    columns = {name: row[name] for name in AuditEntry.__slots__}
    return AuditEntry(**{**columns, "at": audit_queries.moment(row["at"]), **facts})


def _facts(text: str | None) -> Mapping[str, Any] | None:
    """Return what stood before or after; of a text that no act has left, the text."""
    if text is None:
        return None
    try:
        found = serialization.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, Mapping) else {"unreadable": text}


# --- what is marked ---------------------------------------------------------------------------------------------------


def _masked(connection: sa.Connection, entries: Sequence[AuditEntry], viewer: Viewer) -> list[AuditEntry]:
    """Return the entries with what is marked in their processes masked."""
    if viewer.reveals:
        return list(entries)
    rows = queries.contents(connection, sorted({each for entry in entries for each in _concerned(entry)}))
    shields = masking.shields(connection, rows, viewer)
    there = {row["id"] for row in rows}
    return [_behind(entry, shields, there, viewer) for entry in entries]


def _concerned(entry: AuditEntry) -> set[int]:
    """Return the processes that an entry tells of."""
    told = [(entry.after or {}).get(key) for key in ("process", "rerun_as")]
    return {each for each in (entry.process_id, *told) if isinstance(each, int)}


def _behind(entry: AuditEntry, shields: Mapping[int, Shield], there: Collection[int], viewer: Viewer) -> AuditEntry:
    for each in sorted(_concerned(entry)):
        shield = shields.get(each)
        if each not in there and _marks_anything(entry, viewer):
            return _closed(entry)
        if shield is not None:
            shown: dict[str, Any] = {name: shield.value(getattr(entry, name)) for name in _TEXTS}
            entry = replace(entry, **shown)
    return entry


def _marks_anything(entry: AuditEntry, viewer: Viewer) -> bool:
    """Return whether anything is marked in the processes of this kind: of one that is gone, nobody knows the values."""
    version = (entry.before or {}).get("version")
    return not isinstance(version, int) or viewer.marks(entry.name or "", version) is not None


def _closed(entry: AuditEntry) -> AuditEntry:
    """Return the entry without anything that somebody typed."""
    texts: dict[str, Any] = {name: MASK for name in ("reason", "message", "target") if getattr(entry, name)}
    return replace(entry, before=_plain(entry.before), after=_plain(entry.after), **texts)


def _plain(facts: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return None if facts is None else {key: value if key in SHOWN else MASK for key, value in facts.items()}
