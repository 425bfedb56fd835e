"""Tasks of people: answering one, taking it for oneself, letting go of it, and giving it to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.actor import Actor
from process_manager.database import joined_transactions
from process_manager.errors import Forbidden, TaskClosed, TaskHeld, UnknownTask, UsageError
from process_manager.lifecycle import intervention, task_rights
from process_manager.lifecycle.asking import checked_group
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.task_rights import TaskStand
from process_manager.message import Message
from process_manager.operations import task_forms
from process_manager.operations.act import Act
from process_manager.operations.refusals import changed
from process_manager.store import notify, queries, recording, task_queries, tasks, transition_rows
from process_manager.store.column_types import moment_text

_NOTHING = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class TakenAnswer:
    """An answer that was taken.

    Attributes:
        process_id: The process that goes on.
        shown: The answer, with a mask in place of what is personal or secret.
    """

    process_id: int
    shown: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Found:
    """A task that is locked, and its process."""

    task: sa.RowMapping
    process: sa.RowMapping
    stand: TaskStand  # what decides who may act on it


def answer_task(connection: sa.Connection, task_id: int, given: Mapping[str, Any], act: Act) -> TakenAnswer:
    """Answer what a step asked: its process is due, and the step reads the answer.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        task_id: Which task.
        given: The fields of the form.
        act: Who answers, and what they say of it.

    Returns:
        The process, and what the history says of the answer.

    Raises:
        UnknownTask: There is no such task.
        TaskClosed: Somebody has answered it, or its process waits for it no longer.
        TaskHeld: Somebody else has claimed it.
        Forbidden: It is asked of a group to which they do not belong, or they started the process.
        AnswerError: The answer does not fit the form; it names the fields.
        UsageError: The form is not known here.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    found = _open(connection, task_id)
    _require_free(found, act.actor)
    _require(Message("answer task %(id)s", id=task_id), act.actor, task_rights.answer_refused(found.stand, act.actor))
    filled = task_forms.fitting(found.task, found.process, given)
    now = clock.now()
    entry = act.entry("answer", found.process["step"], now)._replace(message=_told(found, filled.shown, act.reason))
    transition = intervention.answered(transition_rows.seen(found.process), now, entry)
    if not recording.record(connection, [transition]).kept:
        raise changed(found.process)
    tasks.change(
        connection,
        task_id,
        {
            "answer": filled.stored,
            "answered_at": now,
            "answered_by": act.actor.name,
            "answered_way": act.actor.way,
            "is_open": 0,
            "next_at": None,
        },
    )
    notify.hint(connection)
    return TakenAnswer(found.process["id"], filled.shown)


def claim_task(connection: sa.Connection, task_id: int, actor: Actor) -> bool:
    """Take a task for oneself, so that nobody else of the group works on it.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        task_id: Which task.
        actor: Who does it.

    Returns:
        Whether it was not so before.

    Raises:
        UnknownTask: There is no such task.
        TaskClosed: Somebody has answered it, or its process waits for it no longer.
        TaskHeld: Somebody else has claimed it.
        Forbidden: It is asked of a group to which they do not belong, or they started the process.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    found = _open(connection, task_id)
    _require_free(found, actor)
    _require(Message("claim task %(id)s", id=task_id), actor, task_rights.answer_refused(found.stand, actor))
    if found.task["claimed_by"] is not None:
        return False
    tasks.change(connection, task_id, {"claimed_by": actor.name, "claimed_at": clock.now()})
    return True


def release_task(connection: sa.Connection, task_id: int, actor: Actor) -> bool:
    """Let the others of the group take a task.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        task_id: Which task.
        actor: Who does it.

    Returns:
        Whether somebody had it.

    Raises:
        UnknownTask: There is no such task.
        TaskClosed: Somebody has answered it, or its process waits for it no longer.
        Forbidden: Somebody else has claimed it, and they are no operator.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    found = _open(connection, task_id)
    if found.task["claimed_by"] is None:
        return False
    _require(Message("release task %(id)s", id=task_id), actor, task_rights.release_refused(found.stand, actor))
    tasks.change(connection, task_id, {"claimed_by": None, "claimed_at": None})
    return True


