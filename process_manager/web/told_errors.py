"""What the pages say of an error: what is so and why, in a sentence of their own; what to type stays on the console."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from process_manager import errors
from process_manager.errors import ProcessManagerError
from process_manager.message import Message
from process_manager.redaction import redact_text

Facts = Mapping[str, Any]


def said(error: ProcessManagerError) -> str:
    """Return what a page says of an error."""
    if type(error) in (errors.UsageError, errors.NotFound):
        problem: str = _shown(error.facts.get("told", error.facts["problem"]))
        return problem
    tell = next((_TOLD[kind] for kind in type(error).__mro__ if kind in _TOLD), None)
    facts = {name: _shown(fact) for name, fact in error.facts.items()}
    return redact_text(str(error)) if tell is None else tell(facts)


def _shown(fact: Any) -> Any:
    """Return a fact as a page may have it: without a secret; a message is as it was made."""
    return redact_text(fact) if isinstance(fact, str) and not isinstance(fact, Message) else fact


def _refused(facts: Facts) -> str:
    return Message("Process %(process_id)s %(stands)s: %(problem)s.", **_only(facts, "process_id", "stands", "problem"))


def _held(facts: Facts) -> str:
    return Message("Process %(process_id)s is held by %(holder)s.", **_only(facts, "process_id", "holder"))


def _forbidden(facts: Facts) -> str:
    if facts.get("role") is not None:
        return Message("Your role, %(role)s, cannot %(act)s.", role=facts["role"], act=facts["what"])
    return Message("%(actor)s may not %(what)s: %(why)s.", **_only(facts, "actor", "what", "why"))


def _unknown_id(facts: Facts) -> str:
    return Message("There is no process %(id)s.", id=facts["process_id"])


def _payload(facts: Facts) -> str:
    told = _only(facts, "process", "problems")
    return Message("The details of %(process)s do not fit: %(problems)s. Nothing was started.", **told)


def _edit(facts: Facts) -> str:
    told = _only(facts, "process", "problems")
    return Message("The details of %(process)s would not fit: %(problems)s. Nothing was changed.", **told)


def _answer(facts: Facts) -> str:
    return Message("The answer does not fit: %(problems)s. Nothing was changed.", **_only(facts, "problems"))


def _unknown_task(facts: Facts) -> str:
    return Message("There is no task %(id)s.", id=facts["task_id"])


def _task_closed(facts: Facts) -> str:
    return Message("Task %(task_id)s %(stands)s.", **_only(facts, "task_id", "stands"))


def _task_held(facts: Facts) -> str:
    return Message("Task %(task_id)s is claimed by %(holder)s.", **_only(facts, "task_id", "holder"))


def _value(facts: Facts) -> str:
    return Message("%(what)s “%(value)s” %(problem)s.", **_only(facts, "what", "value", "problem"))


def _off(facts: Facts) -> str:
    return Message("%(what)s may not start now: %(why)s.", **_only(facts, "what", "why"))


def _second(facts: Facts) -> str:
    return Message("Nothing is done yet: a second person has to approve request %(number)s.", number=facts["number"])


def _reason(_facts: Facts) -> str:
    return Message("There is no reason. Say in a few words why: the history keeps it.")


def _only(facts: Facts, *names: str) -> dict[str, Any]:
    return {name: facts[name] for name in names}


def _in_code(facts: Facts) -> str:
    return Message(
        "The schedule %(name)s is declared by the code of %(process)s, and would come back. Pause it instead.",
        **_only(facts, "name", "process"),
    )


def _occupied(facts: Facts) -> str:
    problem: str = facts["problem"]
    return problem


_TOLD: Final[Mapping[type[ProcessManagerError], Callable[[Facts], str]]] = {
    errors.PayloadError: _payload,
    errors.EditError: _edit,
    errors.AnswerError: _answer,
    errors.UnknownTask: _unknown_task,
    errors.TaskClosed: _task_closed,
    errors.TaskHeld: _task_held,
    errors.IllegalValue: _value,
    errors.ReasonRequired: _reason,
    errors.UnknownId: _unknown_id,
    errors.Refused: _refused,
    errors.HeldByAnother: _held,
    errors.Occupied: _occupied,
    errors.ScheduleInCode: _in_code,
    errors.Forbidden: _forbidden,
    errors.SwitchedOff: _off,
    errors.SecondPersonNeeded: _second,
}
