"""`POST /jobs`, and the same anew: a process of a bot, with its parameters and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Response
from pydantic import ConfigDict, Field

from process_manager.governance.bot_actions import RerunJob, StartJob
from process_manager.web.api.asking import Doer, Doing, Reader, Reading
from process_manager.web.api.bots import seen_by
from process_manager.web.api.file_body import FileRoute, Files, also_a_form
from process_manager.web.api.jobs import EXAMPLE, JobId, ShownJob, job_of, shown
from process_manager.web.api.own_key import IdempotencyKey, of_act
from process_manager.web.api.router import PREFIX, ApiRouter, answers
from process_manager.web.api.values import Id, IdText, Moment, Sent, Text

router = ApiRouter("jobs", route_class=FileRoute)


@dataclass(frozen=True, slots=True)
class AskingBoth:
    """Who does something, and sees what came of it."""

    reader: Reader
    doer: Doer


def asking(reader: Reading, doer: Doing) -> AskingBoth:
    """Return who does something, and sees what came of it."""
    return AskingBoth(reader, doer)


Asking = Annotated[AskingBoth, Depends(asking)]

NEW: Final = {**EXAMPLE, "status": "queued", "started_at": None, "progress_percent": None, "progress_message": None}


class StartJobRequest(Sent):
    """A job that is to be started."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"bot_id": "3", "parameters": {"year": 2026}}]})

    bot_id: IdText | Id = Field(description="The bot.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="What is given, over the bot's defaults.")
    reference: Text | None = Field(None, description="The office's own number of the case.")
    scheduled_at: Moment | None = Field(None, description="Not before this moment.")
    reason: Text = Field("", description="Why, where the office asks for a reason.")


class RerunJobRequest(Sent):
    """A job that is to be started anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"parameters": {"year": 2027}}]})

    parameters: dict[str, Any] | None = Field(None, description="What is given; without it what it was started with.")
    reason: Text = Field("", description="Why, for the audit chain.")


NOTHING: Final = RerunJobRequest.model_validate({})


@router.post(
    "",
    summary="Start a job",
    openapi_extra=also_a_form(bot_id="3", parameters='{"year": 2026}'),
    **answers(NEW, 404, 409, 413, status=201, unfit=400),
)
def start_job(
    asking: Asking, body: StartJobRequest, files: Files, response: Response, idempotency_key: IdempotencyKey = None
) -> ShownJob:
    """Start it: 201, or 200 with the job that was there, where the key belongs to one. A disabled bot starts none.

    Files come with a form: each as a part with a file name, everything else as fields with these names.
    """
    reader, doer = asking.reader, asking.doer
    bot = seen_by(reader, int(body.bot_id))
    action = StartJob(
        bot.id,
        bot.process,
        registry=doer.registry,
        given=body.parameters,
        dedup_key=of_act(doer.actor, f"bot {bot.id}", idempotency_key),
        reference=body.reference,
        at=body.scheduled_at,
        files=files,
        reason=body.reason,
    )
    started = doer.act(action).value
    if not started.is_new:
        response.status_code = 200
    return made(reader, started.id, response)


@router.post(
    "/{job_id}/rerun",
    summary="Start a job anew",
    openapi_extra=also_a_form(parameters='{"year": 2027}'),
    **answers({**NEW, "rerun_of_job_id": "4711"}, 404, 409, 413, status=201, unfit=400),
)
def rerun_job(  # noqa: PLR0913, PLR0917 - the parts of the request
    asking: Asking,
    job_id: JobId,
    files: Files,
    response: Response,
    body: RerunJobRequest | None = None,
    idempotency_key: IdempotencyKey = None,
) -> ShownJob:
    """Start a new job, linked to the old one, which stays as it was; with other parameters or files, if some are given.

    Files that are sent take the place of those of the same names.
    """
    sent = body or NOTHING
    once = of_act(asking.doer.actor, f"rerun {job_id}", idempotency_key)
    more: dict[str, Any] = {"given": sent.parameters, "files": files, "once": once, "reason": sent.reason}
    action = RerunJob(job_id, registry=asking.doer.registry, **more)
    return again(asking, action, response)


def again(asking: AskingBoth, action: RerunJob, response: Response) -> ShownJob:
    """Start a job anew, and return the new one."""
    job_of(asking.reader, action.id)
    started = asking.doer.act(action).value
    if not started.is_new:
        response.status_code = 200
    return made(asking.reader, started.id, response)


def made(reader: Reader, job_id: int, response: Response) -> ShownJob:
    """Return a new job, and say where it is."""
    response.headers["Location"] = f"{PREFIX}jobs/{job_id}"
    return shown(reader, job_id)
