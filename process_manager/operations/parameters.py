"""What the `parameters` model of a process class says of a payload."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from process_manager import serialization
from process_manager.definition import markers
from process_manager.definition.process import Process
from process_manager.errors import EditError, PayloadError
from process_manager.operations.field_problems import FieldProblem, field_problem
from process_manager.operations.given_files import with_files
from process_manager.redaction.values import HiddenValues

if TYPE_CHECKING:
    from pydantic import BaseModel

    from process_manager.files import StoredFile


def fitting(process: type[Process], payload: Mapping[str, Any], files: Sequence[StoredFile] = ()) -> Mapping[str, Any]:
    """Return the payload of a start as the model makes it, defaults filled in; raise PayloadError for another one."""
    if not isinstance(payload, Mapping):
        raise PayloadError(process=process.name, problems=f"it is {serialization.kind(payload)}, not an object")
    payload = with_files(process, payload, files)
    if process.parameters is None:
        return payload
    from pydantic import ValidationError

    check = _Check(process, payload, PayloadError)
    try:
        return check.made(process.parameters, payload)
    except ValidationError as error:
        fields = [field_problem(each) for each in error.errors(include_input=False)]
        raise check.refused((problem for _field, problem in _told(error)), fields) from None


def fitting_in_part(process: type[Process], payload: Mapping[str, Any], touched: Collection[str]) -> Mapping[str, Any]:
    """Return a payload that was changed at these fields, each as the model makes it; raise EditError if one is wrong.

    One that was removed has its default again. Fields that the model does not know, and those that were not touched,
    are left alone: steps wrote them.
    """
    model = process.parameters
    if model is None:
        return payload
    from pydantic import ValidationError

    names = dict(_names(model))
    known = {key: value for key, value in payload.items() if key in names or not names}
    check = _Check(process, payload, EditError)
    try:
        made = check.made(model, known, by_name=True)
    except ValidationError as error:
        fields = {names.get(key, key) for key in touched}
        wrong = [problem for field, problem in _told(error) if field is None or names.get(field, field) in fields]
        if wrong:
            raise check.refused(wrong) from None
        return payload
    return {**payload, **{key: value for key, value in made.items() if key in touched}}


def _names(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Yield each name under which a field is given or stored, with the field; none for a model of a whole mapping."""
    if getattr(model, "__pydantic_root_model__", False):
        return
    for field, about in model.model_fields.items():
        for name in (field, about.alias, about.validation_alias, about.serialization_alias):
            if isinstance(name, str):
                yield name, field


@dataclass(frozen=True, slots=True)
class _Check:
    """A payload that the model of a class is asked about, and the error that refuses it."""

    process: type[Process]
    payload: Mapping[str, Any]
    error: type[PayloadError | EditError]

    def made(self, model: type[BaseModel], part: Mapping[str, Any], *, by_name: bool | None = None) -> dict[str, Any]:
        """Return a part of the payload as the model makes it; `by_name`, also from the names under which it is stored.

        Raises:
            ValidationError: Fields of it do not fit.
            PayloadError: The model raised anything else, or made what JSON cannot carry; EditError for an edit.
        """
        from pydantic import ValidationError

        try:
            return model.model_validate(part, by_alias=by_name, by_name=by_name).model_dump(mode="json")
        except ValidationError:
            raise
        except ValueError as error:  # what a model takes as Any may be nothing that JSON can carry
            raise self.refused([f"it is no JSON: {type(error).__name__}"]) from None
        except Exception as error:  # a validator of the author's may raise anything about one payload
            refused = self.refused([f"its model raised {type(error).__name__}"])
            if self.process.marks is not None:
                raise refused from None  # its text may repeat a value
            raise refused from error

    def refused(self, problems: Iterable[str], fields: Sequence[FieldProblem] = ()) -> PayloadError | EditError:
        """Return the error, without the values of the payload, which a validator of the author's may repeat."""
        told = "; ".join(problems)
        if self.process.marks is not None:
            hidden = HiddenValues(markers.values(self.payload, markers.UNKNOWN.paths))
            told = hidden.text(told)
            fields = [each if each.is_ours else each._replace(why=hidden.text(each.why)) for each in fields]
        return self.error(process=self.process.name, problems=told, fields=tuple(fields))


def _told(error: Any) -> Iterator[tuple[str | None, str]]:
    """Yield what does not fit, each with its field if it is in one, without the values: they may be personal."""
    for each in error.errors(include_input=False):
        where = [str(part) for part in each["loc"]]
        yield (where[0] if where else None), f"{'.'.join(where) or 'payload'}: {each['msg']}"
