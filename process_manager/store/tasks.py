"""Tasks of people: asked with the record of a wait, claimed, handed over, and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle.new_task import NewTask
from process_manager.lifecycle.transition import Transition
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always, moment_text
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.task_tables import tasks

t = tasks.c

_OPEN: Final = t.is_open == always(1)
_PICKED: Final[sa.BindParameter[int]] = sa.bindparam("picked", expanding=True)

END_OF_TIME: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""What stands for no moment where lists are ordered by it."""

_ASKED: Final = (
    t.process_id, t.seq, t.step, t.step_key, t.round, t.title, t.details, t.group_name, t.form, t.form_schema, t.marks,
    t.not_by, t.overdue_to, t.remind_every, t.zone, t.holidays, t.asked_at, t.due_at, t.orders_at, t.remind_at,
    t.next_at, t.is_open,
)  # fmt: skip


def begin(connection: sa.Connection, asking: Sequence[Transition]) -> None:
    """Keep what the steps of these transitions ask, their processes locked; what they asked before is closed."""
    if not asking:
        return
    rows = [_row(each, each.coordination.task) for each in asking if each.coordination and each.coordination.task]
    close(connection, [each.claim.id for each in asking])
    connection.execute(begin_statement(), {"rows": pack(sorted(rows))})


def _row(transition: Transition, task: NewTask) -> tuple[Any, ...]:
    claim = transition.claim
    following = [moment for moment in (task.due_at, task.remind_at) if moment is not None]
    place = (claim.id, transition.seq, claim.step, task.step_key, claim.round)
    asked = (task.title, task.details, task.group, task.form, task.schema, task.marks)
    terms = (task.not_by, task.overdue_to, task.remind, task.zone, task.holidays)
    due = (moment_text(task.due_at), moment_text(task.due_at or END_OF_TIME), moment_text(task.remind_at))
    return (*place, *asked, *terms, moment_text(transition.at), *due, moment_text(min(following, default=None)), 1)


@lru_cache
def begin_statement() -> sa.Insert:
    """Insert a task for each of the rows."""
    return sa.insert(tasks).from_select([each.name for each in _ASKED], sa.select(json_rows(*_ASKED)))


def close(connection: sa.Connection, process_ids: Sequence[int]) -> None:
    """Note that nobody waits any more for what these processes, whose rows are locked, have asked."""
    connection.execute(close_statement(), {"picked": sorted(process_ids)})


@lru_cache
def close_statement() -> sa.Update:
    """Close what is open of these processes."""
    return hints.update(tasks).where(t.process_id.in_(_PICKED), _OPEN).values(is_open=always(0), next_at=sa.null())


def locked(connection: sa.Connection, task_id: int) -> sa.RowMapping | None:
    """Return a task, locked until the transaction ends; None when there is none with this id."""
    return connection.execute(lock_statement(), {"of_task": task_id}).mappings().one_or_none()


@lru_cache
def lock_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select a task, locked."""
    found = sa.select(tasks).where(t.id == sa.bindparam("of_task", type_=t.id.type)).with_for_update()
    return hints.on(found, tasks, hints.LOCK)


def change(connection: sa.Connection, task_id: int, values: Mapping[str, Any]) -> None:
    """Change some columns of a task that is locked."""
    given = {name: sa.null() if value is None else value for name, value in values.items()}
    connection.execute(sa.update(tasks).where(t.id == task_id).values(given))
