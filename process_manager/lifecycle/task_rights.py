"""Who may do what to a task of a person: pure, and the same for whoever asks."""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

from process_manager.actor import Actor, Role
from process_manager.lifecycle.asking import STARTER
from process_manager.message import Message

LEADS: Final = (Role.OPERATOR, Role.ADMIN)
"""They hand over and free what others have claimed; that alone does not let them answer."""


class TaskStand(NamedTuple):
    """What decides who may act on a task."""

    group: str | None
    claimed_by: str | None
    not_by: str | None
    started_by: str
    started_way: str | None


def is_member(actor: Actor, group: str | None) -> bool:
    """Return whether what is asked of this group is asked of the actor."""
    return group is None or actor.groups is None or group in actor.groups


def is_same(name: str, way: str | None, other: str | None, other_way: str | None = None) -> bool:
    """Return whether two names are of one person, whichever way each came: a console adds its host to an account."""
    return other is not None and _plain(name, way) & _plain(other, other_way) != set()


def answer_refused(stand: TaskStand, actor: Actor) -> Message | None:
    """Return why the actor may not answer, or claim, a task; None where they may."""
    if stand.not_by == STARTER and is_same(actor.name, actor.way, stand.started_by, stand.started_way):
        return Message("whoever started the process may not answer it")
    has_it = is_same(actor.name, actor.way, stand.claimed_by)
    if not (has_it or is_member(actor, stand.group)):
        return Message("it is asked of the group %(group)s", group=stand.group)
    return None


def handing_refused(stand: TaskStand, actor: Actor) -> Message | None:
    """Return why the actor may not give a task to another; None where they may."""
    has_it = is_same(actor.name, actor.way, stand.claimed_by)
    if has_it or actor.role in LEADS or is_member(actor, stand.group):
        return None
    return Message("it is asked of the group %(group)s", group=stand.group)


def taking_refused(stand: TaskStand, actor: Actor) -> Message | None:
    """Return why the actor may not give a task to themselves: what they could not claim, they get no other way."""
    return answer_refused(stand._replace(claimed_by=None), actor)


def release_refused(stand: TaskStand, actor: Actor) -> Message | None:
    """Return why the actor may not release a task; None where they may."""
    if stand.claimed_by is None:
        return Message("nobody has claimed it")
    if actor.role in LEADS or is_same(actor.name, actor.way, stand.claimed_by):
        return None
    return Message("%(who)s has claimed it", who=stand.claimed_by)


def _plain(name: str, way: str | None) -> set[str]:
    """Return the names by which somebody is compared: at a console, the account without its host, too."""
    whole = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return {whole} if way != "console" else {whole, whole.partition("@")[0]}
