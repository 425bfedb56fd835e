"""The one way in for whoever acts: who may, the act, and its row on the chain, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final, Generic, NamedTuple, TypeVar

import sqlalchemy as sa

from process_manager import logs
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import FateUnknown, ProcessManagerError, UnknownId
from process_manager.governance import audit_rows, permissions
from process_manager.governance.action import Action, ProcessAction, Stand
from process_manager.governance.audit_rows import ActResult, AuditedAct, States
from process_manager.governance.policies import Policies
from process_manager.message import Message
from process_manager.operations import refusals
from process_manager.store import lanes, queries

T = TypeVar("T")
Matching = Callable[[sa.Connection, Sequence[int]], Collection[int]]
"""Which of these processes still match what a bulk is for."""
Noting = Callable[[sa.Connection, Sequence[ActResult[Any]]], None]
"""What else is written of acts, in their transaction."""

log = logs.get(__name__)

AT_ONCE: Final = 100
"""How many acts of a bulk one transaction holds at most: others wait for the rows, and for the end of the chain."""


@dataclass(frozen=True, slots=True)
class Acted(Generic[T]):
    """An act that was done.

    Attributes:
        value: What it answered.
        number: Its number on the audit chain; None for what its own row tells of.
    """

    value: T
    number: int | None


@dataclass(frozen=True, slots=True)
class Requested:
    """An act that a second person has to approve first; nothing is done yet.

    Attributes:
        number: The number of the request.
    """

    number: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every act of one call."""

    actor: Actor
    policies: Policies
    matching: Matching | None = None
    dry_run: bool = False
    noting: Noting | None = None


class _Stand(NamedTuple):
    """How what is acted on stands, locked, and which of it still matches what a bulk is for; None: all."""

    before: States
    fitting: frozenset[int] | None


def acting(
    database: Database, actor: Actor, action: Action[T], *, policies: Policies, dry_run: bool = False
) -> Acted[T] | Requested:
    """Do an act in a transaction of its own; its row on the audit chain is the last that it writes.

    Args:
        database: The engine's database.
        actor: Who acts.
        action: What is to be done.
        policies: Which acts need a reason.
        dry_run: Do it and take it back.

    Returns:
        What it answered.

    Raises:
        Forbidden: The actor may not do it.
        ReasonRequired: It needs a reason.
        ProcessManagerError: What the act itself raises. A refusal is on the chain then.
        FateUnknown: The connection broke during the commit: it may have happened, and is not repeated.
    """
    if not (action.chains(actor) or dry_run):
        return Acted(database.run(partial(_unchained, actor=actor, action=action, policies=policies)), None)
    (done,) = _in_one_transaction(database, [action], Rules(actor, policies, dry_run=dry_run))
    if done.problem is not None:
        raise done.problem
    return Acted(done.value, done.number)  # type: ignore[arg-type]  # without a problem, this is what it answered


def _unchained(connection: sa.Connection, *, actor: Actor, action: Action[T], policies: Policies) -> T:
    """Do what makes something new: 20,000 starts a second never meet the chain."""
    permissions.require(actor, action.act, action.kind)
    policies.require_reason(action.act, action.kind, action.reason)
    return action.perform(connection, actor)


def acting_on_each(  # noqa: PLR0913 - what holds for all of them, by name
    database: Database,
    actor: Actor,
    actions: Iterable[Action[T]],
    *,
    policies: Policies,
    matching: Matching | None = None,
    dry_run: bool = False,
    noting: Noting | None = None,
) -> Iterator[ActResult[T]]:
    """Do many acts, at most 100 in a transaction; one that is refused leaves the others alone.

    Args:
        database: The engine's database.
        actor: Who acts.
        actions: What is to be done.
        policies: Which acts need a reason.
        matching: Which of their processes still match; those that do not are refused. None for all.
        dry_run: Do each and take it back.
        noting: Writes what became of them in their own transaction; it is not asked in a dry run.

    Yields:
        What became of each, in order, once its transaction is committed. FateUnknown is the problem of those whose
        commit broke off: they may have happened, and are not repeated.
    """
    rules = Rules(actor, policies, matching, dry_run, noting)
    left = iter(actions)
    while some := list(islice(left, AT_ONCE)):
        try:
            yield from _in_one_transaction(database, some, rules)
        except FateUnknown as problem:
            yield from (ActResult(each, problem=problem) for each in some)


