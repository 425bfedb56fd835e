"""Fields of a `parameters` model that take a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args

from process_manager.errors import IllegalValue

if TYPE_CHECKING:
    from pydantic import BaseModel

_ENDING: Final = re.compile(r"\.[a-z0-9]{1,10}")


@dataclass(frozen=True, slots=True, init=False)
class File:
    """Marks a field of a `parameters` model that takes a file: `rows: Annotated[str, File(".xlsx")]`.

    The payload has what the file was called; a step reads `run.files["rows"].open()`.

    Attributes:
        endings: How its name must end; none for any ending.
    """

    endings: tuple[str, ...]

    def __init__(self, *endings: str) -> None:
        for each in endings:
            if not isinstance(each, str) or not _ENDING.fullmatch(each):
                raise IllegalValue(
                    what="ending",
                    value=each,
                    problem="is not how a file name ends",
                    hint='Write it with its dot and in small letters: File(".xlsx").',
                )
        object.__setattr__(self, "endings", endings)


@dataclass(frozen=True, slots=True)
class FileField:
    """A field that takes a file.

    Attributes:
        name: By which a step asks for the file.
        key: Under which it is given in a payload.
        endings: How the file's name must end; none for any ending.
    """

    name: str
    key: str
    endings: tuple[str, ...]


@cache
def file_fields(model: type[BaseModel] | None) -> Mapping[str, FileField]:
    """Return the fields of a model that take a file, by name; those of the model itself, and of no model in it."""
    if model is None:
        return {}
    if not model.__pydantic_complete__:
        model.model_rebuild(raise_errors=False)
    return {each.name: each for each in _fields(model)}


def _fields(model: type[BaseModel]) -> Iterator[FileField]:
    for name, field in model.model_fields.items():
        for mark in _marks([*field.metadata, *_below(field.annotation)]):
            given = field.validation_alias or field.alias
            yield FileField(name, given if isinstance(given, str) else name, mark.endings)


def _below(annotation: Any) -> Iterator[object]:
    """Yield what the parts of a union are annotated with: `Annotated[str, File()] | None`."""
    for part in get_args(annotation):
        yield from getattr(part, "__metadata__", ())


def _marks(metadata: list[object]) -> Iterator[File]:
    yield from [each for each in metadata if isinstance(each, File)][:1]
