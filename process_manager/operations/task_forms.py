"""What the form of a task says of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from process_manager import serialization
from process_manager.definition import answer_marks, markers
from process_manager.definition.answer_marks import AnswerMarks
from process_manager.errors import AnswerError, NotJson, UsageError
from process_manager.lifecycle.asking import form_at
from process_manager.message import Message
from process_manager.operations.field_problems import FieldProblem, field_problem
from process_manager.redaction.values import HiddenValues


@dataclass(frozen=True, slots=True)
class FilledForm:
    """An answer as it is kept, and as it is shown: with a mask in place of what is personal or secret."""

    stored: str
    shown: Mapping[str, Any]


def fitting(task: sa.RowMapping, process: sa.RowMapping, given: object) -> FilledForm:
    """Return an answer as the form makes it, defaults filled in; raise AnswerError for another one."""
    form = form_at(task["form"])
    if form is None:
        told = Message("The form %(form)s is not known here. Answer it where that is deployed.", form=task["form"])
        raise UsageError(problem=told)
    marks = answer_marks.read(task["marks"])
    if not isinstance(given, Mapping):
        problem = FieldProblem((), Message("Write this as JSON."))
        raise _refused(task, {}, marks, [problem])
    from pydantic import ValidationError

    try:
        made = form.model_validate(given, by_alias=True, by_name=True).model_dump(mode="json")
        stored = serialization.dumps(made, "answer")
    except ValidationError as error:
        problems = [field_problem(each) for each in error.errors(include_input=False)]
        raise _refused(task, given, marks, problems) from None
    except NotJson as error:
        raise _refused(task, given, marks, [FieldProblem((), str(error))]) from None
    except Exception as error:  # noqa: BLE001 - a validator of the author's may raise anything about one answer
        problem = FieldProblem((), f"its form raised {type(error).__name__}")
        raise _refused(task, given, marks, [problem]) from None  # its text may repeat a value
    return FilledForm(stored, marks.masked(serialization.loads(stored), process))


def _refused(
    task: sa.RowMapping, given: Mapping[str, Any], marks: AnswerMarks, problems: list[FieldProblem]
) -> AnswerError:
    """Return the error, without the values, which a validator of the author's may repeat."""
    if marks.answer or marks.payload:
        hidden = HiddenValues(markers.values(given, markers.UNKNOWN.paths))
        problems = [each if each.is_ours else each._replace(why=hidden.text(each.why)) for each in problems]
    told = "; ".join(f"{'.'.join(each.path) or 'answer'}: {each.why}" for each in problems)
    return AnswerError(task_id=task["id"], problems=told.rstrip("."), fields=tuple(problems))
