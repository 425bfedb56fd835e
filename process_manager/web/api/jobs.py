"""`/jobs`: which there are, how far each is, what it wrote, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from fastapi import Path, Query
from pydantic import Field

from process_manager import inspection
from process_manager.inspection import History, LogLine, ProcessFile
from process_manager.inspection import jobs as asked_for
from process_manager.inspection.jobs import Job
from process_manager.web.api import examples
from process_manager.web.api.asking import Reader, Reading
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import Id, Moment, Sent, Text
from process_manager.web.ids import BIGGEST

router = ApiRouter("jobs")

JobStatus = Literal["scheduled", "queued", "running", "cancelling", "success", "cancelled", "failed"]
JobId = Annotated[int, Path(ge=1, le=BIGGEST, description="The id of the job, which is a process.")]

EXAMPLE: Final[dict[str, Any]] = {
    "id": "4711",
    "bot_id": "3",
    "bot_name": "Read the invoices",
    "status": "running",
    "reason": None,
    "parameters": {"year": 2026},
    "input_files": [examples.FILE],
    "reference": None,
    "enqueued_at": "2026-11-30T14:31:20Z",
    "scheduled_at": None,
    "started_at": "2026-11-30T14:31:27Z",
    "completed_at": None,
    "progress_percent": 64,
    "progress_message": "312 of 486 rows are queued",
    "result": None,
    "error_message": None,
    "error_details": None,
    "triggered_by": "ada",
    "retry_count": 0,
    "rerun_of_job_id": None,
}


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job: a process that was started from a bot."""

    id: str
    bot_id: str
    bot_name: str
    status: JobStatus
    reason: str | None
    parameters: dict[str, Any]
    input_files: list[ProcessFile] | None  # null in a list
    reference: str | None
    enqueued_at: datetime | None
    scheduled_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    progress_percent: int | None
    progress_message: str | None
    result: dict[str, Any] | None
    error_message: str | None
    error_details: str | None
    triggered_by: str
    retry_count: int
    rerun_of_job_id: str | None

    @classmethod
    def of(cls, job: Job, files: list[ProcessFile] | None = None) -> Self:
        """Return a job as front ends know it."""
        process = job.process
        return cls(
            id=str(process.id),
            bot_id=str(job.bot_id),
            bot_name=job.bot_name,
            status=job.status,  # type: ignore[arg-type]  # one of those
            reason=job.reason,
            parameters=dict(job.parameters),
            input_files=files,
            reference=process.reference,
            enqueued_at=process.created_at,
            scheduled_at=process.retry_after if job.status == "scheduled" else None,
            started_at=job.started_at,
            completed_at=job.ended_at,
            progress_percent=job.percent,
            progress_message=str((job.progress or {}).get("message") or "") or None,
            result=None if job.result is None else dict(job.result),
            error_message=job.error,
            error_details=job.details,
            triggered_by=process.created_by,
            retry_count=max(process.attempt - 1, 0),
            rerun_of_job_id=None if process.rerun_of is None else str(process.rerun_of),
        )


@dataclass(frozen=True, slots=True)
class JobList:
    """Jobs, the newest first; `next_below` asks for the page after this one, and is null on the last."""

    items: list[ShownJob]
    next_below: str | None


@dataclass(frozen=True, slots=True)
class JobHistory:
    """What happened to a job, the oldest first; a step that runs is the last one, as `started`."""

    items: list[History]


@dataclass(frozen=True, slots=True)
class JobLog:
    """Log lines of a job, in order; `next` asks for those after them, now or later."""

    items: tuple[LogLine, ...]
    next: str


@dataclass(frozen=True, slots=True)
class JobResult:
    """What came of a job: the fields that its class names; null before it ended well."""

    status: JobStatus
    result: dict[str, Any] | None


