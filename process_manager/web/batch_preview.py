"""What a batch would be: which processes are chosen, and what would become of the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from process_manager import governance, inspection
from process_manager.actor import Actor
from process_manager.errors import UsageError
from process_manager.governance import ActResult, permissions
from process_manager.governance.acts import AT_ONCE
from process_manager.governance.batch_actions import StartBatch
from process_manager.governance.batches import ACTS, MOST, BatchRequest, checked
from process_manager.governance.process_actions import Abandon, Restart
from process_manager.inspection import Filter, Viewer
from process_manager.lifecycle.status import NEEDS_A_PERSON, sources
from process_manager.message import Message
from process_manager.store import batches as store
from process_manager.web.office import Office

USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "restart": tuple(status for status in sources("restart") if status in NEEDS_A_PERSON),
    "abandon": tuple(sources("abandon")),
}
"""The statuses that an act on all that match means where none is named."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Processes that are chosen for an act.

    Attributes:
        ids: The processes; one more than a batch may have, where more are chosen.
        counts: How many of them there are by name and status.
        total: How many are chosen.
    """

    ids: Sequence[int]
    counts: Mapping[tuple[str, str], int]
    total: int

    @property
    def name(self) -> str | None:
        """What they are; None where they have several names."""
        names = {name for name, _status in self.counts}
        return next(iter(names)) if len(names) == 1 else None


def matching(act: str, which: Filter) -> Filter:
    """Return the filter of an act on all that match; raise UsageError where there is no such act."""
    if act not in ACTS:
        raise UsageError(problem=Message("There is no act %(act)s on many processes.", act=repr(act[:40])))
    if not which.status:
        return replace(which, status=USUAL[act])
    fit = tuple(each for each in which.status if each in sources(act))
    return replace(which, status=fit or which.status)


def chosen(office: Office, actor: Actor, which: Filter) -> Chosen:
    """Return the processes that match, as far as somebody sees them; who names them by their ids need not read them."""
    if which.ids is None:
        permissions.require(actor, "read")
    viewer = office.viewer(actor) if which.ids is None else acts_on(office, actor)
    with office.database.read() as connection:
        ids = inspection.matching(connection, which, most=MOST + 1, viewer=viewer)
        total = len(ids) if len(ids) <= MOST else inspection.count(connection, which, viewer=viewer)
        return Chosen(ids, store.counts_among(connection, ids), total)


def acts_on(office: Office, actor: Actor) -> Viewer:
    """Return who asks, as far as it decides on what they may act."""
    return Viewer(actor.kinds, office.marks)


def require(actor: Actor, act: str) -> None:
    """Raise Forbidden for who may do that to processes of no name: before anything is looked up."""
    permissions.require(actor, act, next(iter(sorted(actor.kinds or ())), None))


def tried(office: Office, actor: Actor, act: str, ids: Sequence[int]) -> list[ActResult[None]]:
    """Return what would become of the first hundred of these, each done and taken back."""
    action = partial(Restart, registry=office.registry) if act == "restart" else Abandon
    actions = [action(each, reason="what would become of it") for each in ids[:AT_ONCE]]
    return list(governance.acting_on_each(office.database, actor, actions, policies=office.policies, dry_run=True))


def start(office: Office, actor: Actor, found: Chosen, wanted: Mapping[str, Any]) -> int:
    """Start a batch of what is chosen, and return its id; some web server does it from now on.

    Args:
        office: What the pages work with.
        actor: Who starts it.
        found: The processes.
        wanted: The other fields of the request.
    """
    request = checked(BatchRequest(ids=found.ids, **wanted))
    return office.act(actor, StartBatch(request, found.name, reason=request.reason))
