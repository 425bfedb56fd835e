"""What may be given for a job: the parameter schema of a bot, held against the model of its process class."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from process_manager.definition.file_fields import file_fields
from process_manager.definition.process import Process
from process_manager.errors import FieldsError

if TYPE_CHECKING:
    from pydantic import BaseModel

Told = tuple[str, str]
"""The path of a field, and what is wrong with it."""

_JSON: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset({"string"}),
    "text": frozenset({"string"}),
    "file": frozenset({"string"}),
    "integer": frozenset({"integer", "number"}),
    "boolean": frozenset({"boolean"}),
}
"""What a parameter of each type is in JSON."""

TYPES: Final = ("string", "integer", "boolean", "file", "text")
OPTIONS: Final = frozenset({"type", "label", "required", "default", "description", "options"})


def derived(process: type[Process]) -> dict[str, Any]:
    """Return the parameter schema that the model of a class gives by itself."""
    fields = _fields(process.parameters)
    needed = _needed(process.parameters)
    made = {}
    for name, about in fields.items():
        kind = _kind(process, name, about)
        if kind is not None:
            said = {"label": about.get("title"), "description": about.get("description")}
            made[name] = {"type": kind, "required": name in needed, **{key: text for key, text in said.items() if text}}
    return made


def require_fit(process: type[Process], schema: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Raise FieldsError unless the schema is a subset of the model of the class, and the defaults fit it."""
    problems = [
        *(told for name, about in schema.items() for told in _of_entry(process, name, about)),
        *_lacking(process, schema, defaults),
    ]
    if not problems:
        problems = list(_of_values(schema, defaults, "default_parameters", complete=False))
    if problems:
        raise FieldsError.of(problems)


def used(
    schema: Mapping[str, Any], defaults: Mapping[str, Any], given: Mapping[str, Any], *, files: Collection[str] = ()
) -> dict[str, Any]:
    """Return the parameters of a job: what was given, over the bot's defaults, over those of its schema.

    `files` are the names of the files that come with it.

    Raises:
        FieldsError: Something is missing, of a wrong type, not among its options, or not known.
    """
    own = {name: about["default"] for name, about in schema.items() if about.get("default") is not None}
    merged = {**own, **defaults, **given}
    problems = [*_of_values(schema, merged, "parameters", complete=True), *_of_files(schema, files)]
    if problems:
        raise FieldsError.of(problems)
    return merged


def _of_entry(process: type[Process], name: str, about: object) -> Iterator[Told]:
    """Yield what is wrong with one parameter of a schema."""
    path = f"parameter_schema.{name}"
    if not isinstance(about, Mapping):
        yield path, "it is no object with a type"
        return
    yield from ((f"{path}.{each}", "it is not known") for each in sorted(about.keys() - OPTIONS))
    kind = about.get("type")
    if kind not in TYPES:
        yield f"{path}.type", f"it is none of {', '.join(TYPES)}"
        return
    yield from _of_options(path, kind, about)
    if process.parameters is not None:
        yield from _against_model(process, name, kind, path)


def _of_options(path: str, kind: str, about: Mapping[str, Any]) -> Iterator[Told]:
    for key in ("label", "description"):
        if not isinstance(about.get(key, ""), str):
            yield f"{path}.{key}", "it is no text"
    if not isinstance(about.get("required", False), bool):
        yield f"{path}.required", "it is neither true nor false"
    options = about.get("options")
    if options is not None and not (isinstance(options, list) and options):
        yield f"{path}.options", "it is no list with something in it"
    elif any(not _is_of(kind, each) for each in options or ()):
        yield f"{path}.options", f"not each of them is a value of the type {kind}"
    default = about.get("default")
    if default is not None and not _is_of(kind, default):
        yield f"{path}.default", f"it is no value of the type {kind}"


def _against_model(process: type[Process], name: str, kind: str, path: str) -> Iterator[Told]:
    fields = _fields(process.parameters)
    if name not in fields:
        yield path, f"the process {process.name} takes no such parameter"
    elif (name in {each.key for each in file_fields(process.parameters).values()}) != (kind == "file"):
        yield f"{path}.type", "the process takes a file here, and files nowhere else"
    elif (wanted := _types(fields[name], _document(process.parameters))) and not wanted & _JSON[kind]:
        yield f"{path}.type", f"the process takes {' or '.join(sorted(wanted))} here"


def _lacking(process: type[Process], schema: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[Told]:
    """Yield what the process needs and nobody could give."""
    for name in sorted(_needed(process.parameters) - schema.keys() - defaults.keys()):
        yield f"parameter_schema.{name}", "the process needs it, and no job could give it"


def _of_values(schema: Mapping[str, Any], values: Mapping[str, Any], where: str, *, complete: bool) -> Iterator[Told]:
    yield from ((f"{where}.{name}", "it is not known") for name in sorted(values.keys() - schema.keys()))
    for name, about in schema.items():
        if name in values:
            problem = _problem(about, values[name])
        else:
            problem = "missing" if complete and about.get("required") and about["type"] != "file" else None
        if problem is not None:
            yield f"{where}.{name}", problem


def _of_files(schema: Mapping[str, Any], names: Collection[str]) -> Iterator[Told]:
    taken = {name: about for name, about in schema.items() if about["type"] == "file"}
    yield from ((f"parameters.{name}", "no file is taken here") for name in sorted(set(names) - taken.keys()))
    for name, about in taken.items():
        if about.get("required") and name not in names:
            yield f"parameters.{name}", "missing: this is a file, upload it"


def _problem(about: Mapping[str, Any], value: object) -> str | None:
    """Return what is wrong with a value; None for nothing, also for null where none is needed."""
    if about["type"] == "file":
        return "this is a file: upload it"
    if value is None and not about.get("required"):
        return None
    if not _is_of(about["type"], value):
        return f"it is no value of the type {about['type']}"
    return "it is none of the options" if about.get("options") and value not in about["options"] else None


def _is_of(kind: str, value: object) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def _document(model: type[BaseModel] | None) -> Mapping[str, Any]:
    return {} if model is None else model.model_json_schema(by_alias=True)


def _fields(model: type[BaseModel] | None) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = _document(model).get("properties", {})
    return found


def _needed(model: type[BaseModel] | None) -> set[str]:
    return set(_document(model).get("required", ()))


def _kind(process: type[Process], name: str, about: Mapping[str, Any]) -> str | None:
    """Return the type of a parameter that is given for a field; None for what a form cannot give."""
    if name in {each.key for each in file_fields(process.parameters).values()}:
        return "file"
    wanted = _types(about, _document(process.parameters))
    return next((kind for kind in ("boolean", "integer", "string") if wanted & _JSON[kind]), None)


def _types(about: Mapping[str, Any], document: Mapping[str, Any]) -> set[str]:
    """Return the JSON types that a field takes; none where it takes any."""
    if "$ref" in about:
        return _types(document.get("$defs", {}).get(str(about["$ref"]).rsplit("/", 1)[-1], {}), document)
    if "anyOf" in about:
        parts = [_types(each, document) for each in about["anyOf"]]
        return set().union(*parts) - {"null"} if all(parts) else set()
    given = about.get("type")
    return {given} if isinstance(given, str) else set()
