"""What one may do to a job that is there: stop it, or move it to a moment."""

from __future__ import annotations

from fastapi import Response
from pydantic import ConfigDict, Field

from process_manager.governance.bot_actions import RerunJob
from process_manager.governance.process_actions import Cancel
from process_manager.web.api.job_start import NEW, Asking, RerunJobRequest, again
from process_manager.web.api.jobs import EXAMPLE, JobId, ShownJob, job_of, shown
from process_manager.web.api.own_key import IdempotencyKey, of_act
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import Moment, Sent, Text

router = ApiRouter("jobs")


class CancelJobRequest(Sent):
    """Why a job is stopped."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the list was the wrong one"}]})

    reason: Text = Field("", description="Why, for the history and the audit chain.")


class ScheduleJobRequest(RerunJobRequest):
    """A job that is to be started anew at a moment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"scheduled_at": "2026-11-30T22:00:00Z"}]})

    scheduled_at: Moment = Field(description="Not before this moment.")


@router.post(
    "/{job_id}/cancel", summary="Stop a job", **answers({**EXAMPLE, "status": "cancelling"}, 404, 409, unfit=400)
)
def cancel_job(asking: Asking, job_id: JobId, body: CancelJobRequest | None = None) -> ShownJob:
    """Ask it to stop: one that has not begun never does, one that runs ends at its next safe point."""
    job_of(asking.reader, job_id)
    reason = (body.reason if body is not None else "").strip() or "cancelled"
    asking.doer.act(Cancel(job_id, reason=reason))
    return shown(asking.reader, job_id)


@router.post(
    "/{job_id}/schedule",
    summary="Start a job anew at a moment",
    **answers({**NEW, "status": "scheduled", "rerun_of_job_id": "4711"}, 404, 409, status=201, unfit=400),
)
def schedule_job(
    asking: Asking,
    job_id: JobId,
    body: ScheduleJobRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ShownJob:
    """Start a new job, linked to the old one, not before that moment. An old one that has not begun never does then."""
    registry, given = asking.doer.registry, body.parameters
    once = of_act(asking.doer.actor, f"rerun {job_id}", idempotency_key)
    action = RerunJob(job_id, registry=registry, given=given, at=body.scheduled_at, once=once, reason=body.reason)
    return again(asking, action, response)
