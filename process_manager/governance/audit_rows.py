"""What the audit chain tells of an act: who, what, on what, why, before, after, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.actor import Actor
from process_manager.errors import (
    BatchEnded,
    Forbidden,
    HeldByAnother,
    ProcessManagerError,
    ReasonRequired,
    Refused,
    SwitchedOff,
    TaskClosed,
    TaskHeld,
    UnknownId,
)
from process_manager.governance.action import Action, Facts
from process_manager.store import audit_chain
from process_manager.store.audit_chain import AuditRow
from process_manager.store.tables import MESSAGE_LENGTH

T = TypeVar("T")
States = Mapping[int, sa.RowMapping]

REFUSALS: Final = (
    BatchEnded,
    Forbidden,
    ReasonRequired,
    Refused,
    HeldByAnother,
    SwitchedOff,
    TaskClosed,
    TaskHeld,
)
"""What the chain tells of: somebody wanted to do something to what is there, and was not let."""

UNSEEN: Final = "They do not see processes of this name, and were told that there is none with this id."
"""What the chain tells of an act on a process that is as if it were not there."""

SHOWN: Final = ("status", "step", "version", "round", "seq", "attempts")
"""What is told of how a process stands."""


@dataclass(frozen=True, slots=True)
class ActResult(Generic[T]):
    """What became of one act of a bulk.

    Attributes:
        action: What was to be done.
        value: What it answered, if it was done.
        problem: Why it was not done.
        number: Its number on the audit chain; None for what the chain does not tell of.
    """

    action: Action[T]
    value: T | None = None
    problem: ProcessManagerError | None = None
    number: int | None = None


class AuditedAct(NamedTuple):
    """What became of an act, how its target stood before and after where that is no process, and what it did along."""

    result: ActResult[Any]
    before: Facts | None
    after: Facts | None
    along: Sequence[int] = ()  # the other processes to which it did the same


def chain(
    connection: sa.Connection, actor: Actor, done: Sequence[AuditedAct], before: States, after: States
) -> list[ActResult[Any]]:
    """Add the acts to the chain, as the last that their transaction writes, and return them with their numbers.

    Args:
        connection: Inside the transaction of the acts.
        actor: Who acted.
        done: What became of each.
        before: How their processes stood, by id.
        after: How they stand now.
    """
    now = clock.now()
    told = {at: _row(each, actor, before, after, now) for at, each in enumerate(done) if _is_told(each.result, before)}
    more = [_along(row, id_, before, after) for at, row in told.items() for id_ in _done_along(done[at])]
    appended = audit_chain.append(connection, [*told.values(), *more])
    numbers = dict(zip(told, appended, strict=False))
    shown = {at: number for at, number in numbers.items() if not isinstance(done[at].result.problem, UnknownId)}
    return [replace(each.result, number=shown.get(at)) for at, each in enumerate(done)]


def _is_told(result: ActResult[Any], before: States) -> bool:
    action, problem = result.action, result.problem
    if not action.is_chained:
        return False
    if problem is None:
        return action.changed(result.value)
    return isinstance(problem, REFUSALS) or (isinstance(problem, UnknownId) and action.process_id in before)


def _row(act: AuditedAct, actor: Actor, before: States, after: States, now: datetime) -> AuditRow:
    action, problem = act.result.action, act.result.problem
    process = before.get(action.process_id or 0)
    more: tuple[Facts, Facts] = ({}, {}) if problem is not None else action.told(act.result.value)
    stands = after.get(action.process_id or 0)
    return AuditRow(
        at=now,
        actor=actor.name,
        actor_kind="person" if actor.is_person else "program",
        role=actor.role,
        way=actor.way,
        address=actor.address,
        request_id=actor.request_id,
        act=action.act,
        name=action.kind if process is None else process["name"],
        process_id=action.process_id,
        seq=_seq(process, stands),
        target=action.target,
        reason=serialization.clean(action.reason, MESSAGE_LENGTH),
        before=_json(act.before, process, more[0]),
        after=None if problem is not None else _json(act.after, stands, more[1]),
        result="done" if problem is None else "refused",
        message=_message(problem),
    )


def _done_along(act: AuditedAct) -> Sequence[int]:
    return act.along if act.result.problem is None else ()


def _along(row: AuditRow, id_: int, before: States, after: States) -> AuditRow:
    """Return the same act on another process."""
    process, stands = before[id_], after.get(id_)
    shown = replace(row, before=_json(None, process, {}), after=_json(None, stands, {}), seq=_seq(process, stands))
    return replace(shown, name=process["name"], process_id=id_, target=f"with process {row.process_id}")


def _message(problem: ProcessManagerError | None) -> str:
    if problem is None:
        return ""
    return UNSEEN if isinstance(problem, UnknownId) else serialization.clean(str(problem), MESSAGE_LENGTH)


def _seq(process: sa.RowMapping | None, stands: sa.RowMapping | None) -> int | None:
    """Return the row of its history that the act left; None when it left none."""
    return None if process is None or stands is None or stands["seq"] == process["seq"] else stands["seq"]


def _json(state: Facts | None, process: sa.RowMapping | None, more: Facts) -> str | None:
    shown = {} if process is None else {name: process[name] for name in SHOWN}
    facts = {**shown, **(state or {}), **more}
    return serialization.dumps(facts) if facts else None
