"""Jobs: processes that are started from a bot, with its defaults, and started anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from process_manager import operations, serialization
from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.errors import FieldsError, Occupied, PayloadError, UnknownId
from process_manager.governance import bot_parameters, bots, permissions
from process_manager.governance.bots import Bot
from process_manager.lifecycle.status import Status
from process_manager.operations import Act, Start, Started, given_files, refusals
from process_manager.operations.start import started_before
from process_manager.store import jobs

if TYPE_CHECKING:
    from process_manager.files import StoredFile

_UNBEGUN: Final = (Status.PENDING, Status.WAITING)


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that is to be started.

    Attributes:
        given: Its parameters; None for those of the job that it repeats.
        dedup_key: A second start with this key returns the first job.
        reference: The office's own number of the case.
        at: The moment before which it does not run.
        files: What was uploaded for it.
        rerun_of: The job that it repeats.
        kept: The parameters that are those of the job that it repeats, beside what is given.
    """

    given: Mapping[str, Any] | None = None
    dedup_key: str | None = None
    reference: str | None = None
    at: datetime | None = None
    files: tuple[StoredFile, ...] = ()
    rerun_of: int | None = None
    kept: frozenset[str] = frozenset()


def start(connection: sa.Connection, bot_id: int, new: NewJob, registry: Registry, *, actor: Actor) -> Started:
    """Start a job of a bot: what was given, over the bot's defaults, is what the process is started with.

    Raises:
        NotFound: There is no such bot.
        Occupied: The bot is disabled.
        Forbidden: The actor may not start its process.
        FieldsError: The parameters do not fit.
    """
    bot = _enabled(connection, bot_id)
    permissions.require(actor, "start", bot.process)  # which somebody may have changed since it was looked at
    started = _started(connection, bot, new, registry, actor=actor)
    if started.is_new:
        jobs.insert(connection, started.id, bot.id)
    return started


def rerun(connection: sa.Connection, job_id: int, new: NewJob, registry: Registry, *, actor: Actor) -> Started:
    """Start a job anew, linked to the old one. One that has not begun never does then.

    Asked for again with the same dedup key, it is the job that was started before.

    Raises:
        UnknownId: There is no such process, or it is no job.
        Refused: It runs, or a step of it may have happened.
        Occupied: Its bot is disabled.
        Forbidden: The process of its bot is another by now, which the actor may not run again.
        FieldsError: The parameters do not fit.
    """
    row = refusals.require(connection, job_id)
    bot = _enabled(connection, _bot_of(connection, job_id))
    permissions.require(actor, "rerun", bot.process)  # which may be another than that of the old job
    if (before := started_before(connection, bot.process, new.dedup_key)) is not None:
        return before
    _refuse_running(row, at=new.at)
    given = _given(serialization.loads(row["parameters"]), new, bot)
    files = given_files.with_others(connection, job_id, registry.newest(bot.process), new.files)
    again = NewJob(given, new.dedup_key, row["reference"], new.at, tuple(files), job_id)
    if row["status"] in _UNBEGUN:
        operations.cancel(connection, job_id, Act(actor, "started anew at another moment"))
    started = _started(connection, bot, again, registry, actor=actor)
    if started.is_new:
        jobs.insert(connection, started.id, bot.id)
    return started


def _given(before: Mapping[str, Any], new: NewJob, bot: Bot) -> Mapping[str, Any]:
    """Return what a job is given anew: what it was started with, or what is given beside that of it which is kept."""
    kept = _plain(bot) if new.given is None else _plain(bot) & new.kept
    return {**{name: value for name, value in before.items() if name in kept}, **(new.given or {})}


def _plain(bot: Bot) -> set[str]:
    """Return the parameters that are no files: those come with the process."""
    return {name for name, about in bot.parameter_schema.items() if about["type"] != "file"}


def _refuse_running(row: sa.RowMapping, *, at: datetime | None) -> None:
    if row["status"] in _UNBEGUN and at is None:
        raise refusals.refused(row, "it has not ended", hint="Say at which moment it is to run instead.")
    if row["status"] == Status.RUNNING:
        raise refusals.refused(row, "it has not ended", hint="Cancel it first, and start it anew once it has.")
    refusals.refuse_doubtful(row, "starting it anew could do it twice")


def _bot_of(connection: sa.Connection, job_id: int) -> int:
    found = jobs.of(connection, [job_id])
    if job_id not in found:
        raise UnknownId(process_id=job_id, database="this database")
    return int(found[job_id]["bot_id"])


def _enabled(connection: sa.Connection, bot_id: int) -> Bot:
    bot = bots.require(connection, bot_id)
    if not bot.enabled:
        raise Occupied(problem=f"Bot {bot.name!r} is disabled.", hint="Enable it first.")
    return bot


def _started(connection: sa.Connection, bot: Bot, new: NewJob, registry: Registry, *, actor: Actor) -> Started:
    names = [each.name for each in new.files]
    parameters = bot_parameters.used(bot.parameter_schema, bot.default_parameters, new.given or {}, files=names)
    wanted = Start(
        registry.newest(bot.process),
        parameters,
        reference=new.reference,
        dedup_key=new.dedup_key,
        at=new.at,
        files=new.files,
    )
    try:
        return operations.start_many(connection, [wanted], actor=actor, rerun_of=new.rerun_of)[0]
    except PayloadError as problem:
        raise FieldsError.of(_fields(str(problem.facts["problems"]))) from None


def _fields(problems: str) -> list[tuple[str, str]]:
    """Return the path of each parameter that the model of the class refuses, and why."""
    found = []
    for each in problems.split("; "):
        path, _, why = each.partition(": ")
        found.append((f"parameters.{path}" if path != "payload" else "parameters", why or each))
    return found
