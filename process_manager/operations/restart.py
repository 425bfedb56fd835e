"""Restarting a process: due again with a fresh budget, at its step or at an earlier one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.database import joined_transactions
from process_manager.definition.registry import Registry
from process_manager.errors import UsageError
from process_manager.lifecycle import intervention, next_state
from process_manager.lifecycle.status import Status, sources
from process_manager.message import Message
from process_manager.operations.act import Act, record_act
from process_manager.operations.refusals import behind, held, overtaken, refused, require
from process_manager.store import dedup_keys, lanes, transition_rows


def restart(
    connection: sa.Connection, process_id: int, act: Act, *, registry: Registry, from_step: str | None = None
) -> None:
    """Make a process due again with a fresh budget in a new round, at its step or at an earlier one.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: Which process.
        act: Who asks for it, and why.
        registry: The classes that are known here; an earlier step is looked up in its class.
        from_step: The earlier step to start at; None for the step at which it stands.

    Raises:
        UnknownId: There is no such process.
        Refused: It cannot be restarted as it stands; the error names the command to use.
        HeldByAnother: A worker runs it, or another process is ahead of it in its lane.
        UsageError: It has no such step, or its class is not known here.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    row = require(connection, process_id)
    _refuse_restart(connection, row)
    step, reruns = _from(row, registry, from_step)
    _reopen(connection, row, now=now)
    said = act.entry("restart", step, now)
    record_act(connection, row, intervention.restarted(transition_rows.seen(row), now, said, reruns=reruns))


def _refuse_restart(connection: sa.Connection, row: sa.RowMapping) -> None:
    if row["status"] == Status.RUNNING:
        raise held(row["id"], row["worker"])
    if row["status"] not in sources("restart"):
        raise refused(row, Message("it cannot be restarted"))
    if row["waiting_for"] == "lane":
        raise behind(connection, row)


def _from(row: sa.RowMapping, registry: Registry, from_step: str | None) -> tuple[str, str | None]:
    """Return the step to start at, and how often each step was run again after it was done (JSON; None: as it was)."""
    if from_step is None or from_step == row["step"]:
        return row["step"], None
    if row["doubtful_since"] is not None:
        problem = Message(
            "step %(step)s may have happened, and an earlier start could make it happen twice", step=repr(row["step"])
        )
        raise refused(row, problem, hint="Restart it without --from-step: its verify is asked first.")
    cls = registry.get(row["name"], row["version"])
    if cls is None:
        raise UsageError(
            problem=f"Version {row['version']} of {row['name']!r} is not known here, so its steps are not either. "
            "Leave --from-step out, or run this where that version is deployed."
        )
    names = [planned.name for planned in cls.plan]
    earlier = names[: names.index(row["step"]) + 1] if row["step"] in names else []
    if from_step not in earlier:
        raise UsageError(
            problem=f"Process {row['id']} stands at step {row['step']!r} and cannot start at {from_step!r}. "
            f"It can start at: {', '.join(earlier) or 'no step of this version'}."
        )
    before = serialization.loads(row["reruns"]) if row["reruns"] else {}
    return from_step, serialization.dumps(next_state.restarted_at(names, row["step"], from_step, before))


def _reopen(connection: sa.Connection, row: sa.RowMapping, *, now: datetime) -> None:
    """Give a rejected process back its dedup key and its place in its lane, unless another has them by now."""
    if row["status"] != Status.REJECTED:
        return
    if row["order_key"] is not None:
        _rejoin_lane(connection, row, now=now)
    if row["dedup_hash"] is not None:
        _retake_key(connection, row)


def _rejoin_lane(connection: sa.Connection, row: sa.RowMapping, *, now: datetime) -> None:
    lanes.lock(connection, [row["order_key"]])
    if row["order_position"] is not None:
        _rejoin_at_position(connection, row, now=now)
        return
    later = lanes.later_that_ran(connection, row["order_key"], row["id"])
    if later is not None:
        raise overtaken(row, Message("process %(id)s, a later one of its lane, has run since", id=later))
    head = lanes.heads(connection, [row["order_key"]]).get(row["order_key"])
    if head is not None and head < row["id"]:
        raise behind(connection, row)
    lanes.step_back(connection, row["order_key"], behind=row["id"], now=now)


def _rejoin_at_position(connection: sa.Connection, row: sa.RowMapping, *, now: datetime) -> None:
    """Go before what has not begun; refuse to where a later position is handled, or another has begun or is first."""
    from process_manager.lifecycle.lane_rules import shown  # which who has no positions does not load
    from process_manager.store import lane_rules

    handled = lane_rules.standing(connection, [row["order_key"]])[row["order_key"]].handled
    if handled is not None and row["order_position"] <= handled:
        problem = Message(
            "it is outdated: position %(handled)s of its lane is handled, and its own is %(own)s",
            handled=shown(handled),
            own=shown(row["order_position"]),
        )
        raise refused(row, problem, hint="There is nothing left to do for it.")
    head = lane_rules.active(connection, [row["order_key"]]).get(row["order_key"])
    if head is None:
        return
    is_first = head.may_give_way and (row["order_position"], row["id"]) < head.place
    if not (is_first and lane_rules.give_way(connection, head.id, now=now)):
        raise behind(connection, row)


def _retake_key(connection: sa.Connection, row: sa.RowMapping) -> None:
    key = (row["name"], row["dedup_hash"])
    holder = dedup_keys.holders(connection, [key]).get(key)
    if holder is None:
        holder = dedup_keys.owners(connection, [(*key, row["id"], "while_open")])[key]
    if holder != row["id"]:
        raise overtaken(row, Message("process %(id)s has its dedup key by now", id=holder))
