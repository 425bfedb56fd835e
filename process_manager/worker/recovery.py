"""Taking processes over: from workers that are gone, and from versions that are not run any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import error_codes
from process_manager.definition.registry import Registry
from process_manager.errors import Refused
from process_manager.execution.call_step import said
from process_manager.lifecycle import interruption, next_state
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.next_state import Attempt
from process_manager.lifecycle.status import Status
from process_manager.log_throttle import Lasting
from process_manager.store import claiming, recording
from process_manager.worker import unreadable_rows

log = logs.get(__name__)

MOST = 100

_stuck: Final = Lasting(log.error, "lease.stuck")
"""Leases that have ended and that nobody can take over, each looked at every second."""


def recover(connection: sa.Connection, now: datetime, *, is_own: Callable[[Claim], bool]) -> int:
    """How many processes were taken away from workers that are gone and made due; our own are the keeper's to renew."""
    claims = unreadable_rows.claims(connection, claiming.expired(connection, now=now, limit=MOST), told=_stuck)
    gone = [interruption.expired(claim, now) for claim in claims if not is_own(claim)]
    taken = _recorded(connection, gone, _is_stuck)
    for attempt in taken:
        claim = attempt.claim
        log.warning("lease.expired", process_id=claim.id, step=claim.step, worker=claim.worker)
    return len(taken)


def _recorded(
    connection: sa.Connection, attempts: Sequence[Attempt], instead: Callable[[Attempt, Exception], list[Attempt]]
) -> list[Attempt]:
    """Those that are recorded, or what is `instead` of one that cannot be: it hinders no other, whatever it raises."""
    if not attempts:
        return []
    try:
        with connection.begin_nested():
            return recording.record(connection, attempts)
    except Exception as problem:
        if error_codes.meets_any(problem) or isinstance(problem, error_codes.TakenBack):
            raise
        if len(attempts) == 1:
            return instead(attempts[0], problem)
    return [taken for attempt in attempts for taken in _recorded(connection, [attempt], instead)]


def _is_stuck(attempt: Attempt, problem: Exception) -> list[Attempt]:
    process_id = attempt.claim.id
    _stuck.met(error_codes.told(problem), about=process_id, process_id=process_id)
    return []


def upgrade(connection: sa.Connection, claims: Iterable[Claim], registry: Registry, now: datetime) -> list[Claim]:
    """The claims to run: those of an older version moved to the one that takes them over, in this transaction."""
    same, moved = [], []
    for claim in claims:
        attempt = _upgraded(claim, registry, now)
        if attempt is None:
            same.append(claim)
        else:
            moved.append(attempt)

    def stop(attempt: Attempt, problem: Exception) -> list[Attempt]:
        told = (
            f"What the upgrade to version {attempt.position.version} made cannot be stored: {error_codes.told(problem)}"
        )
        return _recorded(connection, [interruption.stopped(attempt.claim, now, message=told)], _is_stuck)

    kept = _recorded(connection, moved, stop)
    return same + [next_state.continued(each) for each in kept if each.position.status is Status.RUNNING]


def _upgraded(claim: Claim, registry: Registry, now: datetime) -> Attempt | None:
    hops = registry.hops(claim.name, claim.version)
    if not hops:
        return None
    try:
        return interruption.upgraded(claim, now, hops)
    except BaseException as problem:  # noqa: BLE001 - the conversion is the author's, and may raise anything
        log.error("upgrade.failed", process_id=claim.id, step=claim.step, version=claim.version, problem=said(problem))
        message = f"The upgrade to version {hops[-1][0].version} failed: {said(problem)}"
        return interruption.stopped(claim, now, message=message)


def not_here(claim: Claim) -> Refused:
    """What to say of a process whose version or step is not known here."""
    return Refused(
        process_id=claim.id,
        status="at rest",
        problem=f"version {claim.version} of {claim.name!r} with step {claim.step!r} is not known here",
        cure="Run it where that version is deployed.",
    )
