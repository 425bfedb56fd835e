"""A human step: a form that a person fills in before the process goes on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, TypeVar

from process_manager import serialization
from process_manager.errors import IllegalValue
from process_manager.lifecycle.claim import step_key
from process_manager.lifecycle.new_task import NewTask
from process_manager.lifecycle.outcomes import Wait
from process_manager.lifecycle.spans import span

if TYPE_CHECKING:
    from pydantic import BaseModel

    from process_manager.lifecycle.transition import Transition

Form = TypeVar("Form")
Filled = TypeVar("Filled", bound="BaseModel")

GROUP_LENGTH: Final = 100
FORM_LENGTH: Final = 200
DETAILS_LENGTH: Final = 20_000

_MODES: Final[tuple[Literal["validation"], Literal["serialization"]]] = ("validation", "serialization")

STARTER: Final = "starter"
"""In `not_by`: whoever started the process may not answer."""


@dataclass(frozen=True, slots=True, init=False, kw_only=True)
class Ask(Wait):
    """A person is asked: the process rests until somebody has filled in the form, and the step runs again then.

    No attempt is used. The step reads what was answered with `run.answer(Form)`.

    Attributes:
        message: What is asked, in a sentence: the title of the task.
        form: The pydantic model that is filled in, a class of a module.
        group: Who is asked; None for everybody who may work on processes of this name.
        details: What they should know besides.
        due: By when it should be answered: "3 workdays" of the office's calendar, or a duration. None for no moment.
        remind: How often they are reminded until then and after.
        overdue_to: The group that is asked instead once it is overdue; None for the same.
        not_by: "starter" where whoever started the process may not answer.
    """

    asks: ClassVar[bool] = True

    form: type[BaseModel]
    group: str | None
    details: str
    due: str | None
    remind: str | None
    overdue_to: str | None
    not_by: str | None

    def __init__(  # noqa: PLR0913 - what may be said of a task, by name
        self,
        message: str = "",
        *,
        form: type[BaseModel],
        group: str | None = None,
        details: str = "",
        due: str | timedelta | None = None,
        remind: str | timedelta | None = None,
        overdue_to: str | None = None,
        not_by: Literal["starter"] | None = None,
    ) -> None:
        if overdue_to is not None and due is None:
            raise _illegal("overdue_to", overdue_to, "is given, but no due=", "Say by when it should be answered.")
        if not_by not in (None, STARTER):
            raise _illegal("not_by", not_by, "is not known", 'Give not_by="starter", or leave it out.')
        form_name = form_place(form).rpartition(":")[2]
        facts = {
            "message": message or f"Asks {group or 'a person'} to fill in {form_name}.",
            "until": None,
            "after": None,
            "event": None,
            "children": None,
            "form": form,
            "group": None if group is None else checked_group(group),
            "details": details,
            "due": None if due is None else str(span(due, "Ask(due=…)")),
            "remind": None if remind is None else str(span(remind, "Ask(remind=…)")),
            "overdue_to": None if overdue_to is None else checked_group(overdue_to),
            "not_by": not_by,
        }
        for name, value in facts.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Form]):
    """What a person answered.

    Attributes:
        form: The form as it was filled in.
        by: Who answered.
        at: When.
        way: How they came: console, api, page or code.
    """

    form: Form
    by: str
    at: datetime
    way: str


def asked(transition: Transition, outcome: Ask) -> Transition:
    """Return the transition of a step that asks a person, with what is asked."""
    from process_manager.lifecycle.events import Coordination

    claim = transition.claim
    task = NewTask(
        step_key=step_key(claim.step, claim.reruns),
        title=transition.entries[0].message,
        details=serialization.clean(outcome.details, DETAILS_LENGTH),
        group=outcome.group,
        form=form_place(outcome.form),
        schema=serialization.dumps(outcome.form.model_json_schema(by_alias=True)),
        marks="[]",
        due=outcome.due,
        remind=outcome.remind,
        overdue_to=outcome.overdue_to,
        not_by=outcome.not_by,
    )
    return transition._replace(coordination=Coordination(task=task))


def answer(form: type[Filled], text: str, *, by: str, at: datetime, way: str) -> Answer[Filled]:
    """Return an answer as it was stored; raise ValidationError where it does not fit the form as it is now."""
    return Answer(form.model_validate(serialization.loads(text), by_alias=True, by_name=True), by, at, way)


def stored_task(task: NewTask) -> NewTask:
    """Return what a child asks, as it can be stored; raise IllegalValue for what no `Ask` leads to."""
    for group in (task.group, task.overdue_to):
        if group is not None:
            checked_group(group)
    for given in (task.due, task.remind):
        if given is not None:
            span(given, "Ask")
    if serialization.length(task.form) > FORM_LENGTH or task.not_by not in (None, STARTER):
        raise _illegal("form", task.form[:50], "is found nowhere", "Give a class of a module.")
    return task._replace(
        title=serialization.clean(task.title),
        details=serialization.clean(task.details, DETAILS_LENGTH),
        schema=serialization.dumps(serialization.loads(task.schema)),
        marks=serialization.dumps(serialization.loads(task.marks)),
    )


def checked_group(group: object) -> str:
    """Return the name of a group; raise IllegalValue when it cannot be one."""
    if not (isinstance(group, str) and group and group == group.strip() == serialization.clean(group, GROUP_LENGTH)):
        told = f"is no name of a group: a text of at most {GROUP_LENGTH} characters without blanks at its ends"
        raise _illegal("group", str(group)[:50], told, 'Give one such as "economy".')
    return group


def form_place(form: object) -> str:
    """Return where a form is found again, as module:class; raise IllegalValue for what is none or is found nowhere."""
    from pydantic import BaseModel

    if not (isinstance(form, type) and issubclass(form, BaseModel)):
        raise _illegal("form", str(form)[:50], "is no pydantic model", "Give a class that inherits BaseModel.")
    place = f"{form.__module__}:{form.__qualname__}"
    if form_at(place) is not form or len(place) > FORM_LENGTH:
        hint = "Define it at the top of a module: whoever shows and checks an answer looks for it there."
        raise _illegal("form", place[:200], "is found nowhere by this name", hint)
    if lost := _lost(form):
        told = f"has {', '.join(lost)}, of which nothing would be kept: it is a SecretStr, or excluded"
        raise _illegal("form", place[:200], told, "Mark what is secret: Annotated[str, Secret].")
    return place


@lru_cache
def _lost(form: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields of a form, and of models in it, that it does not write as they were filled in."""
    filled, kept = (_fields(form.model_json_schema(by_alias=False, mode=mode)) for mode in _MODES)
    hidden = {name for (_, name), field in filled.items() if _is_hidden(field)}
    return tuple(sorted(hidden | {name for _, name in filled.keys() - kept.keys()}))


def _fields(schema: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    models = {"": schema, **schema.get("$defs", {})}
    return {(each, name): field for each in models for name, field in models[each].get("properties", {}).items()}


def _is_hidden(part: Any) -> bool:
    """Return whether what a schema describes is written as stars."""
    if isinstance(part, Mapping):
        return part.get("writeOnly") is True or any(map(_is_hidden, part.values()))
    return isinstance(part, list) and any(map(_is_hidden, part))


def form_at(place: str) -> type[BaseModel] | None:
    """Return the form of this place if its module is loaded here; nothing is imported by a name that was stored."""
    from pydantic import BaseModel

    module, _, path = place.partition(":")
    found: object = sys.modules.get(module)
    for name in path.split("."):
        found = getattr(found, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _illegal(what: str, value: object, problem: str, hint: str) -> IllegalValue:
    return IllegalValue(what=f"Ask({what}=…)", value=value, problem=problem, hint=hint)