def reassign_task(
    connection: sa.Connection, task_id: int, actor: Actor, *, group: str | None = None, person: str | None = None
) -> bool:
    """Ask another group or person instead.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        task_id: Which task.
        actor: Who does it.
        group: The group that is asked; whoever has claimed it has it no longer.
        person: The person who has it from now on, whatever group they are of.

    Returns:
        Whether it was not so before.

    Raises:
        UnknownTask: There is no such task.
        TaskClosed: Somebody has answered it, or its process waits for it no longer.
        Forbidden: It is asked of a group to which they do not belong, and they are no operator, or take it themselves.
        UsageError: Neither a group nor a person is named, or the person may not answer it.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    if (group is None) == (person is None or not person.strip()):
        raise UsageError(problem=Message("Name a group or a person, one of the two."))
    found = _open(connection, task_id)
    _require(Message("give away task %(id)s", id=task_id), actor, task_rights.handing_refused(found.stand, actor))
    values: dict[str, Any]
    if group is not None:
        values = {"group_name": checked_group(group), "claimed_by": None, "claimed_at": None}
    else:
        name = Actor(str(person)).name
        _refuse_starter(found, name)
        if task_rights.is_same(actor.name, actor.way, name):
            _require(Message("take task %(id)s", id=task_id), actor, task_rights.taking_refused(found.stand, actor))
        values = {"claimed_by": name, "claimed_at": clock.now()}
    same = all(found.task[each] == value for each, value in values.items() if each != "claimed_at")
    if not same:
        tasks.change(connection, task_id, values)
    return not same


def _open(connection: sa.Connection, task_id: int) -> _Found:
    """Return a task with its process, both locked; raise UnknownTask, or TaskClosed where nobody waits for it."""
    joined_transactions.require(connection)
    known = task_queries.process_of(connection, task_id)
    if known is None or not queries.states(connection, [known], locked=True):
        raise UnknownTask(task_id=task_id)
    task = tasks.locked(connection, task_id)
    process = queries.process(connection, known)
    if task is None or process is None:
        raise UnknownTask(task_id=task_id)
    _refuse_closed(task, process)
    return _Found(task, process, task_queries.stand(connection, {**process, **task}))


def _refuse_closed(task: sa.RowMapping, process: sa.RowMapping) -> None:
    if task["answered_at"] is not None:
        when = f"{moment_text(task['answered_at'])[:19]} UTC"
        stands = Message("was answered by %(who)s on %(when)s", who=task["answered_by"], when=when)
        raise TaskClosed(task_id=task["id"], stands=stands, hint=_NOTHING)
    waits = (process["status"], process["waiting_for"], process["seq"]) == (Status.WAITING, "event", task["seq"])
    if not (waits and task["is_open"]):
        stands = Message("is withdrawn: process %(id)s waits for it no longer", id=process["id"])
        raise TaskClosed(task_id=task["id"], stands=stands, hint=_NOTHING)


def _require_free(found: _Found, actor: Actor) -> None:
    holder = found.task["claimed_by"]
    if holder is not None and not task_rights.is_same(actor.name, actor.way, holder):
        hint = f"They answer or release it; `process-manager tasks reassign {found.task['id']}` gives it to another."
        raise TaskHeld(task_id=found.task["id"], holder=holder, hint=hint)


def _require(what: Message, actor: Actor, why: Message | None) -> None:
    if why is not None:
        raise Forbidden(actor=actor.name, what=what, why=why, hint="Let somebody do it who may.")


def _refuse_starter(found: _Found, person: str) -> None:
    stand = found.stand
    if stand.not_by and task_rights.is_same(person, None, stand.started_by, stand.started_way):
        told = Message("%(who)s started the process, and may not answer task %(id)s.", who=person, id=found.task["id"])
        raise UsageError(problem=told)


def _told(found: _Found, shown: Mapping[str, Any], reason: str) -> str:
    """Return the message of the history row: the answer with its masks, and what they say of it."""
    form = found.task["form"].rpartition(":")[2].rpartition(".")[2]
    text = f"{form}: {serialization.dumps(shown)}"
    return serialization.clean(f"{text}: {reason}" if reason.strip() else text)
