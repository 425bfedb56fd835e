"""All that the page of jobs shows: how far each is, and the log of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager.definition.registry import Registry
from process_manager.inspection import jobs as asked_for
from process_manager.inspection import moments
from process_manager.inspection.jobs import Job
from process_manager.inspection.log_tail import LogTail, logs_of
from process_manager.inspection.process_files import ProcessFile, files_of
from process_manager.inspection.sentence import Sentence, quoted, sentence
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.message import Message
from process_manager.store import jobs as stored
from process_manager.store.jobs import JobFilter

MOST_COUNTED: Final = 1000
MOST_LINES: Final = 200

_STOPS: Final = ("scheduled", "queued", "running")
_RUNS_AGAIN: Final = ("success", "cancelled", "failed")


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in the list.

    Attributes:
        job: The job.
        called: What it is called: the office's number, or its bot.
        under: What else it is.
        sentence: Where it stands.
        time: How long it took, or how much is left; empty where nobody knows.
        may_run_now: Whether it waits for a moment that it need not wait for.
        may_stop: Whether it can be stopped.
        may_run_again: Whether it can be started anew.
    """

    job: Job
    called: str
    under: str
    sentence: Sentence
    time: str
    may_run_now: bool
    may_stop: bool
    may_run_again: bool


@dataclass(frozen=True, slots=True)
class JobsPage:
    """The jobs, the newest first, and one of them with its log.

    Attributes:
        rows: A page of them.
        older: Below which id the page after this one begins; None on the last.
        running: How many run, up to a thousand.
        scheduled: How many wait for their first moment, likewise.
        selected: The one whose log is shown; None where there is none.
        log: Its first lines, and where the next ones come.
        files: Its files.
    """

    rows: tuple[JobRow, ...]
    older: int | None
    running: int
    scheduled: int
    selected: JobRow | None
    log: LogTail | None
    files: tuple[ProcessFile, ...] = ()


def jobs_page(  # noqa: PLR0913 - which jobs, and which of them, by name
    connection: sa.Connection,
    which: JobFilter,
    *,
    selected: int | None,
    limit: int,
    around: Surroundings,
    registry: Registry,
    viewer: Viewer = CONSOLE,
) -> JobsPage:
    """Return all that the page of jobs shows.

    Args:
        connection: A connection in any transaction.
        which: Which jobs.
        selected: The job whose log is shown; None for the one that runs, or the newest.
        limit: How many, at most.
        around: What surrounds them, from `look_around`.
        registry: The classes that are known here.
        viewer: Who asks.

    Returns:
        The jobs, and one of them with its log.
    """
    seen = replace(which, which=replace(which.which, kinds=viewer.kinds))
    ids, older = stored.newest(connection, seen, limit=limit)
    wanted = ids if selected is None or selected in ids else [*ids, selected]
    read = {each["id"]: each for each in asked_for.rows_seen(connection, wanted, viewer)}
    jobs = asked_for.of_rows(connection, list(read.values()), registry, viewer)
    found = {each.process.id: row(each, around) for each in jobs}
    rows = tuple(found[each] for each in ids if each in found)
    running, scheduled = stored.counts(connection, most=MOST_COUNTED, kinds=viewer.kinds)
    shown = _selected(rows, None if selected is None else found.get(selected))
    its = None if shown is None else read[shown.job.process.id]
    log = None if its is None else logs_of(connection, its, most=MOST_LINES, viewer=viewer)
    files = () if its is None else tuple(files_of(connection, its, viewer))
    return JobsPage(rows, older, running, scheduled, shown, log, files)


def _selected(rows: Sequence[JobRow], chosen: JobRow | None) -> JobRow | None:
    running = (each for each in rows if each.job.status == "running")
    return chosen or next(running, None) or next(iter(rows), None)


def row(job: Job, around: Surroundings) -> JobRow:
    """Return a job as a row of the list."""
    process = job.process
    kind = f"{process.name} {process.version}"
    return JobRow(
        job=job,
        called=process.reference or job.bot_name,
        under=f"{job.bot_name}, {kind}" if process.reference else kind,
        sentence=_sentence(job, around),
        time=_time(job, around.now),
        may_run_now=process.waiting_for == "moment",
        may_stop=job.status in _STOPS,
        may_run_again=job.status in _RUNS_AGAIN and process.doubtful_since is None,
    )


def _sentence(job: Job, around: Surroundings) -> Sentence:
    process = job.process
    if job.status == "cancelling":
        rest = Message("at its next safe point, as %(who)s asked.", who=process.stop_requested_by)
        return Sentence(process.status, Message("Stopping"), rest)
    if job.status == "running":
        told = str((job.progress or {}).get("message") or "")
        where = Message("on %(worker)s: %(told)s", worker=process.worker, told=told)
        return Sentence(
            process.status, Message("Running"), where if told else Message("on %(worker)s", worker=process.worker)
        )
    if job.status == "success" and process.message:
        return Sentence(process.status, Message("Done:"), quoted(process.message))
    return sentence(process, around)


def _time(job: Job, now: datetime) -> str:
    """Return how long a job took or, where its progress tells, how much is left."""
    if job.started_at is None:
        return ""
    if job.ended_at is not None:
        return Message("took %(time)s", time=moments.lasting(job.ended_at - job.started_at))
    since, percent = now - job.started_at, job.percent
    if job.status == "running" and percent:
        return Message("about %(time)s left", time=moments.lasting(since * (100 - percent) / percent))
    return Message("for %(time)s so far", time=moments.lasting(since))
