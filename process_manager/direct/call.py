"""Start a process and run it in the caller's own thread until it rests: for scripts, robots and tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from process_manager import clock, operations
from process_manager.actor import CODE, Actor
from process_manager.database import Database
from process_manager.definition.process import Process
from process_manager.definition.step import full_name
from process_manager.direct.own_thread import OwnThread
from process_manager.errors import UsageError
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.status import Status
from process_manager.operations import Start, Started
from process_manager.store import queries
from process_manager.store.claiming import Lease
from process_manager.worker import runtime
from process_manager.worker.plan import Plan

if TYPE_CHECKING:
    from process_manager.files import StoredFile


class Rest(NamedTuple):
    """Where a process stands after a direct call.

    Attributes:
        id: The process.
        is_new: False when its dedup key belonged to a process before it.
        status: Where it stands: ended, at rest, or with somebody else.
    """

    id: int
    is_new: bool
    status: Status


class Direct:
    """Runs processes for one thread, one after the other: what a worker does, without its threads and without waiting.

    Every step is recorded before the next begins, by the rules of a worker: leases, gates, windows, effects. What comes
    to rest is a worker's from then on, and so is whatever this program leaves when it dies.
    """

    def __init__(self, database: Database, plan: Plan) -> None:
        """Prepare to run processes; the `with` block opens it.

        Args:
            database: The engine's database, with the schema of this version.
            plan: As for a worker. With `channels`, no process of another is run. The time box begins with the `with`
                block.

        Raises:
            UsageError: The plan has `only` or `until_empty`, which are for a worker that looks for what is due.
        """
        _refuse_workers_own(plan)
        self._database = database
        self._plan = plan
        self._thread = OwnThread(database, plan, runtime.a_name(), is_closed=self._is_closed)
        self._closes_at: float | None = None  # by the monotonic clock
        self._owner: int | None = None  # the thread, while it is open

    def __enter__(self) -> Direct:
        self._thread.__enter__()
        if self._plan.time_box is not None:
            self._closes_at = time.monotonic() + self._plan.time_box.total_seconds()
        self._owner = threading.get_ident()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._owner = None
        self._thread.__exit__(*_exception)

    def run(  # noqa: PLR0913 - all but two by name, so that an editor completes them
        self,
        process: type[Process],
        payload: Mapping[str, Any] | None = None,
        *,
        actor: Actor = CODE,
        reference: str | None = None,
        dedup_key: str | None = None,
        order_key: str | None = None,
        at: datetime | None = None,
        channel: str | None = None,
        files: Mapping[str, Path] = MappingProxyType({}),
    ) -> Rest:
        """Start a process and run its steps in this thread until it rests.

        What may not begin is left to the workers: behind another of its lane, before its moment, at a closed gate or
        after the time box. When this raises anything, whatever is still held is given back, or its lease runs out.

        Args:
            process: The class, which must be in the registry of the plan.
            payload: What it starts with, as JSON can carry it, checked by the class's `parameters`.
            actor: Who starts it, for the history.
            reference: The office's own number of the case, at most 200 characters.
            dedup_key: A second start with this key returns the first process, wherever that stands.
            order_key: Processes with one order key run strictly one after the other.
            at: The moment before which it does not run, with its time zone.
            channel: Which workers take what is left of it; the default is the class's.
            files: Files of this host, by the names by which its steps ask for them.

        Returns:
            The process, whether it is new, and where it stands.

        Raises:
            UsageError: It cannot be started; it is told as by `operations.start`. Or this is not its `with` block or
                thread.
            FateUnknown: The connection broke: nobody knows whether it was started.
            DatabaseUnreachable: A step could not be recorded within the grace period, so it may be run again.
            Unwritable: Nothing of what a step answered can be stored.
            KeyboardInterrupt: Ctrl-C came; the step was recorded first.
        """
        self._refuse_misuse(process)
        self._refuse_other_channel(channel or process.channel)
        taken = self._taken(files, actor)
        with self._thread.working(), taken as given:
            wanted = Start(process, payload, reference, dedup_key, order_key, at, channel, files=given)
            return self._run(wanted, actor)

    def _refuse_misuse(self, process: type[Process]) -> None:
        if self._owner != threading.get_ident():
            raise UsageError(problem="Direct runs processes within its `with` block, in the thread that opened it.")
        if self._thread.is_spent:
            raise UsageError(problem="this Direct could not give back what it held. Open another one.")
        if self._plan.registry.get(process.name, process.version) is None:
            raise UsageError(problem=f"{full_name(process)} is not in the registry of this plan. Put it there.")

    def _refuse_other_channel(self, channel: str) -> None:
        channels = self._plan.channels
        if channels and channel not in channels:
            raise UsageError(
                problem=f"the process is of channel {channel!r}, and this plan runs only {', '.join(channels)}. "
                "Start it with `operations.start`, for a worker of that channel, or name the channel in the plan."
            )

    def _taken(self, sources: Mapping[str, Path], actor: Actor) -> AbstractContextManager[Sequence[StoredFile]]:
        if not sources:
            return nullcontext(())
        from process_manager import files

        return files.taken(self._database, self._plan.settings, sources, actor=actor)

    def _is_closed(self) -> bool:
        """Return whether no step may start any more."""
        return self._closes_at is not None and time.monotonic() >= self._closes_at

    def _run(self, wanted: Start, actor: Actor) -> Rest:
        now = clock.now()
        lease = Lease(self._thread.name, now, now + self._plan.settings.lease)
        started, claims = self._thread.within(
            lambda connection: self._start(connection, wanted, lease, actor),
            alone=operations.is_one_statement(wanted) and not wanted.process.pools,
        )
        self._thread.run(claims)
        return Rest(started.id, started.is_new, self._status(started.id))

    def _start(
        self, connection: sa.Connection, wanted: Start, lease: Lease, actor: Actor
    ) -> tuple[Started, list[Claim]]:
        """Start it, held; where its first step needs a seat or a start of the fleet, only if there is one left."""
        started, claim = operations.start_held(connection, wanted, lease, actor=actor)
        first, pools = wanted.process.pools.get(wanted.process.step_names[0]), self._thread.claims.pools
        if first is None or pools is None or not started.is_new:
            return started, [] if claim is None else [claim]
        return started, pools.take_these(connection, {started.id: first}, lease)

    def _status(self, process_id: int) -> Status:
        rested = self._thread.rested
        is_known = rested is not None and rested.coordination is None  # what waits for an event may be woken already
        if rested is not None and is_known and rested.claim.id == process_id:
            return rested.state.status
        row = self._thread.read(lambda connection: queries.process(connection, process_id))
        return Status.ABANDONED if row is None else Status(row["status"])


def _refuse_workers_own(plan: Plan) -> None:
    if plan.only is not None:
        hint = f"`process-manager work {plan.only}` runs that one, as does a Worker with this plan."
        raise UsageError(problem=f"Direct runs what it starts, not process {plan.only}, which is there. {hint}")
    if plan.until_empty:
        raise UsageError(problem="Direct takes nothing that is due, so `until_empty` says nothing to it. Leave it out.")
