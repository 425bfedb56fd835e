"""What the page of the audit says of a refusal: the chain keeps what the console said, a page says it to its reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from process_manager.actor import Role
from process_manager.governance import permissions
from process_manager.governance.audit import AuditEntry
from process_manager.lifecycle.status import Status, stands
from process_manager.message import Message, numbered

_STANDS: Final[Mapping[str, str]] = {str(stands(each)): stands(each) for each in Status}
_PROBLEMS: Final[Mapping[str, str]] = {
    str(each): each
    for each in (
        Message("it cannot be restarted"),
        Message("it has ended"),
        Message("it has changed this very moment"),
        Message("it has changed since you looked"),
    )
}
_REFUSED: Final = re.compile(
    rf"Process (?P<id>\d+) (?P<stands>{'|'.join(_STANDS)}): (?P<problem>{'|'.join(_PROBLEMS)})\. .*", re.DOTALL
)
_HELD: Final = re.compile(
    r"Process (?P<id>\d+) is held by (?:worker (?P<worker>\S+?)|process (?P<ahead>\d+), which is ahead .*?)\. .*",
    re.DOTALL,
)


_RESTARTS: Final = re.compile(
    r".* may not restart process (?P<id>\d+): its class allows caseworkers (?P<most>\d+) restarts?, and .*", re.DOTALL
)
_NAMED: Final[tuple[Callable[[str], Message], ...]] = (
    lambda name: Message("There is a schedule named %(name)s already.", name=name),
    lambda name: Message("There is a user %(name)s already.", name=name),
    lambda name: Message(
        "There is no limit %(name)s: it is known once a worker that declares it looks for work.", name=name
    ),
    lambda name: Message("There is no schedule %(name)s.", name=name),
    lambda name: Message("There is no user %(name)s.", name=name),
    lambda name: Message("There is no worker %(name)s: it may have ended.", name=name),
    lambda name: Message("%(what)s is not disabled.", what=name),
)
"""Refusals that name one thing; after it stands what to type, for the console."""
_PLACE: Final = "\0"
_FORMS: Final = tuple(
    (re.compile(re.escape(make(_PLACE)).replace(re.escape(_PLACE), "(.+?)") + "(?: .*)?", re.DOTALL), make)
    for make in _NAMED
)


def said(entry: AuditEntry) -> str:
    """Return what a page says of a refusal; one that is of no known form stands as the chain has it."""
    if found := _REFUSED.fullmatch(entry.message):
        told = {"process_id": found["id"], "stands": _STANDS[found["stands"]], "problem": _PROBLEMS[found["problem"]]}
        return Message("Process %(process_id)s %(stands)s: %(problem)s.", **told)
    if found := _HELD.fullmatch(entry.message):
        return Message("Process %(process_id)s is held by %(holder)s.", process_id=found["id"], holder=_holder(found))
    if found := _RESTARTS.fullmatch(entry.message):
        return _no_restart_left(int(found["id"]), int(found["most"]))
    return _forbidden(entry) or _named(entry.message) or entry.message


def _holder(found: re.Match[str]) -> str:
    if found["worker"]:
        return Message("worker %(name)s", name=found["worker"])
    return Message("process %(id)s, which is ahead of it in its lane", id=found["ahead"])


def _forbidden(entry: AuditEntry) -> str | None:
    rule = permissions.ACTS.get(entry.act)
    if rule is None or entry.role not in list(Role) or f": the role {entry.role} is not among" not in entry.message:
        return None
    return Message("The role %(role)s cannot %(act)s.", role=permissions.ROLES[Role(entry.role)], act=rule.words)


def _no_restart_left(process_id: int, most: int) -> Message:
    return numbered(
        "Process %(id)s has been restarted as often as its class allows caseworkers: %(number)s time.",
        "Process %(id)s has been restarted as often as its class allows caseworkers: %(number)s times.",
        most,
        id=process_id,
    )


def _named(message: str) -> Message | None:
    found = ((form.fullmatch(message), make) for form, make in _FORMS)
    return next((make(each[1]) for each, make in found if each is not None), None)
