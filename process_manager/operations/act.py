"""Acts of a person on a process: restart it, abandon it, rerun it as a new one. Each leaves a history row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.database import joined_transactions
from process_manager.definition.registry import Registry
from process_manager.errors import UsageError
from process_manager.lifecycle import interruption, next_state
from process_manager.lifecycle.status import Status, sources
from process_manager.lifecycle.transition import HistoryEntry
from process_manager.operations.refusals import behind, changed, held, overtaken, refused, require
from process_manager.operations.request import Start
from process_manager.operations.start import somebody, start_command, start_many
from process_manager.store import (
    claiming,
    dedup_keys,
    interventions,
    lanes,
    notify,
    recording,
    transition_rows,
)


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and why.

    Attributes:
        by: The person or program, for the history.
        reason: Why, for the history.
    """

    by: str
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
        return HistoryEntry(step, 0, kind, serialization.clean(self.reason), now, now, by=somebody(self.by))


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
    if not interventions.restart(connection, row, step=step, reruns=reruns, now=now):
        raise changed(row)
    notify.hint(connection)
    told = transition_rows.history_row(row["id"], row["seq"] + 1, row["round"] + 1, act.entry("restart", step, now))
    recording.append(connection, [told])


def _refuse_restart(connection: sa.Connection, row: sa.RowMapping) -> None:
    if row["status"] == Status.RUNNING:
        raise held(row["id"], row["worker"])
    if row["status"] not in sources("restart"):
        raise refused(row, "it cannot be restarted")
    if row["waiting_for"] == "lane":
        raise behind(connection, row)


def _from(row: sa.RowMapping, registry: Registry, from_step: str | None) -> tuple[str, str | None]:
    """Return the step to start at, and how often each step was run again after it was done (JSON)."""
    if from_step is None or from_step == row["step"]:
        return row["step"], row["reruns"]
    if row["doubtful_since"] is not None:
        problem = f"step {row['step']!r} may have happened, and an earlier start could make it happen twice"
        raise refused(row, problem, cure="Restart it without --from-step: its verify is asked first.")
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
    later = lanes.later_that_ran(connection, row["order_key"], row["id"])
    if later is not None:
        raise overtaken(row, f"process {later}, a later one of its lane, has run since")
    head = lanes.heads(connection, [row["order_key"]]).get(row["order_key"])
    if head is not None and head < row["id"]:
        raise behind(connection, row)
    lanes.step_back(connection, row["order_key"], behind=row["id"], now=now)


def _retake_key(connection: sa.Connection, row: sa.RowMapping) -> None:
    key = (row["name"], row["dedup_hash"])
    holder = dedup_keys.holders(connection, [key]).get(key)
    if holder is None:
        holder = dedup_keys.owners(connection, [(*key, row["id"], "while_open")])[key]
    if holder != row["id"]:
        raise overtaken(row, f"process {holder} has its dedup key by now")


def abandon(connection: sa.Connection, process_id: int, act: Act) -> None:
    """Give a process up for good; a running step learns of it, and its late result changes nothing.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: Which process.
        act: Who gives it up, and why.

    Raises:
        UnknownId: There is no such process.
        Refused: It has ended already, or changed this very moment.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    row = require(connection, process_id)
    if row["status"] not in sources("abandon"):
        raise refused(row, "it has ended", cure="There is nothing to give up.")
    if row["status"] == Status.RUNNING:
        _abandon_running(connection, row, act, now=now)
    else:
        _abandon_resting(connection, row, act, now=now)
    notify.hint(connection)  # who holds it lets it go, and what came after it in its lane is due


def _abandon_running(connection: sa.Connection, row: sa.RowMapping, act: Act, *, now: datetime) -> None:
    claim = claiming.held(connection, row["id"])
    if claim is None or not recording.record(
        connection, [interruption.abandoned(claim, now, act.entry("abandon", claim.step, now))]
    ):
        raise changed(row)


def _abandon_resting(connection: sa.Connection, row: sa.RowMapping, act: Act, *, now: datetime) -> None:
    lanes.lock(connection, [row["order_key"]])
    if not interventions.abandon(connection, row, now=now):
        raise changed(row)
    told = transition_rows.history_row(row["id"], row["seq"] + 1, row["round"], act.entry("abandon", row["step"], now))
    recording.append(connection, [told])
    dedup_keys.release(connection, [(row["name"], row["dedup_hash"], row["id"])])
    lanes.advance(connection, [row["order_key"]], now=now)


def rerun(connection: sa.Connection, process_id: int, *, registry: Registry, by: str = "code") -> int:
    """Start a new process, linked to a closed one, with the same parameters on the newest version.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: The closed process.
        registry: The classes that are known here.
        by: Who asks for it, for the history.

    Returns:
        The id of the new process.

    Raises:
        UnknownId: There is no such process.
        UnknownProcess: No class of its name is known here.
        PayloadError: Its parameters do not fit the newest version.
        Refused: It has not ended.
        HeldByAnother: Another process of its command is open.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    row = require(connection, process_id)
    if row["finished_at"] is None:
        raise refused(row, "it has not ended")
    wanted = Start(
        registry.newest(row["name"]),
        serialization.loads(row["parameters"]),
        reference=row["reference"],
        order_key=row["order_key"],
        channel=row["channel"],
        command_key=row["command_key"],
    )
    if wanted.command_key is not None:
        return start_command(connection, wanted, by=by, rerun_of=process_id)
    return start_many(connection, [wanted], by=by, rerun_of=process_id)[0].id
