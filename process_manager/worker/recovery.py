"""Taking over the processes of workers that are gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import error_codes
from process_manager.errors import Refused
from process_manager.lifecycle import interruption, stopping
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.stopping import StopRequest
from process_manager.lifecycle.transition import Transition
from process_manager.log_throttle import RecurringProblem
from process_manager.store import claiming, recording, stop_requests
from process_manager.worker import unreadable_rows

log = logs.get(__name__)

MOST = 100

_stuck: Final = RecurringProblem(log.error, "lease.stuck")
"""Leases that have ended and that nobody can take over, each looked at every second."""


def recover(connection: sa.Connection, now: datetime, *, is_own: Callable[[Claim], bool]) -> int:
    """Make due the processes of workers that are gone, and return their number; leave our own to the renewer."""
    claims = unreadable_rows.claims(connection, claiming.expired(connection, now=now, limit=MOST), told=_stuck)
    asked = stop_requests.of(connection, [claim.id for claim in claims])
    gone = [_gone(claim, asked.get(claim.id), now) for claim in claims if not is_own(_as_held(claim, asked))]
    taken = recorded(connection, gone, tell_stuck)
    stop_requests.forget(connection, [each.claim.id for each in taken if each.claim.id in asked])
    for transition in taken:
        claim = transition.claim
        log.warning("lease.expired", process_id=claim.id, step=claim.step, worker=claim.worker)
    return len(taken)


def _gone(claim: Claim, request: StopRequest | None, now: datetime) -> Transition:
    """Return how the process of a worker that is gone goes on; one that was asked to stop ends."""
    expired = interruption.expired(claim, now)
    return expired if request is None else stopping.stopped(expired, request)


def _as_held(claim: Claim, asked: Mapping[int, StopRequest]) -> Claim:
    """Return the claim as its holder knows it: whoever asked it to stop raised the fence of the row."""
    return claim._replace(fence=claim.fence - 1) if claim.id in asked else claim


def recorded(
    connection: sa.Connection,
    transitions: Sequence[Transition],
    instead: Callable[[Transition, Exception], list[Transition]],
) -> list[Transition]:
    """Return the transitions that are recorded, with `instead` for any that cannot be: one stops no other."""
    if not transitions:
        return []
    try:
        with connection.begin_nested():
            return recording.record(connection, transitions).kept
    except Exception as problem:
        if error_codes.concerns_any_row(problem) or isinstance(problem, error_codes.RolledBack):
            raise
        if len(transitions) == 1:
            return instead(transitions[0], problem)
    return [taken for transition in transitions for taken in recorded(connection, [transition], instead)]


def tell_stuck(transition: Transition, problem: Exception) -> list[Transition]:
    process_id = transition.claim.id
    _stuck.failed(error_codes.message(problem), about=process_id, process_id=process_id)
    return []


def not_here(claim: Claim) -> Refused:
    """Return the error for a process whose version or step is not known here."""
    return Refused(
        process_id=claim.id,
        stands="cannot go on here",
        problem=f"version {claim.version} of {claim.name!r} with step {claim.step!r} is not known here",
        hint="Run it where that version is deployed.",
    )