def _in_one_transaction(database: Database, actions: Sequence[Action[T]], rules: Rules) -> list[ActResult[T]]:
    results = database.run(partial(_together, actions=actions, rules=rules))
    if not rules.dry_run:
        for each in results:
            _log(rules.actor, each)
    return results


def _together(connection: sa.Connection, *, actions: Sequence[Action[T]], rules: Rules) -> list[ActResult[T]]:
    """Do the acts one after the other, each undone alone when it is refused, and chain what came of them at the end."""
    ids = [each.process_id for each in actions if each.process_id is not None]
    others = [id_ for each in actions for id_ in each.along(connection)]
    before = _locked(connection, sorted({*ids, *others}))
    fitting = None if rules.matching is None else frozenset(rules.matching(connection, ids))
    done = []
    for action in actions:
        stood, along = action.state(connection), tuple(action.along(connection))
        result = _one(connection, action, along, _Stand(before, fitting), rules)
        done.append(AuditedAct(result, stood, action.state(connection), along))
    if rules.dry_run:
        return [each.result for each in done]
    if rules.noting is not None:
        rules.noting(connection, [each.result for each in done])
    return audit_rows.chain(connection, rules.actor, done, before, queries.states(connection, list(before)))


def _locked(connection: sa.Connection, ids: Sequence[int]) -> States:
    """Return how these processes stand, locked until the commit: their lanes first, in the order that all keep.

    Those that are not there are not locked: on SQL Server that would lock the gap, and hold up every start.
    """
    found = queries.states(connection, ids)
    lanes.lock(connection, [row["order_key"] for row in found.values()])
    return queries.states(connection, list(found), locked=True)


def _one(
    connection: sa.Connection, action: Action[T], along: Sequence[int], stand: _Stand, rules: Rules
) -> ActResult[T]:
    try:
        _require(action, stand.before, rules, stand.fitting)
        _require_of_others(action, along, stand.before, rules)
        with connection.begin_nested() as point:
            value = action.perform(connection, rules.actor)
            if rules.dry_run:
                point.rollback()
    except ProcessManagerError as problem:
        return ActResult(action, problem=problem)
    return ActResult(action, value)


def _require(action: Action[Any], before: States, rules: Rules, fitting: frozenset[int] | None) -> None:
    """Raise the error of an act that must not be done: of one who may not see its process, as if there were none."""
    kind = action.kind
    if action.process_id is not None:
        row = before.get(action.process_id)
        if row is None or not permissions.sees(rules.actor, row["name"]):
            raise UnknownId(process_id=action.process_id, database="this database")
        kind = row["name"]
        if fitting is not None and row["id"] not in fitting:
            problem = "it has changed since it was looked for, and matches no more"
            raise refusals.refused(row, problem, hint="Look at it and ask again.")
        _require_same(action, row)
    permissions.require(rules.actor, action.act, kind)
    rules.policies.require_reason(action.act, kind, action.reason)


def _require_of_others(action: Action[Any], along: Sequence[int], before: States, rules: Rules) -> None:
    """Raise the error of an act that would do to another process what the actor may not do to it."""
    for id_ in along:
        if id_ not in before:  # it came in the moment before they were locked
            raise refusals.changed(before[action.process_id or 0])
        permissions.require(rules.actor, action.act, before[id_]["name"])
        rules.policies.require_reason(action.act, before[id_]["name"], action.reason)


def _require_same(action: Action[Any], row: sa.RowMapping) -> None:
    """Raise ChangedSince where a process stands no more where it stood when somebody looked at it."""
    if isinstance(action, ProcessAction) and not action.fits(Stand(row["round"], row["status"], row["step"])):
        raise refusals.changed_since(row, Message("it has changed since you looked"))


def _log(actor: Actor, result: ActResult[Any]) -> None:
    """Write a line for an act that is committed; its reason and the text of a refusal may be personal."""
    if actor.way == "console":
        return  # who typed it reads the answer
    action, problem = result.action, result.problem
    if problem is None:
        log.info(
            "act.done",
            act=action.act, process_id=action.process_id, target=action.target, number=result.number,
            actor=actor.name, way=actor.way, request_id=actor.request_id,
        )  # fmt: skip
    else:
        log.info(
            "act.refused",
            act=action.act, process_id=action.process_id, target=action.target, number=result.number,
            actor=actor.name, way=actor.way, request_id=actor.request_id, error=type(problem).__name__,
        )  # fmt: skip
