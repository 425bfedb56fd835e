"""A request to start a process, checked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from process_manager import serialization
from process_manager.definition import markers
from process_manager.definition.markers import Marks
from process_manager.definition.process import Process
from process_manager.definition.step import full_name
from process_manager.errors import IllegalValue, UsageError
from process_manager.lifecycle import search_terms
from process_manager.lifecycle.transition import Terms
from process_manager.operations.parameters import fitting
from process_manager.redaction import MASK
from process_manager.store import dedup_keys
from process_manager.store.claiming import Lease
from process_manager.store.starting import NewProcess
from process_manager.store.tables import NAME_LENGTH, REFERENCE_LENGTH

if TYPE_CHECKING:
    from process_manager.files import StoredFile


@dataclass(frozen=True, slots=True)
class Start:
    """A process that is asked for.

    Attributes:
        process: The class; the new process keeps its version.
        payload: What it starts with, as JSON can carry it, checked by the class's `parameters`.
        reference: The office's own number of the case, at most 200 characters.
        dedup_key: A second start with this key returns the first process.
        order_key: Processes with one order key run strictly one after the other.
        at: The moment before which it does not run, with its time zone.
        channel: Which workers take it, at most 100 characters; the default is the class's.
        command_key: Set by commands: it is their dedup key, too.
        files: What `process_manager.files` took in: they are the process's once it is new and committed.
    """

    process: type[Process]
    payload: Mapping[str, Any] | None = None
    reference: str | None = None
    dedup_key: str | None = None
    order_key: str | None = None
    at: datetime | None = None
    channel: str | None = None
    command_key: str | None = None
    files: Sequence[StoredFile] = ()


def new_process(wanted: Start, *, rerun_of: int | None = None, lease: Lease | None = None) -> NewProcess:
    """Return the row of the process; raise PayloadError, NotJson, IllegalValue or UsageError when it does not fit."""
    process = wanted.process
    refuse_unstartable(process, wanted.command_key)
    short = partial(_short, process.marks or markers.NOTHING) if rerun_of is None else _as_it_was
    payload = fitting(process, {} if wanted.payload is None else wanted.payload, wanted.files)
    parameters = serialization.dumps(payload)
    rules = None if wanted.order_key is None else process.lane_rules
    return NewProcess(
        name=process.name,
        version=process.version,
        channel=short("channel", wanted.channel) or process.channel,
        step=process.plan[0].name,
        parameters=parameters,
        reference=short("reference", wanted.reference),
        order_key=short("order_key", wanted.order_key),
        dedup_hash=_hashed(
            wanted.dedup_key if wanted.command_key is None else f"command {wanted.command_key}",
            is_marked=process.marks is not None,
        ),
        dedup_scope=process.dedup,
        rerun_of=rerun_of,
        at=_moment(wanted.at),
        command_key=wanted.command_key,
        terms=_terms(process, parameters),
        lease=lease,
        pool=_pool(process),
        lane_rules=rules,
        position=None if rules is None else _position(process, payload),
    )


def _position(process: type[Process], payload: Mapping[str, Any]) -> str | None:
    from process_manager.definition import lane_rules  # which a process without such rules does not load

    return lane_rules.position(process, payload)


def _pool(process: type[Process]) -> str | None:
    first = process.pools.get(process.plan[0].name)
    return None if first is None else first.key


def _terms(process: type[Process], parameters: str) -> Terms:
    fields = process.presentation.fields
    return search_terms.terms(serialization.loads(parameters), fields) if fields else ()


def refuse_unstartable(process: type[Process], command_key: str | None = None) -> None:
    """Raise UsageError when no payload would do: the class has no steps, or is a command and no key of one is given."""
    if not process.plan:
        raise UsageError(problem=f"class {full_name(process)} has no STEPS, so it cannot be started. Give it some.")
    if process.arguments is not None and command_key is None:
        raise _is_command(process)


def _is_command(process: type[Process]) -> UsageError:
    argument = " ARGUMENT" if process.arguments else ""
    return UsageError(
        problem=f"{process.name!r} is a command, of which one is open at most, so `start` does not start it. "
        f"`process-manager run-command {process.name}{argument}` does."
    )


def _hashed(dedup_key: str | None, *, is_marked: bool) -> str | None:
    """Return the key as it is stored; an unset variable of a script must not make all its starts one process."""
    if dedup_key is None:
        return None
    _refuse_no_text("dedup_key", dedup_key, MASK if is_marked else dedup_key)
    if not dedup_key.strip():
        raise IllegalValue(what="dedup_key", value=dedup_key, problem="is empty", hint="Give a text, or leave it out.")
    return dedup_keys.hashed(dedup_key)


def _short(marks: Marks, what: str, value: str | None) -> str | None:
    if value is None:
        return None
    is_marked = what in marks.keys
    _refuse_no_text(what, value, MASK if is_marked else value)
    most = NAME_LENGTH if what == "channel" else REFERENCE_LENGTH
    shown = MASK if is_marked else value[:50]
    if not value.strip() or serialization.length(value) > most or serialization.clean(value) != value:
        limit = f"over {most} characters (an emoji counts as two)"
        raise IllegalValue(
            what=what,
            value=shown,
            problem=f"is empty, {limit}, or holds characters that cannot be stored",
            hint="Give a short text.",
        )
    if value.endswith(" "):  # for SQL Server it would be the same as without: one lane where others have two
        raise IllegalValue(what=what, value=shown, problem="ends in a blank", hint="Leave off the blanks at its end.")
    return value


def _as_it_was(_what: str, value: str | None) -> str | None:
    """Return what a row holds already, also one from before it would be refused: it is in the same lane again."""
    return value


def _refuse_no_text(what: str, value: object, shown: object) -> None:
    if not isinstance(value, str):
        raise IllegalValue(what=what, value=shown, problem="is no text", hint="Give str() of it.")


def _moment(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise IllegalValue(what="at", value=at, problem="is no moment with a time zone", hint="Give an aware datetime.")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise IllegalValue(what="at", value=at, problem="is past the end of time", hint="Give another year.") from None
