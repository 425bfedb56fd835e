"""Jobs, which are processes that were started from a bot, in the words that front ends know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.definition.registry import Registry
from process_manager.errors import UnknownId
from process_manager.inspection import masking
from process_manager.inspection.masking import Shield
from process_manager.inspection.processes import Overview, overviews
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import Status
from process_manager.store import jobs as stored
from process_manager.store import queries
from process_manager.store.filters import ERRORS, Filter
from process_manager.store.jobs import JobFilter

S = Status

STATUSES: Final = ("scheduled", "queued", "running", "cancelling", "success", "cancelled", "failed")
"""Where a job stands, as front ends know it."""

_ENDED: Final[Mapping[str, str]] = {S.SUCCEEDED: "success", S.SKIPPED: "success", S.ABANDONED: "cancelled"}

_MEANT: Final[Mapping[str, tuple[Status, ...]]] = {
    "scheduled": (S.WAITING,),
    "queued": (S.PENDING, S.WAITING),
    "running": (S.RUNNING,),
    "cancelling": (S.RUNNING,),
    "success": (S.SUCCEEDED, S.SKIPPED),
    "cancelled": (S.ABANDONED,),
    "failed": (S.FAILED, S.UNCERTAIN, S.QUARANTINED, S.REJECTED),
}
_BEGUN: Final = {"scheduled": False, "queued": True}
_ASKED: Final = {"running": False, "cancelling": True}


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    Attributes:
        process: The process that it is.
        bot_id: Its bot.
        bot_name: What that is called.
        status: Where it stands, one of `STATUSES`.
        reason: Of one that failed, how: failed, rejected, uncertain or quarantined.
        parameters: What it was started with, the bot's defaults among them.
        started_at: When its first step began.
        ended_at: When it ended, or stopped until someone acts.
        progress: How far its running step is: `done`, `total` and `message`.
        error: What went wrong, in a sentence.
        details: The traceback.
        result: The fields that its class names as its result; None before it ended well.
    """

    process: Overview
    bot_id: int
    bot_name: str
    status: str
    reason: str | None
    parameters: Mapping[str, Any]
    started_at: datetime | None
    ended_at: datetime | None
    progress: Mapping[str, Any] | None
    error: str | None
    details: str | None
    result: Mapping[str, Any] | None

    @property
    def percent(self) -> int | None:
        """How much is done, of a hundred; None where nobody knows."""
        if self.status == "success":
            return 100
        done, total = (self.progress or {}).get("done"), (self.progress or {}).get("total")
        if not (isinstance(done, int | float) and isinstance(total, int | float)) or total <= 0:
            return None
        return max(0, min(100, int(100 * done / total)))


@dataclass(frozen=True, slots=True)
class FoundJobs:
    """Jobs, the newest first, and below which id the next page begins; None on the last."""

    items: list[Job]
    next_below: int | None


def status_of(process: Overview) -> str:
    """Return where a job stands, as front ends know it."""
    if process.status in _ENDED:
        return _ENDED[process.status]
    if process.status == S.RUNNING:
        return "running" if process.stop_requested_at is None else "cancelling"
    if process.status == S.PENDING:
        return "queued"
    if process.status == S.WAITING:
        return "scheduled" if process.waiting_for == "moment" and process.seq == 0 else "queued"
    return "failed"


def filters(status: str | None, **more: Any) -> JobFilter:
    """Return the filter for jobs that stand so; `more` are fields of `Filter` and `JobFilter`.

    Args:
        status: One of `STATUSES`; None for any.
    """
    own = {name: more.pop(name) for name in ("bot_id", "started_by") if name in more}
    meant = () if status is None else tuple(map(str, _MEANT[status]))
    which = Filter(**{**more, "status": meant})
    return JobFilter(which, begun=_BEGUN.get(status or ""), asked_to_stop=_ASKED.get(status or ""), **own)


