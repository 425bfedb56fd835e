"""What one may do with jobs: start one of a bot, stop it, start it anew, now or at a moment."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Response
from pydantic import ConfigDict, Field

from process_manager.governance.bot_actions import RerunJob, StartJob
from process_manager.governance.process_actions import Cancel
from process_manager.web.api.asking import Doer, Doing, Reader, Reading
from process_manager.web.api.bots import seen_by
from process_manager.web.api.jobs import EXAMPLE, JobId, ShownJob, job_of
from process_manager.web.api.own_key import IdempotencyKey, dedup_key
from process_manager.web.api.router import PREFIX, ApiRouter, answers
from process_manager.web.api.values import Id, IdText, Moment, Sent, Text

router = ApiRouter("jobs")

NEW: Final = {**EXAMPLE, "status": "queued", "started_at": None, "progress_percent": None, "progress_message": None}


class StartJobRequest(Sent):
    """A job that is to be started."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"bot_id": "3", "parameters": {"year": 2026}}]})

    bot_id: IdText | Id = Field(description="The bot.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="What is given, over the bot's defaults.")
    reference: Text | None = Field(None, description="The office's own number of the case.")
    scheduled_at: Moment | None = Field(None, description="Not before this moment.")
    reason: Text = Field("", description="Why, where the office asks for a reason.")


class CancelJobRequest(Sent):
    """Why a job is stopped."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the list was the wrong one"}]})

    reason: Text = Field("", description="Why, for the history and the audit chain.")


class RerunJobRequest(Sent):
    """A job that is to be started anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"parameters": {"year": 2027}}]})

    parameters: dict[str, Any] | None = Field(None, description="What is given; without it what it was started with.")
    reason: Text = Field("", description="Why, for the audit chain.")


class ScheduleJobRequest(RerunJobRequest):
    """A job that is to be started anew at a moment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"scheduled_at": "2026-11-30T22:00:00Z"}]})

    scheduled_at: Moment = Field(description="Not before this moment.")


@router.post("", summary="Start a job", **answers(NEW, 404, 409, status=201, unfit=400))
def start_job(
    reader: Reading, doer: Doing, body: StartJobRequest, response: Response, idempotency_key: IdempotencyKey = None
) -> ShownJob:
    """Start it: 201, or 200 with the job that was there, where the key belongs to one. A disabled bot starts none."""
    bot = seen_by(reader, int(body.bot_id))
    own = dedup_key(doer.actor, None, idempotency_key)
    action = StartJob(
        bot.id,
        bot.process,
        registry=doer.office.registry,
        given=body.parameters,
        dedup_key=None if own is None else f"{own}\0bot {bot.id}",
        reference=body.reference,
        at=body.scheduled_at,
        reason=body.reason,
    )
    started = doer.act(action).value
    if not started.is_new:
        response.status_code = 200
    return _made(reader, started.id, response)


@router.post(
    "/{job_id}/cancel", summary="Stop a job", **answers({**EXAMPLE, "status": "cancelling"}, 404, 409, unfit=400)
)
def cancel_job(reader: Reading, doer: Doing, job_id: JobId, body: CancelJobRequest | None = None) -> ShownJob:
    """Ask it to stop: one that has not begun never does, one that runs ends at its next safe point."""
    job_of(reader, job_id)
    reason = (body.reason if body is not None else "").strip() or "cancelled"
    doer.act(Cancel(job_id, reason=reason))
    return ShownJob.of(job_of(reader, job_id))


@router.post(
    "/{job_id}/rerun",
    summary="Start a job anew",
    **answers({**NEW, "rerun_of_job_id": "4711"}, 404, 409, status=201, unfit=400),
)
def rerun_job(
    reader: Reading, doer: Doing, job_id: JobId, response: Response, body: RerunJobRequest | None = None
) -> ShownJob:
    """Start a new job, linked to the old one, which stays as it was; with other parameters, where some are given."""
    return _again(reader, doer, job_id, body, response)


@router.post(
    "/{job_id}/schedule",
    summary="Start a job anew at a moment",
    **answers({**NEW, "status": "scheduled", "rerun_of_job_id": "4711"}, 404, 409, status=201, unfit=400),
)
def schedule_job(reader: Reading, doer: Doing, job_id: JobId, body: ScheduleJobRequest, response: Response) -> ShownJob:
    """Start a new job, linked to the old one, not before that moment. An old one that has not begun never does then."""
    return _again(reader, doer, job_id, body, response)


def _again(reader: Reader, doer: Doer, job_id: int, body: RerunJobRequest | None, response: Response) -> ShownJob:
    job_of(reader, job_id)
    at = body.scheduled_at if isinstance(body, ScheduleJobRequest) else None
    given, reason = (None, "") if body is None else (body.parameters, body.reason)
    action = RerunJob(job_id, registry=doer.office.registry, given=given, at=at, reason=reason)
    return _made(reader, doer.act(action).value, response)


def _made(reader: Reader, job_id: int, response: Response) -> ShownJob:
    response.headers["Location"] = f"{PREFIX}jobs/{job_id}"
    return ShownJob.of(job_of(reader, job_id))
