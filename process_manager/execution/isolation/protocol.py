"""What goes between a worker and its child: JSON lines in ASCII, in which moments and durations are no text.

A child decides what follows from its step. What it sends is checked field by field, and by what a step may lead to at
all: the child runs the author's code, and may be broken. What is not as it should be raises ValueError.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from process_manager import serialization
from process_manager.errors import IllegalValue, NotJson
from process_manager.execution.completion import Answered, NotStarted, Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import plausibility
from process_manager.execution.isolation.results import Answer, DidNotHappen
from process_manager.lifecycle.claim import Claim, step_key
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.next_state import merge
from process_manager.lifecycle.outcomes import Outcome, Reject, Retry
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, StepResult, Transition

if TYPE_CHECKING:
    from process_manager.lifecycle.events import Coordination

_MICROSECOND = timedelta(microseconds=1)

Fields = Mapping[str, tuple[type, ...]]
"""What a message has, and of which types each may be."""

_TEXT, _COUNT, _FLAG, _MOMENT = (str,), (int,), (bool,), (datetime,)
_TEXT_OR_NONE, _MOMENT_OR_NONE = (str, NoneType), (datetime, NoneType)

_EVIDENCE: Final[Fields] = {
    "process_id": _COUNT, "seq": _COUNT, "number": _COUNT, "kind": _TEXT, "made_at": _MOMENT, "body": _TEXT,
}  # fmt: skip
_STATE: Final[Fields] = {
    "status": _TEXT, "step": _TEXT_OR_NONE, "attempts": _COUNT, "attempts_since": _MOMENT_OR_NONE, "crashes": _COUNT,
    "due_at": _MOMENT_OR_NONE, "retry_after": _MOMENT_OR_NONE, "waiting_for": _TEXT_OR_NONE,
    "finished_at": _MOMENT_OR_NONE, "own_crashes": _COUNT, "doubtful_since": _MOMENT_OR_NONE,
    "pool": _TEXT_OR_NONE,
}  # fmt: skip
_ENTRY: Final[Fields] = {
    "outcome": _TEXT, "message": _TEXT, "started_at": _MOMENT, "finished_at": _MOMENT, "payload": _TEXT_OR_NONE,
    "error": _TEXT_OR_NONE, "code": _TEXT_OR_NONE,
}  # fmt: skip
_RESULT: Final[Fields] = {
    "started_at": _MOMENT, "finished_at": _MOMENT, "error": _TEXT_OR_NONE, "got_through": _FLAG,
}  # fmt: skip
_ACT: Final[Fields] = {"key": _TEXT, "payload": _TEXT_OR_NONE, "withdraws": _FLAG}
_RAISED: Final[Fields] = {"message": _TEXT, "code": _TEXT_OR_NONE, "rejects": _FLAG}


def write(descriptor: int, message: Mapping[str, object]) -> None:
    """Send a message as one line."""
    write_line(descriptor, json.dumps(message, default=_tagged))


def write_line(descriptor: int, line: str) -> None:
    """Send a line that is JSON already."""
    rest = memoryview(line.encode("ascii") + b"\n")
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read(line: bytes) -> dict[str, Any]:
    """Return the message of a line."""
    try:
        message = json.loads(line, object_hook=_untagged)
    except (RecursionError, OverflowError) as problem:
        raise ValueError("a message is nested too deeply, or a number too large") from problem
    if not isinstance(message, dict):
        raise ValueError(f"a message is an object, not {serialization.kind(message)}")
    return message


def _tagged(value: object) -> dict[str, object]:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, timedelta):
        return {"microseconds": int(value // _MICROSECOND)}
    raise TypeError(f"{type(value).__name__} is nothing that a message carries")


def _untagged(found: dict[str, Any]) -> Any:
    match found:
        case {"moment": str(text), **rest} if not rest:
            return _moment(text)
        case {"microseconds": int(count), **rest} if not rest:
            return count * _MICROSECOND
    return found


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("a moment is no date with a time and a time zone")  # and not what was sent
    return moment.astimezone(UTC)  # raises OverflowError here for one that no record could take


def claim_facts(claim: Claim) -> dict[str, object]:
    """Return the claim, by the names of its fields."""
    return claim._asdict()


def claim_from(found: Mapping[str, Any]) -> Claim:
    """Return the claim that `claim_facts` wrote."""
    return Claim(**found)


def evidence_facts(evidence: Evidence) -> dict[str, object]:
    """Return the evidence, by the names of its fields."""
    return {name: getattr(evidence, name) for name in _EVIDENCE}


def evidence_from(found: object) -> Evidence:
    """Return the evidence that `evidence_facts` wrote."""
    return Evidence(**_checked(found, _EVIDENCE))


def doubt_facts(result: StepResult) -> dict[str, object]:
    """Return what is known of a run of a `once` step that did not return: what it raised, if it was run."""
    known = {name: getattr(result, name) for name in _RESULT}
    return {**known, "error": _error(result.error), "raised": _raised_facts(result.outcome)}


def _raised_facts(outcome: Outcome | None) -> dict[str, object] | None:
    if outcome is None:
        return None
    code = _code(outcome.code) if isinstance(outcome, Reject) else None
    return {"message": serialization.clean(outcome.message), "code": code, "rejects": isinstance(outcome, Reject)}


def doubt_from(found: object) -> StepResult:
    """Return the result that `doubt_facts` wrote."""
    known = _checked(found, {**_RESULT, "raised": (dict, NoneType)})
    raised = known.pop("raised")
    outcome = None if raised is None else _raised(**_checked(raised, _RAISED))
    return StepResult(outcome, **known, returned=False)


def _raised(message: str, code: str | None, *, rejects: bool) -> Outcome:
    return Reject(message, code) if rejects else Retry(message)


def transition_facts(transition: Transition) -> dict[str, object]:
    """Return what was decided of a step, without what its worker knows: the claim, and the payload before it."""
    (entry,) = transition.entries
    return {
        "asks": None if transition.coordination is None else _asked_facts(transition.coordination),
        "state": {name: getattr(transition.state, name) for name in _STATE},
        "entry": {name: getattr(entry, name) for name in _ENTRY},
    }


def _asked_facts(asked: Coordination) -> dict[str, object]:
    waits_for = None if asked.waits is None else asked.waits.key
    acts = [{name: getattr(act, name) for name in _ACT} for act in asked.acts]
    return {"waits_for": waits_for, "acts": acts}


def answer_from(message: Mapping[str, Any], held: HeldStep, *, asks: bool) -> Answer:
    """Return what a child answered of a step, or with `asks` of its `verify`."""
    effect = "verify" if asks else held.planned.effect
    match effect, message:
        case _, {"decided": found}:
            return _transition(found, held)
        case "once", {"raised": {"raised": dict()} as found}:
            return Answered(held, doubt_from(found))
        case "verify", {"did_not_happen": True}:
            return DidNotHappen()
        case "transactional", {"recorded": found, "kept": bool(kept)}:
            return Recorded(_transition(found, held), kept)
        case "transactional", {"undone": True}:
            return NotStarted(held)
    raise ValueError(f"it answers no {effect} step" if effect != "verify" else "it answers no verify")


def _transition(found: object, held: HeldStep) -> Transition:
    parts = _checked(found, {"state": (dict,), "entry": (dict,), "asks": (dict, NoneType)})
    state, entry = _checked(parts["state"], _STATE), _checked(parts["entry"], _ENTRY)
    claim, payload = held.claim, _payload(entry["payload"])
    told = {
        "message": serialization.clean(entry["message"]),
        "payload": payload,
        "error": _error(entry["error"]),
        "code": _code(entry["code"]),
    }
    plausibility.check_outcome(entry["outcome"], state["status"])
    stands = ProcessState(**{**state, "status": Status(state["status"]), "payload": merge(claim.payload, payload)})
    written = HistoryEntry(step=claim.step, attempt=claim.attempts + 1, **{**entry, **told})
    asked = None if parts["asks"] is None else _asked(parts["asks"], claim)
    transition = Transition(claim, stands, (written,), written.finished_at, coordination=asked)
    plausibility.check(transition, held.process.step_names, held.process.pools)
    return transition


def _asked(found: object, claim: Claim) -> Coordination:
    """Return what a step waits for and asked for, whoever it says it is."""
    from process_manager.lifecycle.events import MOST_ACTS, Coordination, EventAct, EventWait, checked_key

    parts = _checked(found, {"waits_for": _TEXT_OR_NONE, "acts": (list,)})
    if len(parts["acts"]) > MOST_ACTS:
        raise ValueError("it signals and withdraws more events than a step may")
    told = [_checked(each, _ACT) for each in parts["acts"]]
    by = f"process {claim.id}"
    try:
        waits = parts["waits_for"] and EventWait(checked_key(parts["waits_for"]), step_key(claim.step, claim.reruns))
        acts = [
            EventAct(checked_key(each["key"]), by, _payload(each["payload"]), withdraws=each["withdraws"])
            for each in told
        ]
    except IllegalValue as problem:
        raise ValueError("one of its events cannot be called so") from problem
    return Coordination(waits or None, tuple(acts))


def _payload(text: str | None) -> str | None:
    """Return a payload as it is stored."""
    if text is None:
        return None
    try:
        payload = serialization.loads(text)
        if isinstance(payload, dict):
            return serialization.dumps(payload)
    except (NotJson, RecursionError) as problem:
        raise ValueError("its payload cannot be stored") from problem
    raise ValueError("its payload is no object")


def _error(text: str | None) -> str | None:
    return None if text is None else serialization.clean(text, 20_000)


def _code(code: object) -> str | None:
    return serialization.clean(code, 100) or None


def _checked(found: object, fields: Fields) -> dict[str, Any]:
    """Return the fields, if they are these and of these types."""
    if not isinstance(found, dict) or found.keys() != fields.keys():
        raise ValueError(f"its fields are not {', '.join(fields)}")
    for name, allowed in fields.items():
        if type(found[name]) not in allowed:
            raise ValueError(f"its {name} is {serialization.kind(found[name])}")
    return found
