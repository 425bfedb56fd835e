"""What an act changed, as the page Audit says it: facts by their names, moments on the reader's clock."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from process_manager import serialization
from process_manager.governance.audit import AuditEntry
from process_manager.message import Message
from process_manager.web.moments import Calendar

COUNTED: Final = frozenset({"seq", "attempts", "version"})
"""What of a process says nothing of what an act did."""

NAMES: Final[Mapping[str, str]] = {
    "status": Message("status"),
    "step": Message("step"),
    "round": Message("round"),
    "message": Message("message"),
    "due_at": Message("next moment"),
    "reason": Message("reason"),
    "by": Message("by"),
    "until": Message("until"),
    "role": Message("role"),
    "kinds": Message("kinds"),
    "scopes": Message("scopes"),
    "expires_at": Message("ends"),
    "disabled": Message("disabled"),
    "revoked": Message("revoked"),
    "number": Message("number"),
    "declared": Message("in the code"),
    "stated_at": Message("signalled"),
    "woken": Message("woken"),
    "drain_asked_at": Message("asked to drain"),
    "rerun_as": Message("run again as"),
    "happened": Message("it happened"),
    "payload": Message("details"),
    "process": Message("process"),
    "batch": Message("batch"),
    "asked": Message("asked for"),
    "one_first": Message("one first"),
    "removed": Message("removed"),
    "paused": Message("paused"),
    "rule": Message("rule"),
    "zone": Message("zone"),
    "working_days": Message("working days"),
    "holidays": Message("holidays"),
    "missed": Message("missed times"),
    "overlap": Message("while one is open"),
    "jitter": Message("jitter"),
    "name": Message("called"),
    "group": Message("group"),
    "claimed_by": Message("claimed by"),
    "answer": Message("answer"),
    "description": Message("description"),
}
"""How a page calls a fact; one that is not among them keeps the name that the chain has."""

WORDS: Final = frozenset({"status", "role"})

_YES_NO: Final = {True: Message("Yes"), False: Message("No")}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AuditChange:
    """A fact that an act changed.

    Attributes:
        name: What it is called.
        before: How it stood; empty where it was not there.
        after: How it stands; empty where it is gone.
        is_word: Whether that is a word of the engine, which every language has.
    """

    name: str
    before: str
    after: str
    is_word: bool


def changes(entry: AuditEntry, calendar: Calendar) -> Sequence[AuditChange]:
    """Return what an act changed."""
    before, after = entry.before or {}, entry.after
    if after is None:
        return []
    names = [name for name in {**before, **after} if name not in COUNTED and before.get(name) != after.get(name)]
    return [
        AuditChange(NAMES.get(name, name), _fact(before, name, calendar), _fact(after, name, calendar), name in WORDS)
        for name in names
    ]


def _fact(facts: Mapping[str, Any], name: str, calendar: Calendar) -> str:
    value = facts.get(name)
    if isinstance(value, bool):
        return _YES_NO[value]
    if not isinstance(value, str):
        return "" if value is None else serialization.dumps(value)
    return _moment(value, calendar) if _MOMENT.fullmatch(value) else value


def _moment(text: str, calendar: Calendar) -> str:
    """Return a moment of the chain, which is in UTC where it does not say so, on the reader's clock."""
    with suppress(ValueError, OverflowError):
        found = datetime.fromisoformat(text)
        return calendar.moment(found if found.tzinfo is not None else found.replace(tzinfo=UTC))
    return text
