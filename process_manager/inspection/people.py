"""What people did to a process: from its history, with the way that the audit chain knows, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.inspection.masking import Shield
from process_manager.inspection.step_history import History
from process_manager.message import Message

SAID: Final[Mapping[str, Message]] = {
    "restart": Message("restarted it"),
    "run-now": Message("let it run at once"),
    "abandon": Message("abandoned it"),
    "cancel": Message("asked it to stop"),
    "resolve": Message("resolved it"),
    "rerun": Message("ran it again"),
    "skip-step": Message("skipped a step"),
    "skip": Message("skipped it before it began"),
    "edit-payload": Message("edited its details"),
    "reveal": Message("looked at what is masked"),
    "answer": Message("answered what it asks"),
}
"""Each act as a part of a sentence about whoever did it."""

_CHAINED: Final[Mapping[str, Message]] = {
    "task-claim": Message("claimed what it asks"),
    "task-release": Message("released what it asks"),
    "task-reassign": Message("gave what it asks to others"),
}
"""The same of what has no row in the history."""

REFUSED: Final[Mapping[str, Message]] = {
    "restart": Message("tried to restart it"),
    "run-now": Message("tried to let it run at once"),
    "abandon": Message("tried to abandon it"),
    "cancel": Message("tried to stop it"),
    "resolve": Message("tried to resolve it"),
    "rerun": Message("tried to run it again"),
    "skip-step": Message("tried to skip a step"),
    "edit-payload": Message("tried to edit its details"),
    "reveal": Message("tried to look at what is masked"),
    "task-answer": Message("tried to answer what it asks"),
    "task-claim": Message("tried to claim what it asks"),
    "task-release": Message("tried to release what it asks"),
    "task-reassign": Message("tried to give what it asks to others"),
}
"""Each act as a part of a sentence about whoever was refused it."""


@dataclass(frozen=True, slots=True)
class PersonAct:
    """Something that somebody did, or was refused.

    Attributes:
        at: When.
        who: Who.
        act: Its name, such as `restart`.
        said: The same as a part of a sentence: `restarted it`.
        reason: Why.
        way: How they came; None where nobody knows.
        is_refused: Whether it was not done.
    """

    at: datetime
    who: str
    act: str
    said: Message
    reason: str
    way: str | None
    is_refused: bool = False


def people(told: Sequence[History], chained: Sequence[sa.RowMapping], shield: Shield | None) -> tuple[PersonAct, ...]:
    """Return what people did, the newest first.

    Args:
        told: The history of the process.
        chained: The rows of the audit chain about it.
        shield: What is masked of it.
    """
    ways = {row["seq"]: row["way"] for row in chained if row["seq"] is not None and row["result"] == "done"}
    recorded = [
        PersonAct(each.started_at, each.by, each.outcome, said(each.outcome), each.message, ways.get(each.seq))
        for each in told
        if each.by is not None
    ]
    chained_only = {"rerun", "reveal", *_CHAINED}
    only_chained = [row for row in chained if row["result"] == "refused" or row["act"] in chained_only]
    acts = [*recorded, *(_chained(row, shield) for row in only_chained)]
    return tuple(sorted(acts, key=lambda act: act.at, reverse=True))


def said(act: str) -> Message:
    """Return an act as what a sentence says of who did it."""
    return SAID.get(act) or _CHAINED.get(act) or Message("did this: %(act)s", act=act)


def tried(act: str) -> Message:
    """Return a refused act as what a sentence says of who asked for it."""
    return REFUSED.get(act) or Message("tried to do this: %(act)s", act=act)


def reruns(chained: Sequence[sa.RowMapping]) -> tuple[int, ...]:
    """Return the processes that repeat this one, as far as the audit chain tells of them here."""
    found = (_after(row).get("rerun_as") for row in chained if row["act"] == "rerun" and row["result"] == "done")
    return tuple(each for each in found if isinstance(each, int))


def _chained(row: sa.RowMapping, shield: Shield | None) -> PersonAct:
    reason = row["reason"] if shield is None else shield.value(row["reason"])
    refused = row["result"] == "refused"
    words = tried(row["act"]) if refused else said(row["act"])
    return PersonAct(row["at"], row["actor"], row["act"], words, reason, row["way"], refused)


def _after(row: sa.RowMapping) -> Mapping[str, Any]:
    return serialization.loads(row["after"]) if row["after"] else {}
