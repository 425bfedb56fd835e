"""What a step in a child waits for and asked for, as it goes to its worker; read only where there is any."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from process_manager import serialization
from process_manager.errors import IllegalValue, NotJson
from process_manager.execution.isolation.message_fields import (
    COUNT,
    FLAG,
    MOMENT_OR_NONE,
    TEXT,
    TEXT_OR_NONE,
    Fields,
    checked,
    stored_payload,
)
from process_manager.lifecycle.claim import Claim, step_key
from process_manager.lifecycle.events import MOST_ACTS, Coordination, EventAct, EventWait, checked_key

if TYPE_CHECKING:
    from process_manager.lifecycle.children import ChildStart
    from process_manager.lifecycle.lane_rules import LaneRules
    from process_manager.lifecycle.new_task import NewTask

_ASKED: Final[Fields] = {
    "waits_for": TEXT_OR_NONE,
    "joins": TEXT_OR_NONE,
    "acts": (list,),
    "children": (list,),
    "task": (dict, NoneType),
}
_TASK: Final[Fields] = {
    "title": TEXT, "details": TEXT, "group": TEXT_OR_NONE, "form": TEXT, "schema": TEXT, "marks": TEXT,
    "due": TEXT_OR_NONE, "remind": TEXT_OR_NONE, "overdue_to": TEXT_OR_NONE, "not_by": TEXT_OR_NONE,
    "zone": TEXT, "holidays": TEXT, "due_at": MOMENT_OR_NONE, "remind_at": MOMENT_OR_NONE,
}  # fmt: skip
_ACT: Final[Fields] = {"key": TEXT, "payload": TEXT_OR_NONE, "withdraws": FLAG}
_CHILD: Final[Fields] = {
    "key": TEXT, "name": TEXT, "version": COUNT, "channel": TEXT, "step": TEXT, "parameters": TEXT,
    "reference": TEXT_OR_NONE, "order_key": TEXT_OR_NONE, "pool": TEXT_OR_NONE, "terms": (list,),
    "lane_rules": (list, NoneType), "position": TEXT_OR_NONE,
}  # fmt: skip


def facts(asked: Coordination) -> dict[str, object]:
    """Return what was asked for, by names."""
    return {
        "waits_for": None if asked.waits is None else asked.waits.key,
        "joins": None if asked.joins is None else asked.joins.waits,
        "acts": [{name: getattr(act, name) for name in _ACT} for act in asked.acts],
        "children": [each._asdict() for each in asked.children],
        "task": None if asked.task is None else {name: getattr(asked.task, name) for name in _TASK},
    }


def read(found: object, claim: Claim) -> Coordination:
    """Return what `facts` wrote, whoever it says it is; raise ValueError where no step can have asked for it."""
    parts = checked(found, _ASKED)
    by, named = f"process {claim.id}", step_key(claim.step, claim.reruns)
    if len(parts["acts"]) > MOST_ACTS:
        raise ValueError("it signals and withdraws more events than a step may")
    acts = [checked(each, _ACT) for each in parts["acts"]]
    try:
        waits = None if parts["waits_for"] is None else EventWait(checked_key(parts["waits_for"]), named)
        told = [
            EventAct(checked_key(each["key"]), by, stored_payload(each["payload"]), withdraws=each["withdraws"])
            for each in acts
        ]
    except IllegalValue as problem:
        raise ValueError("one of its events cannot be called so") from problem
    task = None if parts["task"] is None else _task(parts["task"], named)
    asked = Coordination(waits, tuple(told), task=task)
    return asked if parts["joins"] is None and not parts["children"] else _with_children(asked, parts, named)


def _task(found: object, named: str) -> NewTask:
    from process_manager.lifecycle.asking import stored_task
    from process_manager.lifecycle.new_task import NewTask

    told = checked(found, _TASK)
    try:
        return stored_task(NewTask(named, **told))
    except (IllegalValue, NotJson, RecursionError) as problem:
        raise ValueError("what it asks a person cannot be stored") from problem


def _with_children(asked: Coordination, parts: Mapping[str, Any], named: str) -> Coordination:
    from process_manager.lifecycle.children import MOST_STARTS, WAITS, JoinWait

    if len(parts["children"]) > MOST_STARTS:
        raise ValueError("it starts more children than a step may")
    if parts["joins"] not in (None, *WAITS):
        raise ValueError("it waits for neither all children nor any")
    joins = None if parts["joins"] is None else JoinWait(parts["joins"], named)
    return asked._replace(joins=joins, children=tuple(_child(checked(each, _CHILD)) for each in parts["children"]))


def _child(found: Mapping[str, Any]) -> ChildStart:
    from process_manager.lifecycle import children

    texts = [value for value in found.values() if isinstance(value, str)]
    if any(serialization.clean(text) != text for text in texts):
        raise ValueError("one of its children cannot be stored")
    try:
        children.checked_key(found["key"])
    except IllegalValue as problem:
        raise ValueError("one of its children cannot be called so") from problem
    parameters = stored_payload(found["parameters"])
    told = {"parameters": parameters, "terms": tuple(map(_term, found["terms"])), "lane_rules": _lane_rules(found)}
    return children.ChildStart(**{**found, **told})


def _lane_rules(found: Mapping[str, Any]) -> LaneRules | None:
    from process_manager.lifecycle.lane_rules import LaneRules, stored

    match found["lane_rules"], found["position"]:
        case None, None:
            return None
        case [bool(has_positions), bool(skips), int(spacing)], position if has_positions == (position is not None):
            if position is None or stored(position) == position:
                return LaneRules(has_positions, skips, spacing)
    raise ValueError("one of its children has no place in its lane")


def _term(found: object) -> tuple[str, str | None]:
    match found:
        case [str(path), (str() | None) as value]:
            return path, value
    raise ValueError("one of its children is found by no text")
