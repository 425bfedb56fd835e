"""Starting processes, one or many, in the caller's own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from process_manager import clock, facts
from process_manager.errors import HeldByAnother, IllegalValue, PayloadError, UsageError
from process_manager.process import Process
from process_manager.store import keys, lanes, starting, waking
from process_manager.store.starting import NewProcess
from process_manager.store.tables import REFERENCE_LENGTH

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Start:
    """A process that is asked for. `at` is the moment before which it does not run; `dedup_key` makes a second start
    return the first process; processes with one `order_key` run strictly one after the other."""

    process: type[Process]
    payload: Mapping[str, Any] | None = None
    reference: str | None = None
    dedup_key: str | None = None
    order_key: str | None = None
    at: datetime | None = None
    channel: str | None = None
    command_key: str | None = None  # set by commands: it is their dedup key, too


@dataclass(frozen=True, slots=True)
class Started:
    """The id of the process; `is_new` is False when its dedup key belonged to one that was there before."""

    id: int
    is_new: bool


def start(
    connection: sa.Connection,
    process: type[Process],
    payload: Mapping[str, Any] | None = None,
    *,
    by: str = "code",
    **options: Any,
) -> Started:
    """Start one process in the caller's own transaction: it exists when that is committed.

    `options` are those of `Start`. Raises PayloadError or IllegalValue, with nothing written.
    """
    return start_many(connection, [Start(process, payload, **options)], by=by)[0]


def start_many(
    connection: sa.Connection, starts: Sequence[Start], *, by: str = "code", rerun_of: int | None = None
) -> list[Started]:
    """Start processes, in order, in the caller's own transaction; one that does not fit refuses them all."""
    now = clock.now()
    new = [replace(_new(each), rerun_of=rerun_of) for each in starts]
    started: list[Started] = []
    for first in range(0, len(new), CHUNK):
        started += _start_chunk(connection, new[first : first + CHUNK], by=somebody(by), now=now)
    if any(each.is_new for each in started):
        waking.hint(connection)
    return started


def start_command(connection: sa.Connection, wanted: Start, *, by: str, rerun_of: int | None = None) -> int:
    """The id of the process that runs a command; HeldByAnother while another process of its key is open."""
    started = start_many(connection, [wanted], by=by, rerun_of=rerun_of)[0]
    if not started.is_new:
        raise HeldByAnother(
            process_id=started.id,
            holder=f"the command {wanted.command_key!r}, which it runs",
            cure=f"Wait for it: `process-manager show {started.id}`.",
        )
    return started.id


def somebody(by: str) -> str:
    """Who did it, as it is stored: never nobody, whatever a program says."""
    return facts.clean(by, REFERENCE_LENGTH).strip() or "somebody"


def _new(wanted: Start) -> NewProcess:
    process = wanted.process
    if not process.plan:
        raise UsageError(problem=f"class {process.__name__} has no STEPS, so it cannot be started. Give it some.")
    if process.arguments is not None and wanted.command_key is None:
        raise _is_command(process)
    return NewProcess(
        name=process.name,
        version=process.version,
        channel=_short("channel", wanted.channel) or process.channel,
        step=process.plan[0].name,
        parameters=facts.dumps(_checked(process, wanted.payload or {})),
        reference=_short("reference", wanted.reference),
        order_key=_short("order_key", wanted.order_key),
        dedup_hash=_hashed(wanted.dedup_key if wanted.command_key is None else f"command {wanted.command_key}"),
        dedup_scope=process.dedup,
        at=_moment(wanted.at),
        command_key=wanted.command_key,
    )


def _is_command(process: type[Process]) -> UsageError:
    argument = " ARGUMENT" if process.arguments else ""
    return UsageError(
        problem=f"{process.name!r} is a command, of which one is open at most, so `start` does not start it. "
        f"`process-manager run-command {process.name}{argument}` does."
    )


def _hashed(dedup_key: str | None) -> str | None:
    """The key as it is stored; an unset variable of a script must not make all its starts one process."""
    if dedup_key is None:
        return None
    _refuse_no_text("dedup_key", dedup_key)
    if not dedup_key.strip():
        raise IllegalValue(what="dedup_key", value=dedup_key, problem="is empty", cure="Give a text, or leave it out.")
    return keys.hashed(dedup_key)


