"""The marks that a class declares: on the fields of its `parameters` model, and as paths for what its steps add."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from process_manager import serialization
from process_manager.definition.markers import ANY, Mark, Marks, Path
from process_manager.definition.step import full_name
from process_manager.errors import UsageError

KEYS: Final = ("reference", "order_key")
"""What is personal if `personal_keys` names it; a dedup key is stored as its hash only."""

DEEPEST: Final = serialization.MAX_DEPTH


def declared(cls: type) -> Marks | None:
    """Return what is marked in the processes of a class; None when nothing is.

    Raises:
        UsageError: A path or a key is none, or what is to be found is not marked; the error names class and attribute.
    """
    personal, secret, search = (_paths(cls, option) for option in ("personal", "secret", "personal_search"))
    _refuse_both(cls, personal & secret)
    in_model = frozenset(path or (ANY,) for path in marked_in(getattr(cls, "parameters", None)))
    marked = personal | secret | in_model
    _refuse_unmarked(cls, search, marked)
    keys = _keys(cls)
    return Marks(marked, keys, search) if marked or keys else None


def _paths(cls: type, option: str) -> frozenset[Path]:
    return frozenset(_path(cls, option, text) for text in _texts(cls, option))


def _texts(cls: type, option: str) -> tuple[str, ...]:
    given: object = getattr(cls, option)
    if not isinstance(given, tuple):
        raise _refused(cls, option, f'is {serialization.kind(given)}, not a tuple. Write {option} = ("name",).')
    for each in given:
        if not isinstance(each, str):
            raise _refused(cls, option, f"has {serialization.kind(each)} in it, which is no text. Write texts.")
    return given


def _path(cls: type, option: str, text: str) -> Path:
    path = tuple(text.split("."))
    if not all(part and part == part.strip() for part in path):
        raise _refused(cls, option, f'has {text!r}, which is no path. Write one as "cpr", "contact.phone" or "rows.*".')
    if len(path) > DEEPEST:
        raise _refused(cls, option, f"has a path of {len(path)} parts. No payload is deeper than {DEEPEST}.")
    return path


def _keys(cls: type) -> frozenset[str]:
    texts = _texts(cls, "personal_keys")
    for text in texts:
        if text not in KEYS:
            near = get_close_matches(text, KEYS, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else "They are 'reference' and 'order_key'."
            raise _refused(cls, "personal_keys", f"has {text!r}, which is no key of a process. {hint}")
    return frozenset(texts)


def _refuse_both(cls: type, both: Iterable[Path]) -> None:
    for path in sorted(both):
        raise _refused(cls, "personal", f"and secret both have {'.'.join(path)!r}. Keep it in one of them.")


def _refuse_unmarked(cls: type, search: Iterable[Path], marked: Iterable[Path]) -> None:
    for path in sorted(search):
        if ANY in path or not any(_leads_to(each, path) for each in marked):
            told = f"has {'.'.join(path)!r}, which is not marked. Mark that field in the model, or name it in personal."
            raise _refused(cls, "personal_search", told)


def _leads_to(mark: Path, path: Path) -> bool:
    """Return whether the path lies where the mark leads, or below."""
    return len(mark) <= len(path) and all(each in (ANY, part) for each, part in zip(mark, path, strict=False))


def _refused(cls: type, option: str, problem: str) -> UsageError:
    return UsageError(problem=f"class {full_name(cls)}: {option} {problem}")


# --- the model ------------------------------------------------------------------------------------------------------


_Field = tuple[str | None, Any, Iterable[object]]
"""The name under which it is stored, its type, and what it is annotated with; no name for what stands in its place."""


class _Found(NamedTuple):
    """A path that is marked, or at which a type begins again inside itself."""

    path: Path
    began: Path | None = None


def marked_in(model: Any) -> frozenset[Path]:
    """Return the paths that the fields of a pydantic model mark, by the names under which they are stored."""
    if model is None:
        return frozenset()
    found = tuple(_in(model, (), {}))
    marked = {each.path for each in found if each.began is None}
    # A type that has marks and contains itself has no end of paths: all of it is marked where it begins again.
    again = {
        each.path for each in found if each.began is not None and any(_is_below(path, each.began) for path in marked)
    }
    return frozenset(marked | again)


def _is_below(path: Path, above: Path) -> bool:
    return path[: len(above)] == above


def _in(kind: Any, at: Path, above: Mapping[Any, Path]) -> Iterator[_Found]:
    """Yield what is marked in a type that stands at a path."""
    fields = _fields(kind)
    if fields is None:
        yield from _in_parts(kind, at, above)
    elif kind in above:
        yield _Found(at, above[kind])
    else:
        found = list(_in_fields(fields, at, {**above, kind: at}))
        is_own = _stores_itself(kind) and any(each.began is None for each in found)
        yield from [_Found(at)] if is_own else found


def _in_fields(fields: Iterable[_Field], at: Path, above: Mapping[Any, Path]) -> Iterator[_Found]:
    for name, kind, metadata in fields:
        there = at if name is None else (*at, name)
        yield from [_Found(there)] if _has_mark(metadata) else _in(kind, there, above)


_OF_TYPED_DICTS: Final = ("Required", "NotRequired", "ReadOnly")


def _in_parts(kind: Any, at: Path, above: Mapping[Any, Path]) -> Iterator[_Found]:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from [_Found(at)] if _has_mark(kind.__metadata__) else _in(parts[0], at, above)
    elif origin in (Union, UnionType) or getattr(origin, "_name", None) in _OF_TYPED_DICTS:
        yield from _of_any(parts, at, above)
    elif origin is tuple and Ellipsis not in parts:
        for index, part in enumerate(parts):
            yield from _in(part, (*at, str(index)), above)
    elif origin is not Literal:
        # The first part of a mapping is its keys: where they are marked, all of it is.
        is_mapping = len(parts) == 2 and origin is not tuple
        yield from [_Found(at)] if is_mapping and _is_marked(parts[0]) else _of_any(parts, (*at, ANY), above)


def _of_any(kinds: Iterable[Any], at: Path, above: Mapping[Any, Path]) -> Iterator[_Found]:
    for kind in kinds:
        yield from _in(kind, at, above)


def _is_marked(kind: Any) -> bool:
    return get_origin(kind) is Annotated and _has_mark(kind.__metadata__)


def _has_mark(metadata: Iterable[object]) -> bool:
    return any(isinstance(each, Mark) for each in metadata)


def _fields(kind: Any) -> list[_Field] | None:
    """Return the fields of a type that has fields of its own; None for another."""
    for attribute in ("__value__", "__supertype__"):  # a type alias, a new type
        if hasattr(kind, attribute):
            return [(None, getattr(kind, attribute), ())]
    if not isinstance(kind, type):
        return None
    if hasattr(kind, "model_fields"):
        return _of_model(kind)
    if dataclasses.is_dataclass(kind) or hasattr(kind, "__required_keys__"):  # of typing, or of typing_extensions
        return [(name, part, ()) for name, part in _hints(kind).items()]
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return [(str(index), part, ()) for index, part in enumerate(_hints(kind).values())]
    return None


def _hints(kind: type) -> Mapping[str, Any]:
    """Return the types of its fields; of one that names a type which cannot be found here, all is marked."""
    try:
        return typing.get_type_hints(kind, include_extras=True)
    except NameError:
        return dict.fromkeys(kind.__annotations__, Annotated[object, Mark.PERSONAL])


def _of_model(model: Any) -> list[_Field]:
    """Return the fields of a pydantic model; one that is not complete yet is marked as a whole."""
    if not model.__pydantic_complete__:
        model.model_rebuild(raise_errors=False)
    if not model.__pydantic_complete__:
        return [(None, model, (Mark.PERSONAL,))]
    by_alias = model.model_config.get("serialize_by_alias", False)
    is_root = getattr(model, "__pydantic_root_model__", False)
    found: list[_Field] = []
    for name, field in model.model_fields.items():
        if isinstance(field.default, Mark):
            told = f"{name} has a mark as its default. Write {name}: Annotated[str, Personal]."
            raise UsageError(problem=f"class {full_name(model)}: {told}")
        stored = (field.serialization_alias or name) if by_alias else name
        found.append((None if is_root else stored, field.annotation, field.metadata))
    for name, computed in model.model_computed_fields.items():
        found.append(((computed.alias or name) if by_alias else name, computed.return_type, ()))
    return found


def _stores_itself(kind: Any) -> bool:
    """Return whether it has a serializer of its own, so that nobody can tell by which names it is stored."""
    return bool(getattr(getattr(kind, "__pydantic_decorators__", None), "model_serializers", None))
