"""Changes to a payload at dotted paths, such as `contact.phone` or `rows.0.amount`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from process_manager import serialization
from process_manager.errors import IllegalValue, UsageError

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayloadChange:
    """One difference that an edit makes.

    Attributes:
        path: Where, such as `contact.phone`.
        before: What stood there, as JSON; None for nothing.
        after: What stands there now, as JSON; None for nothing.
    """

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PayloadEdit:
    """What an edit makes of a payload.

    Attributes:
        before: The payload before.
        after: The payload afterwards.
        paths: The dotted paths that were asked for, in order.
        marked: The paths of what the class of the process marks as personal or secret.
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    paths: tuple[str, ...]
    marked: frozenset[Path] = frozenset()

    def changes(self, shown: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict) -> list[PayloadChange]:
        """Return what is different afterwards, at each of the paths where anything is.

        Args:
            shown: What somebody may see of a payload; by default all of it.

        Returns:
            The differences, in the order of the paths.
        """
        paths = [path for path in self.paths if _at(self.before, path) != _at(self.after, path)]
        before, after = shown(self.before), shown(self.after)
        return [PayloadChange(path, _at(before, path), _at(after, path)) for path in paths]

    def fragment(self) -> dict[str, Any]:
        """Return of the payload afterwards what was changed, each value where it stands there.

        Returns:
            The objects above what was changed, without what else is in them; a list is whole.
        """
        made: dict[str, Any] = {}
        for each in self.changes():
            if each.after is not None:
                _keep(made, self.after, tuple(each.path.split(".")))
        return made


def edited(payload: Mapping[str, Any], changes: Mapping[str, Any], unset: Collection[str] = ()) -> PayloadEdit:
    """Return the payload with these values at these paths, and without what stands at the paths of `unset`.

    Raises:
        IllegalValue: A path does not exist, and what is above it is no object.
        NotJson: JSON cannot represent a value.
        UsageError: Two of the paths lie one in the other, or there is none.
    """
    paths = {path: _parts(path) for path in (*changes, *unset)}
    _refuse_overlap([*map(_parts, changes), *map(_parts, unset)])
    after = serialization.loads(serialization.dumps(payload))
    for path, value in changes.items():
        _set(after, path, paths[path], serialization.loads(serialization.dumps(value, path)))
    for path in unset:
        _remove(after, path, paths[path])
    serialization.check(after)
    return PayloadEdit(payload, after, tuple(paths))


def _parts(path: str) -> Path:
    parts = tuple(path.split("."))
    if not all(parts):
        raise IllegalValue(
            what="path", value=path, problem="is none", hint='Write one such as "contact.phone" or "rows.0.amount".'
        )
    return parts


def _refuse_overlap(paths: list[Path]) -> None:
    if not paths:
        raise UsageError(problem="Nothing is to be changed. Say which path gets which value.")
    for above, below in pairwise(sorted(paths)):
        if below[: len(above)] == above:
            told = " twice" if above == below else f" and {'.'.join(below)!r}, which lies in it"
            raise UsageError(problem=f"There is {'.'.join(above)!r}{told}. Change the one or the other.")


def _set(payload: dict[str, Any], path: str, parts: Path, value: object) -> None:
    above, last = _above(payload, path, parts), parts[-1]
    if isinstance(above, dict):
        above[last] = value
    else:
        above[_index(above, path, last)] = value


def _remove(payload: dict[str, Any], path: str, parts: Path) -> None:
    above, last = _above(payload, path, parts), parts[-1]
    if not isinstance(above, dict):
        hint = "Set the list as a whole, without it."
        raise IllegalValue(what="path", value=path, problem="is an element of a list", hint=hint)
    if last not in above:
        raise _missing(path, last)
    del above[last]


def _above(payload: dict[str, Any], path: str, parts: Path) -> dict[str, Any] | list[Any]:
    """Return the object or the list that what the path names stands in."""
    here: Any = payload
    for part in parts[:-1]:
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list):
            here = here[_index(here, path, part)]
        else:
            raise _missing(path, part)
    if not isinstance(here, dict | list):
        raise _missing(path, parts[-1])
    return here


def _index(found: list[Any], path: str, part: str) -> int:
    if not (part.isascii() and part.isdecimal() and int(part) < len(found)):
        raise _missing(path, part)
    return int(part)


def _missing(path: str, part: str) -> IllegalValue:
    hint = "Only what stands directly in an object can be added: set that object or list as a whole."
    return IllegalValue(what="path", value=path, problem=f"does not exist: there is no {part!r} to change", hint=hint)


def _at(payload: Mapping[str, Any], path: str) -> str | None:
    """Return what stands at the path, as JSON; what is masked above it is masked."""
    here: Any = payload
    for part in path.split("."):
        if isinstance(here, Mapping):
            if part not in here:
                return None
            here = here[part]
        elif isinstance(here, list):
            here = here[int(part)]
    return serialization.dumps(here)


def _keep(made: dict[str, Any], after: Mapping[str, Any], parts: Path) -> None:
    """Put what stands at the path there, as far as it leads through objects."""
    first, rest = parts[0], parts[1:]
    if rest and isinstance(after[first], Mapping):
        _keep(made.setdefault(first, {}), after[first], rest)
    else:
        made[first] = after[first]
