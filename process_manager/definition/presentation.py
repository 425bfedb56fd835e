"""What a class declares for people: by what its processes are found, what a list shows of them, what is said of errors.

A method of an author may have the name of one of these options: it is a method then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from process_manager import serialization
from process_manager.definition.markers import ANY, Marks, Path
from process_manager.definition.step import full_name
from process_manager.errors import UsageError

MOST_COLUMNS: Final = 6
"""More do not fit on a screen beside the status."""
MOST_FIELDS: Final = 20
LONGEST_PATH: Final = 100
LONGEST_SENTENCE: Final = 300


@dataclass(frozen=True, slots=True)
class Presentation:
    """How people find the processes of a class, and what they see of them.

    Attributes:
        fields: The fields by whose whole value a process is found.
        columns: The fields that a list shows.
        sentences: What a caseworker is told of an error of a system, by step.
        restarts: How often caseworkers may restart a process; None where nobody counts.
    """

    fields: frozenset[Path] = frozenset()
    columns: tuple[Path, ...] = ()
    sentences: Mapping[str, str] = field(default_factory=dict)
    restarts: int | None = None


PLAIN: Final = Presentation()
"""Of a class that declares none of it."""


def presentation(cls: type, marks: Marks | None, steps: Iterable[str]) -> Presentation:
    """Return what a class declares for people; raise UsageError where it is none, or is marked and searched openly."""
    return Presentation(_fields(cls, marks), _columns(cls), _sentences(cls, steps), _restarts(cls))


def _fields(cls: type, marks: Marks | None) -> frozenset[Path]:
    asked, marked = _paths(cls, "search"), frozenset[Path]() if marks is None else marks.paths
    for path in asked:
        if any(_leads_to(mark, path) for mark in marked):
            shown = ".".join(path)
            raise _refused(cls, "search", f"has {shown!r}, which is marked. Name it in personal_search instead.")
    found = frozenset(asked) | (frozenset() if marks is None else marks.search)
    if len(found) > MOST_FIELDS or any(len(".".join(path)) > LONGEST_PATH for path in found):
        limit = f"at most {MOST_FIELDS} fields, each with a path of at most {LONGEST_PATH} characters"
        raise _refused(cls, "search", f"names too much. A process is found by {limit}.")
    return found


def _columns(cls: type) -> tuple[Path, ...]:
    found = _paths(cls, "columns")
    if len(found) > MOST_COLUMNS:
        raise _refused(cls, "columns", f"has {len(found)} fields. A list shows at most {MOST_COLUMNS}.")
    return found


def _sentences(cls: type, steps: Iterable[str]) -> Mapping[str, str]:
    given = _option(cls, "says", {})
    known = list(steps)
    if not isinstance(given, Mapping):
        raise _refused(cls, "says", f'is {serialization.kind(given)}, not a mapping. Write {{"step": "A sentence."}}.')
    for step, text in given.items():
        if step not in known:
            near = get_close_matches(str(step), known, n=1)
            raise _refused(
                cls,
                "says",
                f"names {step!r}, which is no step. " + (f"Did you mean {near[0]!r}?" if near else "Name one."),
            )
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_SENTENCE:
            told = f"has no sentence of 1 to {LONGEST_SENTENCE} characters for {step!r}. Write one."
            raise _refused(cls, "says", told)
    return dict(given)


def _restarts(cls: type) -> int | None:
    given = _option(cls, "restarts", None)
    if given is not None and (not isinstance(given, int) or isinstance(given, bool) or given < 0):
        raise _refused(cls, "restarts", f"{given!r} is no whole number from 0. Write restarts = 3, or leave it out.")
    return given


def _option(cls: type, name: str, default: Any) -> Any:
    given = getattr(cls, name)
    return default if callable(given) else given


def _paths(cls: type, option: str) -> tuple[Path, ...]:
    given = _option(cls, option, ())
    if not isinstance(given, tuple):
        raise _refused(cls, option, f'is {serialization.kind(given)}, not a tuple. Write {option} = ("name",).')
    for each in given:
        if not isinstance(each, str) or not all(part and part == part.strip() for part in each.split(".")):
            raise _refused(cls, option, f'has {each!r}, which is no path. Write one as "number" or "debtor.cvr".')
        if ANY in each.split("."):
            raise _refused(cls, option, f"has {each!r}: a field is one value, and {ANY} stands for many. Name one.")
    return tuple(dict.fromkeys(tuple(each.split(".")) for each in given))


def _leads_to(mark: Path, path: Path) -> bool:
    """Return whether one of them lies where the other leads."""
    return all(each in (ANY, part) for each, part in zip(mark, path, strict=False))


def _refused(cls: type, option: str, problem: str) -> UsageError:
    return UsageError(problem=f"class {full_name(cls)}: {option} {problem}")
