"""Processes of older versions, moved to the newest one when they are claimed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import error_codes
from process_manager.definition import markers
from process_manager.definition.registry import Registry
from process_manager.execution.call_step import said
from process_manager.execution.hidden_values import hidden
from process_manager.lifecycle import interruption, next_state, search_terms
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import Transition
from process_manager.lifecycle.upgrade import upgraded
from process_manager.worker.recovery import recorded, tell_stuck

log = logs.get(__name__)


def upgrade(connection: sa.Connection, claims: Iterable[Claim], registry: Registry, now: datetime) -> list[Claim]:
    """Return the claims to run, those of an older version moved to the newest one in this transaction."""
    same, moved = [], []
    for claim in claims:
        transition = _upgraded(claim, registry, now)
        if transition is None:
            same.append(claim)
        else:
            moved.append(transition)

    def stop(transition: Transition, problem: Exception) -> list[Transition]:
        version = transition.state.version
        told = f"What the upgrade to version {version} made cannot be stored: {error_codes.message(problem)}"
        return recorded(connection, [interruption.stopped(transition.claim, now, message=told)], tell_stuck)

    kept = recorded(connection, moved, stop)
    return same + [next_state.continued(each) for each in kept if each.state.status is Status.RUNNING]


def _upgraded(claim: Claim, registry: Registry, now: datetime) -> Transition | None:
    hops = registry.hops(claim.name, claim.version)
    if not hops:
        return None
    try:
        moved = upgraded(claim, now, [(cls.version, upgrade) for cls, upgrade in hops])
        return search_terms.searchable(moved, hops[-1][0].presentation.fields, is_new=True)
    except BaseException as problem:  # noqa: BLE001 - the conversion is the author's, and may raise anything
        has_marks = markers.together(cls.marks for cls, _upgrade in hops) is not None
        # Where the older version's values stand is not known here: where something is marked, all of them may be.
        with hidden(claim, markers.UNKNOWN if has_marks else markers.NOTHING):
            facts = {"process_id": claim.id, "step": claim.step, "version": claim.version}
            log.error("upgrade.failed", **facts, problem=said(problem))
        message = f"The upgrade to version {hops[-1][0].version} failed: {said(problem)}"
        return interruption.stopped(claim, now, message=message)
