"""The controls of a form, made from a pydantic model: one for each of its fields, those of models in it too."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union, get_args, get_origin

from process_manager import serialization
from process_manager.definition.file_fields import File
from process_manager.definition.markers import Mark

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

Path = tuple[str, ...]
Sort = Literal[
    "text",
    "long",
    "whole",
    "number",
    "date",
    "moment",
    "time",
    "yes",
    "either",
    "few",
    "many",
    "file",
    "secret",
    "json",
]
FEW: Final = 4
"""So many choices are all shown; more of them are a list to open."""
LONG: Final = 200
"""A text that may have more characters has several lines."""
DEEPEST: Final = 3
"""Models in models that have controls of their own; what is deeper is written as JSON."""
EITHER: Final = ("yes", "no")
"""What to choose from where neither is a choice, too."""


@dataclass(frozen=True, slots=True)
class Control:
    """A field of a form.

    Attributes:
        path: Where its value stands in the payload: the keys from the outside in.
        sort: What kind of value it takes.
        label: What it is called.
        group: What the model is called in which it stands; empty for the form's own.
        help: What its author says of it.
        is_needed: Whether it must be filled in.
        value: What it begins with.
        choices: The values to choose from.
        endings: How the name of a file must end.
        takes_none: Whether it may be nothing at all, beside its default.
        is_personal: Whether what is typed is hidden in lists and logs.
        stays: Whether something is there already, which stays as it is where it is left empty.
    """

    path: Path
    sort: Sort
    label: str
    group: str = ""
    help: str = ""
    is_needed: bool = True
    value: str = ""
    choices: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    takes_none: bool = False
    is_personal: bool = False
    stays: bool = False

    @property
    def name(self) -> str:
        """Its name in the form; that of a file is the one by which a step asks for it."""
        return self.path[-1] if self.sort == "file" else f"p.{'.'.join(self.path)}"

    @property
    def whole_label(self) -> str:
        """What it is called where it stands alone."""
        return f"{self.group}: {self.label}" if self.group else self.label

    @property
    def id(self) -> str:
        """Its id on the page."""
        return f"p-{'-'.join(self.path)}"


WHOLE: Final = Control(("",), "json", "", is_needed=False)
"""The only control where no model says what the fields are: all of the payload, as JSON."""


def controls(model: type[BaseModel] | None) -> list[Control]:
    """Return the controls of a model, in its order."""
    if model is None or getattr(model, "__pydantic_root_model__", False):
        return [WHOLE]
    return list(_of_model(model, (), "", needed=True))


def _of_model(model: type[BaseModel], at: Path, group: str, *, needed: bool) -> Iterator[Control]:
    for name, field in model.model_fields.items():
        given = field.validation_alias or field.alias
        path = (*at, given if isinstance(given, str) else name)
        kind, marks = _plain(field.annotation, list(field.metadata))
        label = field.title or _spoken(name)
        if _has_fields(kind) and len(at) < DEEPEST and field.is_required():
            yield from _of_model(kind, path, label, needed=needed)
        else:
            yield replace(_control(field, kind, marks, (name,) if _is_file(marks) else path), label=label, group=group)


def _control(field: FieldInfo, kind: Any, marks: Sequence[object], path: Path) -> Control:
    choices = _choices(kind)
    sort = _sort(kind, marks, choices)
    if sort == "yes" and field.default is None:  # a box without its mark would be a no
        sort, choices = "either", EITHER
    file = next((each for each in marks if isinstance(each, File)), None)
    value = _written(field, sort)
    return Control(
        path=path,
        sort=fitting(sort, value),
        label="",
        help=field.description or "",
        is_needed=field.is_required() and sort != "yes",
        value=value,
        choices=choices,
        takes_none=field.default is None,
        endings=() if file is None else file.endings,
        is_personal=any(isinstance(each, Mark) for each in marks),
    )


def fitting(sort: Sort, value: str) -> Sort:
    """Return the sort of control that holds this value as it is: one of a line loses where another begins."""
    return "long" if sort == "text" and len(value.splitlines()) > 1 else sort


def _plain(annotation: Any, marks: list[object]) -> tuple[Any, list[object]]:
    """Return a type without what it is annotated with, and without None, and all that it is annotated with."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _plain(parts[0], [*marks, *annotation.__metadata__])
    if origin in (Union, UnionType):
        left = [part for part in parts if part is not type(None)]
        if len(left) == 1:
            return _plain(left[0], marks)
    return annotation, marks


def _sort(kind: Any, marks: Sequence[object], choices: Sequence[str]) -> Sort:
    if _is_file(marks):
        return "file"
    if Mark.SECRET in marks:
        return "secret"
    if choices:
        return "few" if len(choices) <= FEW else "many"
    if not isinstance(kind, type):
        return "json"
    for known, sort in _SORTS:
        if issubclass(kind, known):
            return "long" if sort == "text" and _longest(marks) > LONG else sort
    return "json"


_SORTS: Final[Sequence[tuple[type, Sort]]] = (
    (bool, "yes"),  # before whole numbers, of which it is one for Python
    (int, "whole"),
    (float, "number"),
    (Decimal, "number"),
    (datetime, "moment"),  # before dates, for the same reason
    (date, "date"),
    (time, "time"),
    (str, "text"),
)


def _longest(marks: Iterable[object]) -> int:
    found = (getattr(each, "max_length", None) for each in marks)
    return max((each for each in found if isinstance(each, int)), default=0)


def _is_file(marks: Iterable[object]) -> bool:
    return any(isinstance(each, File) for each in marks)


def _choices(kind: Any) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return tuple(str(each) for each in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return tuple(str(each.value) for each in kind)
    return ()


def _has_fields(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "model_fields") and not hasattr(kind, "root")


def _written(field: FieldInfo, sort: Sort) -> str:
    """Return a default as it is typed; nothing for what must be given, or is made when it is needed."""
    value = field.default
    if field.is_required() or field.default_factory is not None or value is None or sort in ("file", "secret"):
        return ""
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, str | int | float | Decimal | date | time):
        return value.isoformat() if isinstance(value, date | time) else str(value)
    return serialization.dumps(value.model_dump(mode="json") if hasattr(value, "model_dump") else value)


def _spoken(name: str) -> str:
    """Return the name of a field as people read it."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