def jobs(
    connection: sa.Connection, which: JobFilter, *, limit: int, registry: Registry, viewer: Viewer = CONSOLE
) -> FoundJobs:
    """List the newest jobs that match. The next page is the same filter `below` what this one says.

    A page may have fewer than `limit` though more come: at most so many of what has ended are looked through at once.

    Args:
        connection: A connection in any transaction.
        which: Which jobs.
        limit: How many, at most.
        registry: The classes that are known here: they say what the result is.
        viewer: Who asks.

    Returns:
        The jobs, the newest first.
    """
    seen = replace(which, which=replace(which.which, kinds=viewer.kinds))
    ids, next_below = stored.newest(connection, seen, limit=limit)
    return FoundJobs(some(connection, ids, registry, viewer), next_below)


def some(connection: sa.Connection, ids: Sequence[int], registry: Registry, viewer: Viewer) -> list[Job]:
    """Return those of these jobs that there are for whoever asks, the newest first."""
    return of_rows(connection, rows_seen(connection, ids, viewer), registry, viewer)


def rows_seen(connection: sa.Connection, ids: Sequence[int], viewer: Viewer) -> list[sa.RowMapping]:
    """Return the rows of these jobs, of the kinds that whoever asks may see."""
    rows = stored.rows(connection, ids) if ids else ()
    return [each for each in rows if viewer.kinds is None or each["name"] in viewer.kinds]


def job(connection: sa.Connection, job_id: int, *, registry: Registry, viewer: Viewer = CONSOLE) -> Job:
    """Return one job; raise UnknownId when there is none.

    Args:
        connection: A connection in any transaction.
        job_id: Which job.
        registry: The classes that are known here.
        viewer: Who asks.
    """
    found = some(connection, [job_id], registry, viewer)
    if not found:
        raise UnknownId(process_id=job_id, database="this database")
    return found[0]


def require_job(connection: sa.Connection, job_id: int) -> None:
    """Raise UnknownId where there is no job of this id, though there may be a process."""
    if job_id not in stored.of(connection, [job_id]):
        raise UnknownId(process_id=job_id, database="this database")


def of_rows(connection: sa.Connection, rows: Sequence[sa.RowMapping], registry: Registry, viewer: Viewer) -> list[Job]:
    """Return the jobs of these rows; whoever calls has seen to it that they may be seen."""
    if not rows:
        return []
    bots = stored.of(connection, [row["id"] for row in rows])
    rows = [row for row in rows if row["id"] in bots]  # the others are processes, but no jobs
    ids = [row["id"] for row in rows]
    shields = masking.shields(connection, rows, viewer)
    began = stored.first_runs(connection, ids)
    told = queries.progress(connection, ids)
    found = []
    for row, process in zip(rows, overviews(connection, rows, shields, viewer), strict=True):
        shield, bot = shields.get(process.id), bots[process.id]
        began_at = began.get(process.id) or row["step_started_at"]
        made = _job(row, process, shield, registry)
        found.append(
            replace(
                made,
                bot_id=bot["bot_id"],
                bot_name=bot["name"],
                started_at=began_at,
                progress=_masked(_read(told.get(process.id)), shield),
            )
        )
    return found


def _job(row: sa.RowMapping, process: Overview, shield: Shield | None, registry: Registry) -> Job:
    status = status_of(process)
    parameters = serialization.loads(row["parameters"])
    is_wrong = status == "failed" or row["outcome"] in ERRORS
    return Job(
        process=process,
        bot_id=0,
        bot_name="",
        status=status,
        reason=process.status if status == "failed" else None,
        parameters=parameters if shield is None else shield.payload(parameters, 0),
        started_at=None,
        ended_at=row["finished_at"] or (row["stopped_at"] if status == "failed" else None),
        progress=None,
        error=process.message if is_wrong else None,
        details=_masked(row["error"], shield) if is_wrong else None,
        result=_result(process, registry) if status == "success" else None,
    )


def _result(process: Overview, registry: Registry) -> Mapping[str, Any]:
    cls = registry.get(process.name, process.version)
    named: Iterable[str] = () if cls is None else cls.result
    return {name: process.payload[name] for name in named if name in process.payload}


def _read(told: str | None) -> Mapping[str, Any] | None:
    return None if told is None else serialization.loads(told)


def _masked(value: Any, shield: Shield | None) -> Any:
    return value if shield is None or value is None else shield.value(value)
