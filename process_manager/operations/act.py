"""An act of a person or a program: who does it, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from process_manager import serialization
from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.lifecycle import search_terms
from process_manager.lifecycle.transition import HistoryEntry, Transition
from process_manager.operations.refusals import changed
from process_manager.store import event_waits, notify, recording


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and why.

    Attributes:
        actor: The person or program, for the history.
        reason: Why, for the history.
    """

    actor: Actor
    reason: str

    def entry(self, kind: str, step: str | None, now: datetime) -> HistoryEntry:
        """Return the history row that tells of it.

        Args:
            kind: What was done, such as `restart`.
            step: The step at which the process stands.
            now: The present moment.

        Returns:
            The row, without its number.
        """
        return HistoryEntry(step, 0, kind, serialization.clean(self.reason), now, now, by=self.actor.name)


def found_anew(transition: Transition, row: sa.RowMapping, registry: Registry) -> Transition:
    """Return a transition that changes the payload, with what the process of this row is found by from now on."""
    cls = registry.get(row["name"], row["version"])
    return transition if cls is None else search_terms.searchable(transition, cls.presentation.fields)


def record_acts(connection: sa.Connection, row: sa.RowMapping, transitions: Sequence[Transition]) -> None:
    """Record what an act on the process of this row makes of it and of others; raise Refused if one has changed."""
    ruled = [each._replace(has_lane_rules=True) for each in transitions]
    if len(recording.record(connection, ruled).kept) < len(ruled):
        raise changed(row)
    ended = [each.claim.id for each in transitions if each.rested is not None and each.rested.waiting_for == "event"]
    if ended:
        event_waits.end(connection, ended)
    notify.hint(connection)


def record_act(connection: sa.Connection, row: sa.RowMapping, transition: Transition) -> None:
    """Record what an act makes of the process of this row, and wake the workers; raise Refused if it has changed."""
    if not recording.record(connection, [transition._replace(has_lane_rules=True)]).kept:
        raise changed(row)
    before = transition.rested
    if before is not None and before.waiting_for == "event" and transition.state.waiting_for != "event":
        event_waits.end(connection, [transition.claim.id])
    notify.hint(connection)
