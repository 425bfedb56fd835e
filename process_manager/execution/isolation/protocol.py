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
from process_manager.execution.completion import Answered, NotStarted, Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import plausibility
from process_manager.execution.isolation.message_fields import (
    COUNT,
    FLAG,
    MOMENT,
    MOMENT_OR_NONE,
    TEXT,
    TEXT_OR_NONE,
    Fields,
    checked,
    stored_payload,
)
from process_manager.execution.isolation.results import Answer, DidNotHappen
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.next_state import merge
from process_manager.lifecycle.outcomes import Outcome, Reject, Retry
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, StepResult, Transition

if TYPE_CHECKING:
    from process_manager.lifecycle.events import Coordination

_MICROSECOND = timedelta(microseconds=1)

_EVIDENCE: Final[Fields] = {
    "process_id": COUNT, "seq": COUNT, "number": COUNT, "kind": TEXT, "made_at": MOMENT, "body": TEXT,
}  # fmt: skip
_STATE: Final[Fields] = {
    "status": TEXT, "step": TEXT_OR_NONE, "attempts": COUNT, "attempts_since": MOMENT_OR_NONE, "crashes": COUNT,
    "due_at": MOMENT_OR_NONE, "retry_after": MOMENT_OR_NONE, "waiting_for": TEXT_OR_NONE,
    "finished_at": MOMENT_OR_NONE, "own_crashes": COUNT, "doubtful_since": MOMENT_OR_NONE,
    "pool": TEXT_OR_NONE,
}  # fmt: skip
_ENTRY: Final[Fields] = {
    "outcome": TEXT, "message": TEXT, "started_at": MOMENT, "finished_at": MOMENT, "payload": TEXT_OR_NONE,
    "error": TEXT_OR_NONE, "code": TEXT_OR_NONE,
}  # fmt: skip
_RESULT: Final[Fields] = {
    "started_at": MOMENT, "finished_at": MOMENT, "error": TEXT_OR_NONE, "got_through": FLAG,
}  # fmt: skip
_RAISED: Final[Fields] = {"message": TEXT, "code": TEXT_OR_NONE, "rejects": FLAG}


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
    return Evidence(**checked(found, _EVIDENCE))


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
    known = checked(found, {**_RESULT, "raised": (dict, NoneType)})
    raised = known.pop("raised")
    outcome = None if raised is None else _raised(**checked(raised, _RAISED))
    return StepResult(outcome, **known, returned=False)


def _raised(message: str, code: str | None, *, rejects: bool) -> Outcome:
    return Reject(message, code) if rejects else Retry(message)


def transition_facts(transition: Transition) -> dict[str, object]:
    """Return what was decided of a step, without what its worker knows: the claim, and the payload before it."""
    (entry,) = transition.entries
    return {
        "asks": _asked_facts(transition),
        "state": {name: getattr(transition.state, name) for name in _STATE},
        "entry": {name: getattr(entry, name) for name in _ENTRY},
    }


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
    parts = checked(found, {"state": (dict,), "entry": (dict,), "asks": (dict, NoneType)})
    state, entry = checked(parts["state"], _STATE), checked(parts["entry"], _ENTRY)
    claim, payload = held.claim, stored_payload(entry["payload"])
    told = {
        "message": serialization.clean(entry["message"]),
        "payload": payload,
        "error": _error(entry["error"]),
        "code": _code(entry["code"]),
    }
    plausibility.check_outcome(entry["outcome"], state["status"])
    stands = ProcessState(**{**state, "status": Status(state["status"]), "payload": merge(claim.payload, payload)})
    written = HistoryEntry(step=claim.step, attempt=claim.attempts + 1, **{**entry, **told})
    asked = _asked(parts["asks"], claim)
    has_rules = held.process.lane_rules is not None
    transition = Transition(
        claim, stands, (written,), written.finished_at, coordination=asked, has_lane_rules=has_rules
    )
    plausibility.check(transition, held.process.step_names, held.process.pools)
    return transition


def _asked_facts(transition: Transition) -> dict[str, object] | None:
    if transition.coordination is None:
        return None
    from process_manager.execution.isolation import asked_facts

    return asked_facts.facts(transition.coordination)


def _asked(found: object, claim: Claim) -> Coordination | None:
    if found is None:
        return None
    from process_manager.execution.isolation import asked_facts

    return asked_facts.read(found, claim)


def _error(text: str | None) -> str | None:
    return None if text is None else serialization.clean(text, 20_000)


def _code(code: object) -> str | None:
    return serialization.clean(code, 100) or None
