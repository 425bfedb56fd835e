"""What the page of the audit says of a refusal: the chain keeps what the console said, a page says it to its reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from process_manager.actor import Role
from process_manager.governance import permissions
from process_manager.governance.audit import AuditEntry
from process_manager.lifecycle.status import Status, stands
from process_manager.message import Message

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


def said(entry: AuditEntry) -> str:
    """Return what a page says of a refusal; one that is of no known form stands as the chain has it."""
    if found := _REFUSED.fullmatch(entry.message):
        told = {"process_id": found["id"], "stands": _STANDS[found["stands"]], "problem": _PROBLEMS[found["problem"]]}
        return Message("Process %(process_id)s %(stands)s: %(problem)s.", **told)
    if found := _HELD.fullmatch(entry.message):
        return Message("Process %(process_id)s is held by %(holder)s.", process_id=found["id"], holder=_holder(found))
    return _forbidden(entry) or entry.message


def _holder(found: re.Match[str]) -> str:
    if found["worker"]:
        return Message("worker %(name)s", name=found["worker"])
    return Message("process %(id)s, which is ahead of it in its lane", id=found["ahead"])


def _forbidden(entry: AuditEntry) -> str | None:
    rule = permissions.ACTS.get(entry.act)
    if rule is None or entry.role not in list(Role) or f": the role {entry.role} is not among" not in entry.message:
        return None
    return Message("The role %(role)s cannot %(act)s.", role=permissions.ROLES[Role(entry.role)], act=rule.words)
