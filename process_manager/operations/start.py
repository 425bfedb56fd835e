"""Starting processes, one or many, in the caller's own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import CODE, Actor
from process_manager.database import joined_transactions
from process_manager.definition.process import Process
from process_manager.errors import HeldByAnother, UsageError
from process_manager.lifecycle.claim import Claim
from process_manager.operations import given_files
from process_manager.operations.request import Start, new_process
from process_manager.store import claiming, dedup_keys, lane_places, lanes, notify, recording, search_values, starting
from process_manager.store.claiming import Lease
from process_manager.store.lane_places import MixedLane
from process_manager.store.starting import NewProcess

if TYPE_CHECKING:
    from process_manager.files import StoredFile

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Started:
    """A process that was started, or was there before.

    Attributes:
        id: The process.
        is_new: False when its dedup key belonged to a process that was there before.
    """

    id: int
    is_new: bool


def start(  # noqa: PLR0913 - all but three by name, so that an editor completes them
    connection: sa.Connection,
    process: type[Process],
    payload: Mapping[str, Any] | None = None,
    *,
    actor: Actor = CODE,
    reference: str | None = None,
    dedup_key: str | None = None,
    order_key: str | None = None,
    at: datetime | None = None,
    channel: str | None = None,
    files: Sequence[StoredFile] = (),
) -> Started:
    """Start one process in the caller's own transaction: it exists when that is committed.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process: The class; the new process keeps its version.
        payload: What it starts with, as JSON can carry it, checked by the class's `parameters`.
        actor: Who starts it, for the history.
        reference: The office's own number of the case, at most 200 characters.
        dedup_key: A second start with this key returns the first process: while that is open, or for ever where the
            class says `dedup = "for_ever"`.
        order_key: Processes with one order key run strictly one after the other.
        at: The moment before which it does not run, with its time zone.
        channel: Which workers take it; the default is the class's.
        files: What `process_manager.files` took in; they stay nobody's where the process was there before.

    Returns:
        The id of the process, and whether it is new.

    Raises:
        PayloadError: The payload does not fit the class's `parameters`.
        NotJson: JSON cannot represent the payload.
        IllegalValue: A reference, a key, a channel or a moment cannot be used.
        UsageError: The class has no steps, or is a command.
        NotFound: One of the files is gone, or has become another's.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    wanted = Start(process, payload, reference, dedup_key, order_key, at, channel, files=files)
    return start_many(connection, [wanted], actor=actor)[0]


def start_many(
    connection: sa.Connection, starts: Sequence[Start], *, actor: Actor = CODE, rerun_of: int | None = None
) -> list[Started]:
    """Start processes, in order, in the caller's own transaction; one that does not fit refuses them all.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        starts: What is to be started.
        actor: Who starts them, for the history.
        rerun_of: The id of the process that these repeat; for the engine.

    Returns:
        The id of each process and whether it is new, in the order of `starts`.

    Raises:
        UsageError: One of them does not fit; it is told as by `start`, and none is started.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    new = [new_process(each, rerun_of=rerun_of) for each in starts]
    started = _started_or_none(connection, new, actor=actor, now=clock.now())
    _give_files(connection, starts, started)
    return started


def start_each(
    connection: sa.Connection, starts: Iterable[Start], *, actor: Actor = CODE
) -> list[Started | UsageError]:
    """Start those that fit, in order, in the caller's own transaction.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        starts: What is to be started.
        actor: Who starts them, for the history.

    Returns:
        In the order of `starts`, the id of each process and whether it is new, or why it was not started.

    Raises:
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    wanted = list(starts)
    found = [_new_or_why_not(each) for each in wanted]
    while True:  # each that does not fit its lane is left out
        fitting = [new for new in found if isinstance(new, NewProcess)]
        try:
            started = _started(connection, fitting, actor=actor, now=clock.now())
        except MixedLane as mixed:
            found = [mixed.problem if new is mixed.new else new for new in found]
        else:
            break
    given = (each for each, new in zip(wanted, found, strict=True) if isinstance(new, NewProcess))
    _give_files(connection, given, started)
    left = iter(started)
    return [next(left) if isinstance(new, NewProcess) else new for new in found]