class JobQuery(Sent):
    """Which jobs; what is left out sets no condition."""

    status: JobStatus | None = Field(None, description="Standing so.")
    bot_id: Id | None = Field(None, description="Of this bot.")
    triggered_by: Text | None = Field(None, description="Started by this person or program.")
    reference: Text | None = Field(None, description="With this number of the office.")
    since: Moment | None = Field(None, description="Started then or later.")
    until: Moment | None = Field(None, description="Started before then.")
    limit: int = Field(50, ge=1, le=1000, description="At most so many.")
    below: Id | None = Field(None, description="Older than this one: `next_below` of the page before.")


@router.get("", summary="List jobs, the newest first", **answers({"items": [EXAMPLE], "next_below": "4711"}, unfit=400))
def list_jobs(reader: Reading, asked: Annotated[JobQuery, Query()]) -> JobList:
    """Return a page of the jobs that match; the next one is the same request with `below=next_below`.

    A page may have fewer than `limit`, or none, though more come: of what has ended 2,000 are looked through at once.
    """
    which = asked_for.filters(
        asked.status,
        bot_id=asked.bot_id,
        started_by=asked.triggered_by,
        reference=asked.reference,
        created_since=asked.since,
        created_until=asked.until,
        below=asked.below,
    )
    office = reader.office
    with office.database.read() as connection:
        found = asked_for.jobs(connection, which, limit=asked.limit, registry=office.registry, viewer=reader.viewer)
    items = [ShownJob.of(each) for each in found.items]
    return JobList(items, None if found.next_below is None else str(found.next_below))


@router.get("/{job_id}", summary="Show a job", **answers(EXAMPLE, 404, unfit=400))
def get_job(reader: Reading, job_id: JobId) -> ShownJob:
    """Return where a job stands, how far it is, and what went wrong: the message apart from the traceback."""
    return shown(reader, job_id)


@router.get(
    "/{job_id}/history",
    summary="Show what happened to a job",
    **answers({"items": [examples.HISTORY]}, 404, unfit=400),
)
def get_job_history(reader: Reading, job_id: JobId) -> JobHistory:
    """Return each run of a step, and what people did."""
    with reader.office.database.read() as connection:
        asked_for.require_job(connection, job_id)
        return JobHistory(inspection.history(connection, job_id, viewer=reader.viewer))


@router.get(
    "/{job_id}/logs",
    summary="Follow the log lines of a job",
    **answers({"items": [examples.LOG_LINE], "next": "6-2"}, 404, unfit=400),
)
def get_job_logs(
    reader: Reading,
    job_id: JobId,
    after: Annotated[
        str, Query(pattern=r"^[0-9]{1,9}-[0-9]{1,9}$", description="`next` of the answer before; 0-0 for the first.")
    ] = "0-0",
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 200,
) -> JobLog:
    """Return the lines after a place, each once and in order, also while the step writes."""
    seq, number = map(int, after.split("-"))
    with reader.office.database.read() as connection:
        asked_for.require_job(connection, job_id)
        found = inspection.logs(connection, job_id, after=(seq, number), most=limit, viewer=reader.viewer)
    return JobLog(found.lines, f"{found.after[0]}-{found.after[1]}")


@router.get(
    "/{job_id}/result",
    summary="Show what came of a job",
    **answers({"status": "success", "result": {"rows": 486}}, 404, unfit=400),
)
def get_job_result(reader: Reading, job_id: JobId) -> JobResult:
    """Return the fields that its class names as its result."""
    found = ShownJob.of(job_of(reader, job_id))
    return JobResult(found.status, found.result)


def shown(reader: Reader, job_id: int) -> ShownJob:
    """Return a job with its files, as front ends know it."""
    found = job_of(reader, job_id)
    with reader.office.database.read() as connection:
        return ShownJob.of(found, inspection.process_files(connection, job_id, viewer=reader.viewer))


def job_of(reader: Reader, job_id: int) -> Job:
    """Return a job that the reader may see; raise UnknownId where there is none."""
    office = reader.office
    with office.database.read() as connection:
        return asked_for.job(connection, job_id, registry=office.registry, viewer=reader.viewer)