def _checked(process: type[Process], payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payload as the parameters model makes it, defaults filled in."""
    if not isinstance(payload, Mapping):
        raise PayloadError(process=process.name, problems=f"it is a {type(payload).__name__}, not an object")
    if process.parameters is None:
        return payload
    from pydantic import ValidationError

    try:
        return process.parameters.model_validate(payload).model_dump(mode="json")
    except ValidationError as error:
        raise PayloadError(process=process.name, problems=_problems(error.errors(include_input=False))) from None
    except ValueError as error:  # what a model takes as Any may be nothing that JSON can carry
        raise PayloadError(process=process.name, problems=f"it is no JSON: {type(error).__name__}") from None


def _problems(errors: Sequence[Any]) -> str:
    """What does not fit and where, without the values: they may be personal."""
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'payload'}: {each['msg']}" for each in errors)


def _short(what: str, value: str | None) -> str | None:
    if value is None:
        return None
    _refuse_no_text(what, value)
    if not value.strip() or len(value) > REFERENCE_LENGTH or facts.clean(value) != value:
        raise IllegalValue(
            what=what,
            value=value[:50],
            problem=f"is empty, over {REFERENCE_LENGTH} characters, or holds characters that cannot be stored",
            cure="Give a short text.",
        )
    return value


def _refuse_no_text(what: str, value: object) -> None:
    if not isinstance(value, str):
        raise IllegalValue(what=what, value=value, problem="is no text", cure="Give str() of it.")


def _moment(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise IllegalValue(what="at", value=at, problem="is no moment with a time zone", cure="Give an aware datetime.")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise IllegalValue(what="at", value=at, problem="is past the end of time", cure="Give another year.") from None


def _start_chunk(connection: sa.Connection, new: Sequence[NewProcess], *, by: str, now: datetime) -> list[Started]:
    held = keys.holders(connection, [(each.name, each.dedup_hash) for each in new if each.dedup_hash is not None])
    fresh = _without_doubles(new, held)
    lanes.lock(connection, {each.order_key for each in fresh})
    placed = _in_lanes(fresh, lanes.heads(connection, {each.order_key for each in fresh}))
    ids = starting.insert(connection, placed, by=by, now=now)
    made = list(zip(placed, ids, strict=True))
    wanted = [(new.name, new.dedup_hash, id_, new.dedup_scope) for new, id_ in made if new.dedup_hash is not None]
    owners = keys.owners(connection, wanted)
    late = {id_ for name, key, id_, _scope in wanted if owners[name, key] != id_}
    held |= {(name, key): owners[name, key] for name, key, id_, _scope in wanted if id_ in late}
    _take_back(connection, late, {new.order_key for new in placed}, now=now)
    return _answers(new, {**owners, **held}, set(held), [id_ for id_ in ids if id_ not in late])


def _take_back(connection: sa.Connection, late: set[int], order_keys: set[str | None], *, now: datetime) -> None:
    """Remove processes whose keys others got between our look and our start: theirs are the answer."""
    if late:
        starting.take_back(connection, late)
        lanes.advance(connection, order_keys, now=now)


def _without_doubles(new: Sequence[NewProcess], held: Mapping[tuple[str, str], int]) -> list[NewProcess]:
    seen = set(held)
    fresh = []
    for each in new:
        key = (each.name, each.dedup_hash or "")
        if each.dedup_hash is None or key not in seen:
            fresh.append(each)
            seen.add(key)
    return fresh


def _in_lanes(new: Sequence[NewProcess], heads: Mapping[str, int]) -> list[NewProcess]:
    taken = set(heads)
    placed = []
    for each in new:
        placed.append(replace(each, in_lane=True) if each.order_key in taken else each)
        if each.order_key is not None:
            taken.add(each.order_key)
    return placed


def _answers(
    new: Sequence[NewProcess],
    owners: Mapping[tuple[str, str], int],
    before: set[tuple[str, str]],
    ids: Sequence[int],
) -> list[Started]:
    fresh = iter(ids)
    answers, seen = [], set(before)
    for each in new:
        key = (each.name, each.dedup_hash or "")
        if each.dedup_hash is not None and key in seen:
            answers.append(Started(owners[key], is_new=False))
        else:
            answers.append(Started(next(fresh), is_new=True))
            seen.add(key)
    return answers