def start_held(
    connection: sa.Connection, wanted: Start, lease: Lease, *, actor: Actor = CODE
) -> tuple[Started, Claim | None]:
    """Start a process that is held from its first moment by whoever gives the lease, unless it has to rest.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        wanted: What is to be started.
        lease: Who holds it, and until when.
        actor: Who starts it, for the history.

    Returns:
        The id of the process and whether it is new; what its holder needs to run it, or None where it rests.

    Raises:
        UsageError: It does not fit; it is told as by `start`.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    new = new_process(wanted, lease=lease)
    if is_one_statement(wanted):
        (made,) = starting.insert(connection, [new], actor=actor, now=lease.now)
        return Started(made, is_new=True), starting.claimed(new, made)
    started = _started_or_none(connection, [new], actor=actor, now=lease.now)[0]
    _give_files(connection, [wanted], [started])
    if not started.is_new:
        return started, None
    if new.lane_rules is not None:
        return started, lane_places.claim(connection, new, started.id, lease)
    is_placed = new.order_key is not None  # its lane decides whether it rests
    return started, claiming.held(connection, started.id) if is_placed else starting.claimed(new, started.id)


def is_one_statement(wanted: Start) -> bool:
    """Return whether nothing but its row is written when it is started.

    Args:
        wanted: What is to be started.

    Returns:
        True when it has no order key, no key that others may hold and no files, and is found by nothing it carries.
    """
    keys = (wanted.order_key, wanted.dedup_key, wanted.command_key)
    return not (wanted.files or wanted.process.presentation.fields) and all(key is None for key in keys)


def started_before(connection: sa.Connection, name: str, dedup_key: str | None) -> Started | None:
    """Return the process of this name that was started with a dedup key; None where nobody holds it."""
    if dedup_key is None:
        return None
    held = dedup_keys.holders(connection, [(name, dedup_keys.hashed(dedup_key))])
    return next((Started(process_id, is_new=False) for process_id in held.values()), None)


def start_command(connection: sa.Connection, wanted: Start, *, actor: Actor, rerun_of: int | None = None) -> int:
    """Start the process that runs a command and return its id; raise HeldByAnother while another of its key is open."""
    started = start_many(connection, [wanted], actor=actor, rerun_of=rerun_of)[0]
    if not started.is_new:
        raise HeldByAnother(
            process_id=started.id,
            holder=f"the command {wanted.command_key!r}, which it runs",
            hint=f"Wait for it: `process-manager show {started.id}`.",
        )
    return started.id


def _new_or_why_not(wanted: Start) -> NewProcess | UsageError:
    try:
        return new_process(wanted)
    except UsageError as problem:
        return problem


def _started_or_none(
    connection: sa.Connection, new: Sequence[NewProcess], *, actor: Actor, now: datetime
) -> list[Started]:
    try:
        return _started(connection, new, actor=actor, now=now)
    except MixedLane as mixed:
        raise mixed.problem from None


def _started(connection: sa.Connection, new: Sequence[NewProcess], *, actor: Actor, now: datetime) -> list[Started]:
    """Start processes; raise MixedLane, and start none, where one does not fit its lane."""
    joined_transactions.require(connection)
    started: list[Started] = []
    with connection.begin_nested() if len(new) > CHUNK else nullcontext():
        for first in range(0, len(new), CHUNK):
            started += _start_chunk(connection, new[first : first + CHUNK], actor=actor, now=now)
    if any(each.is_new for each in started) and not all(each.lease for each in new):
        notify.hint(connection)
    return started


def _start_chunk(connection: sa.Connection, new: Sequence[NewProcess], *, actor: Actor, now: datetime) -> list[Started]:
    held = dedup_keys.holders(connection, [(each.name, each.dedup_hash) for each in new if each.dedup_hash is not None])
    fresh = _without_doubles(new, held)
    lanes.lock(connection, {each.order_key for each in fresh})
    placed = lane_places.in_lanes(fresh, lanes.first_of(connection, {each.order_key for each in fresh}))
    ids = starting.insert(connection, placed, actor=actor, now=now)
    made = list(zip(placed, ids, strict=True))
    wanted = [(new.name, new.dedup_hash, id_, new.dedup_scope) for new, id_ in made if new.dedup_hash is not None]
    owners = dedup_keys.owners(connection, wanted)
    late = {id_ for name, key, id_, _scope in wanted if owners[name, key] != id_}
    held |= {(name, key): owners[name, key] for name, key, id_, _scope in wanted if id_ in late}
    _take_back(connection, late, {new.order_key for new in placed if new.lane_rules is None}, now=now)
    kept = [(new, id_) for new, id_ in made if id_ not in late]
    lane_places.decide(connection, kept, record=recording.record, now=now)
    search_values.keep(connection, [(id_, new.terms) for new, id_ in made if new.terms and id_ not in late])
    return _answers(new, {**owners, **held}, set(held), [id_ for id_ in ids if id_ not in late])


def _give_files(connection: sa.Connection, starts: Iterable[Start], started: Iterable[Started]) -> None:
    for wanted, each in zip(starts, started, strict=True):
        if wanted.files and each.is_new:
            given_files.bind(connection, each.id, wanted.files)


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
