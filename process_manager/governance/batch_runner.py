"""Does batches wave by wave, under a lease; whoever takes one over goes on where the last transaction ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import Forbidden, NotFound
from process_manager.governance import permissions, tokens, users
from process_manager.governance.action import Action
from process_manager.governance.acts import AT_ONCE, acting_on_each
from process_manager.governance.audit_rows import ActResult
from process_manager.governance.batches import NO_RAMP, RAMP
from process_manager.governance.policies import Policies
from process_manager.governance.process_actions import Abandon, Restart
from process_manager.lifecycle.status import CLOSED, NEEDS_A_PERSON, Status
from process_manager.redaction import redact_text
from process_manager.store import batches as store
from process_manager.store.batches import Holding
from process_manager.store.tables import MESSAGE_LENGTH

LEASE: Final = timedelta(seconds=30)
"""So long a batch is held without a sign of life; a wave takes a few seconds."""


class Turn(StrEnum):
    """What came of one turn at a batch."""

    WENT_ON = "went on"
    WAITS = "waits"
    ENDED = "ended"


class _Lost(Exception):  # noqa: N818 - no fault: nothing of the wave is done
    """Somebody stopped the batch, or took it over."""


@dataclass(frozen=True, slots=True)
class BatchRunner:
    """Does batches for one server.

    Attributes:
        database: The engine's database.
        registry: The classes that are known here.
        policies: Which acts need a reason.
        name: The server.
    """

    database: Database
    registry: Registry
    policies: Policies
    name: str

    def take(self) -> list[Holding]:
        """Take the batches that nobody holds."""
        now = clock.now()
        with self.database.read() as connection:
            free = store.open_ids(connection, now=now)
        return [found for each in free if (found := self.database.run(partial(self._take, each, now))) is not None]

    def _take(self, batch_id: int, now: datetime, connection: sa.Connection) -> Holding | None:
        return store.take(connection, batch_id, runner=self.name, now=now, lease_ends_at=now + LEASE)

    def turn(self, holding: Holding) -> Turn:
        """Look at a batch, and do its next wave where the one before has passed."""
        now = clock.now()
        with self.database.read() as connection:
            row = store.one(connection, holding.id)
            if row is None or row["fence"] != holding.fence or row["finished_at"] is not None:
                return Turn.ENDED
            passed = _has_passed(connection, row)
            ramp = row["ramp"] + (1 if passed and row["watched"] else 0)
            following = store.following(connection, holding.id, after=row["position"], limit=_size(ramp))
            actor = _starter(connection, row, now)
        if passed is None:
            return Turn.WAITS if self._change(holding, {"lease_ends_at": now + LEASE}) else Turn.ENDED
        ending = _ending(row, passed=passed, is_left=bool(following), actor=actor)
        if ending is not None or actor is None:
            self._change(holding, {"ending": ending, "finished_at": now, "lease_ends_at": None})
            return Turn.ENDED
        return self._act(_Wave(holding, row, following, ramp), actor)

    def let_go(self, holding: Holding) -> None:
        """Let another server go on with a batch at once."""
        self._change(holding, {"lease_ends_at": None})

    def _change(self, holding: Holding, values: dict[str, Any]) -> bool:
        return self.database.run(lambda connection: store.change(connection, holding, values))

    def _act(self, wave: _Wave, actor: Actor) -> Turn:
        """Do one wave in one transaction, with what became of each."""
        actions = [self._action(wave.row, each["process_id"]) for each in wave.items]
        hooks = {"matching": wave.unchanged, "noting": wave.note}
        try:
            for _ in acting_on_each(self.database, actor, actions, policies=self.policies, **hooks):  # type: ignore[arg-type]
                pass  # where nobody knows whether it was committed, the next turn sees it by the items
        except _Lost:
            return Turn.ENDED
        return Turn.WENT_ON

    def _action(self, row: sa.RowMapping, process_id: int) -> Action[None]:
        reason = f"{row['reason']} (batch {row['id']})"
        if row["act"] == "restart":
            return Restart(process_id, registry=self.registry, reason=reason)
        return Abandon(process_id, reason=reason)


class _Wave:
    """The next items of a batch, and what is written of them in the transaction of their acts."""

    def __init__(self, holding: Holding, row: sa.RowMapping, items: Sequence[sa.RowMapping], ramp: int) -> None:
        self.row = row
        self.items = items
        self._holding = holding
        self._ramp = ramp
        self._unchanged: set[int] = set()

    def unchanged(self, connection: sa.Connection, _ids: Sequence[int]) -> Collection[int]:
        """Return the processes that stand as they did when they were chosen; the batch is locked first."""
        if not store.change(connection, self._holding, {"lease_ends_at": clock.now() + LEASE}):
            raise _Lost
        span = (self.items[0]["number"], self.items[-1]["number"])
        self._unchanged = store.unchanged(connection, self._holding.id, span)
        return self._unchanged

    def note(self, connection: sa.Connection, results: Sequence[ActResult[Any]]) -> None:
        """Write what became of each, and how far the batch is."""
        told = [self._told(item, result) for item, result in zip(self.items, results, strict=True)]
        counts = {name: sum(each[1] == name for each in told) for name in ("done", "refused", "skipped")}
        number = self.row["wave"] + 1
        store.note(connection, self._holding.id, number, told)
        is_watched = _is_ramping(self._ramp) and counts["done"] > 0
        values = {name: self.row[name] + count for name, count in counts.items()}
        values |= {"position": self.items[-1]["number"], "wave": number, "ramp": self._ramp, "watched": int(is_watched)}
        store.change(connection, self._holding, values)

    def _told(self, item: sa.RowMapping, result: ActResult[Any]) -> tuple[int, str, str | None]:
        if result.problem is None:
            return item["number"], "done", None
        is_known = not isinstance(result.problem, NotFound)
        name = "skipped" if is_known and item["process_id"] not in self._unchanged else "refused"
        return item["number"], name, serialization.clean(redact_text(str(result.problem)), MESSAGE_LENGTH)


def _size(ramp: int) -> int:
    return RAMP[ramp] if _is_ramping(ramp) else AT_ONCE


def _is_ramping(ramp: int) -> bool:
    return NO_RAMP < ramp < len(RAMP)


def _has_passed(connection: sa.Connection, row: sa.RowMapping) -> bool | None:
    """Return whether half of the newest wave has passed the step at which it stopped; None while that is open."""
    if not row["watched"] or row["position"] >= row["total"]:
        return True
    rows = store.standing(connection, row["id"], row["wave"], after=row["position"] - AT_ONCE)
    standings = [_passed(each["status"], each["step"], each["acted_at"]) for each in rows]
    if 2 * standings.count(True) >= len(standings):
        return True
    return False if 2 * standings.count(False) > len(standings) else None


def _passed(status: str, step: str | None, acted_at: str | None) -> bool | None:
    """Return whether a process has passed the step at which it was restarted; None while it is on its way."""
    if status in (Status.SUCCEEDED, Status.SKIPPED) or step != acted_at:
        return True
    return False if status in (*NEEDS_A_PERSON, *CLOSED) else None


def _ending(row: sa.RowMapping, *, passed: bool, is_left: bool, actor: Actor | None) -> str | None:
    """Return why nothing more is to be done; None where there is more."""
    if row["position"] >= row["total"] or not is_left:
        return "done"
    if not passed:
        return "failed"
    if actor is None and not row["is_person"]:
        return "revoked"
    return "forbidden" if actor is None or not _may(actor, row) else None


def _may(actor: Actor, row: sa.RowMapping) -> bool:
    try:
        permissions.require(actor, row["act"], row["name"] or next(iter(sorted(actor.kinds or ())), None))
    except Forbidden:
        return False
    return True


def _starter(connection: sa.Connection, row: sa.RowMapping, now: datetime) -> Actor | None:
    """Return who started the batch, with what they may do now; None where they may come in no more.

    Whom a proxy signed on in another role than their own keeps that: nobody tells their groups again. A program has
    what the token covers by which it came, whatever others it has.
    """
    if row["is_person"]:
        try:
            user = users.get(connection, row["actor"], now=now)
        except NotFound:
            return None
        found = users.actor(user, way=row["way"], address=row["address"], request_id=row["request_id"])
        found = found if row["role"] is None else replace(found, role=Role(row["role"]))
        return None if user.disabled_at is not None else found
    token = None if row["token_id"] is None else tokens.live(connection, row["token_id"], now=now)
    return None if token is None else tokens.actor(token, address=row["address"], request_id=row["request_id"])
