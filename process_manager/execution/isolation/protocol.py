"""What goes between a worker and its child: JSON lines in ASCII, in which moments and durations are no text.

An answer is put into what the worker would have made of it: a text as it is stored, a payload as JSON, and in place of
a payload that cannot be kept the reason, which the worker meets again where it would have met it in a thread.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, NoReturn

from process_manager import serialization
from process_manager.errors import NotJson, UsageError
from process_manager.execution.call_step import said
from process_manager.execution.isolation.results import Answer, Undone, Written
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.outcomes import Done, NoOutcome, Outcome, Reject, Retry, Skip, Wait, no_outcome
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, StepResult, Transition, VerifyResult

_MICROSECOND = timedelta(microseconds=1)


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
    message: dict[str, Any] = json.loads(line, object_hook=_untagged)
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
            return datetime.fromisoformat(text)
        case {"microseconds": int(count), **rest} if not rest:
            return count * _MICROSECOND
    return found


def claim_facts(claim: Claim) -> dict[str, object]:
    """Return the claim, by the names of its fields."""
    return claim._asdict()


def claim_from(found: Mapping[str, Any]) -> Claim:
    """Return the claim that `claim_facts` wrote."""
    return Claim(**found)


def evidence_facts(evidence: Evidence) -> dict[str, object]:
    """Return the evidence, by the names of its fields."""
    return {field.name: getattr(evidence, field.name) for field in fields(Evidence)}


def evidence_from(found: Mapping[str, Any]) -> Evidence:
    """Return the evidence that `evidence_facts` wrote."""
    return Evidence(**found)


def result_facts(result: StepResult) -> dict[str, object]:
    """Return the result of a run, whatever its step answered; raise nothing."""
    try:
        outcome = _outcome_facts(result.outcome)
        json.dumps(outcome, default=_tagged)
    except BaseException as problem:  # noqa: BLE001 - what an author answers may raise anything when it is looked at
        outcome = {"kind": "Done", "message": "", "payload": {"unkept": _reason(problem)}, "goto": None}
    return {
        "outcome": outcome,
        "started_at": result.started_at,
        "finished_at": result.finished_at,
        "error": _error_facts(result.error),
        "returned": result.returned,
        "taken_back": result.taken_back,
    }


def verify_facts(asked: VerifyResult) -> dict[str, object]:
    """Return what `verify` said, whatever that is; raise nothing."""
    try:
        answer = None if asked.answer is None else _outcome_facts(asked.answer)
        json.dumps(answer, default=_tagged)
    except BaseException as problem:  # noqa: BLE001 - as above
        answer, asked = None, VerifyResult(problem=said(problem))
    said_problem = None if asked.problem is None else serialization.clean(asked.problem)
    return {"answer": answer, "problem": said_problem, "error": _error_facts(asked.error), "exists": asked.exists}


def _error_facts(error: str | None) -> str | None:
    return None if error is None else serialization.clean(error, 20_000)


def transition_facts(transition: Transition) -> dict[str, object]:
    """Return what was recorded of a claim, without the claim."""
    entries = [entry._asdict() for entry in transition.entries]
    return {"position": transition.state._asdict(), "entries": entries, "at": transition.at}


def answer_from(message: dict[str, Any], claim: Claim) -> Answer:
    """Return what a child answered of a claim; it leads to the same state as in the child."""
    match message:
        case {"ran": found}:
            return result_from(found)
        case {"asked": found}:
            answer = None if found["answer"] is None else _outcome(found["answer"])
            return VerifyResult(**{**found, "answer": answer})
        case {"recorded": found, "kept": kept}:
            return Written(_transition(found, claim), kept)
    return Undone()


def result_from(found: Mapping[str, Any]) -> StepResult:
    """Return a result that leads to the same state as the one that was sent."""
    return StepResult(**{**found, "outcome": _outcome(found["outcome"])})


def _transition(found: Mapping[str, Any], claim: Claim) -> Transition:
    state = found["position"]
    stands = ProcessState(**{**state, "status": Status(state["status"])})
    return Transition(claim, stands, tuple(HistoryEntry(**entry) for entry in found["entries"]), found["at"])


def _outcome_facts(outcome: object) -> dict[str, object]:
    match outcome:
        case Done(message, payload, goto):
            return _of("Done", message, payload=_payload_facts(payload), goto=_goto_facts(goto))
        case Skip(message):
            return _of("Skip", message)
        case Wait(message, until, after):
            return _of("Wait", message, until=until, after=after)
        case Retry(message, after):
            return _of("Retry", message, after=after)
        case Reject(message, code):
            return _of("Reject", message, code=serialization.clean(code, 100) or None)
    found = no_outcome(outcome)
    return {"kind": "other", "shown": found.shown, "is_later": found.is_later}


def _of(kind: str, message: object, **more: object) -> dict[str, object]:
    return {"kind": kind, "message": serialization.clean(message), **more}


def _goto_facts(goto: object) -> object:
    if goto is None:
        return None
    return {"name": str.__str__(goto)} if isinstance(goto, str) else {"shown": _shown(goto)}


def _shown(value: object) -> str:
    return serialization.clean(serialization.safe_text(value, repr), 200)


def _payload_facts(payload: object) -> dict[str, object] | None:
    if payload is None:
        return None
    if not isinstance(payload, Mapping):
        return {"type": serialization.clean(type(payload).__name__, 200)}
    try:
        return {"text": serialization.dumps(payload)} if payload else None
    except BaseException as problem:  # noqa: BLE001 - as above; told apart, for the worker first looks at goto
        return {"unkept": _reason(problem)}


def _reason(problem: BaseException) -> dict[str, object]:
    if isinstance(problem, NotJson):
        return {"not_json": {name: str(fact) for name, fact in problem.facts.items()}}
    if isinstance(problem, LookupError):
        return {"lookup": serialization.safe_text(problem)}
    return {"said": said(problem)}


def _outcome(found: dict[str, Any]) -> Outcome:
    kind = found.pop("kind")
    match kind:
        case "Done":
            return Done(found["message"], _payload(found["payload"]), _goto(found["goto"]))
        case "Skip":
            return Skip(**found)
        case "Wait":
            return Wait(**found)
        case "Retry":
            return Retry(**found)
        case "Reject":
            return Reject(**found)
    return NoOutcome(**found)  # type: ignore[return-value]  # no outcome: what it leads to says so


def _goto(found: Mapping[str, str] | None) -> Any:
    if found is None:
        return None
    return found["name"] if "name" in found else Shown(found["shown"])


def _payload(found: Mapping[str, Any] | None) -> Any:
    match found:
        case None:
            return None
        case {"text": text}:
            return serialization.loads(text)
        case {"type": name}:
            return type(name, (), {})()  # it is refused by the name of its type
    return UnstorableAnswer(_problem(found["unkept"]))


def _problem(reason: Mapping[str, Any]) -> Exception:
    match reason:
        case {"not_json": problem}:
            return NotJson(**problem)
        case {"lookup": text}:
            return LookupError(text)
    return UsageError(problem=reason["said"])


class Shown:
    """Something that only its child has: here it is what it showed itself as."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class UnstorableAnswer(Mapping[str, Any]):
    """A payload that cannot be kept: whoever reads it meets the reason."""

    def __init__(self, reason: Exception) -> None:
        self._reason = reason

    def __getitem__(self, _key: str) -> NoReturn:
        raise self._reason

    def __iter__(self) -> Iterator[str]:
        raise self._reason

    def __len__(self) -> int:
        return 1
