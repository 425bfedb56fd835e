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

SAID: Final[Mapping[str, str]] = {
    "restart": "restarted it",
    "abandon": "abandoned it",
    "cancel": "asked it to stop",
    "resolve": "resolved it",
    "rerun": "ran it again",
    "skip-step": "skipped a step",
    "edit-payload": "edited its details",
    "reveal": "looked at what is masked",
}
"""Each act as a part of a sentence about whoever did it."""

REFUSED: Final[Mapping[str, str]] = {act: f"was not let do this: {act}" for act in SAID}
ACTS: Final = (*SAID, *REFUSED.values())


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
    said: str
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
    only_chained = [row for row in chained if row["result"] == "refused" or row["act"] in ("rerun", "reveal")]
    acts = [*recorded, *(_chained(row, shield) for row in only_chained)]
    return tuple(sorted(acts, key=lambda act: act.at, reverse=True))


def said(act: str) -> str:
    """Return an act as what a sentence says of who did it."""
    return SAID.get(act, f"did this: {act}")


def reruns(chained: Sequence[sa.RowMapping]) -> tuple[int, ...]:
    """Return the processes that repeat this one, as far as the audit chain tells of them here."""
    found = (_after(row).get("rerun_as") for row in chained if row["act"] == "rerun" and row["result"] == "done")
    return tuple(each for each in found if isinstance(each, int))


def _chained(row: sa.RowMapping, shield: Shield | None) -> PersonAct:
    reason = row["reason"] if shield is None else shield.value(row["reason"])
    refused = row["result"] == "refused"
    words = REFUSED.get(row["act"], f"was not let do this: {row['act']}") if refused else said(row["act"])
    return PersonAct(row["at"], row["actor"], row["act"], words, reason, row["way"], refused)


def _after(row: sa.RowMapping) -> Mapping[str, Any]:
    return serialization.loads(row["after"]) if row["after"] else {}
