"""What is personal or secret in a payload, marked where it is declared, and masked by whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, cast

from process_manager import serialization
from process_manager.redaction import MASK
from process_manager.redaction.values import HiddenValues, Value

Path = tuple[str, ...]
"""Where in a payload: keys and indexes from the outside in, `*` for any of them. It means all that is below, too."""

Payload = Mapping[str, Any]

ANY: Final = "*"


class Mark(Enum):
    """Why a value is not shown."""

    PERSONAL = "personal"
    SECRET = "secret"  # noqa: S105 - the word, and no secret


Personal: Final = Mark.PERSONAL
"""Marks a field of a `parameters` model as personal: `Annotated[str, Personal]`."""

Secret: Final = Mark.SECRET
"""Marks a field of a `parameters` model as secret: `Annotated[str, Secret]`."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked in the processes of one class.

    Attributes:
        paths: The paths in the payload.
        keys: Which of `reference` and `order_key` are personal.
        search: The paths that are found by exact match.
        is_unknown: Whether nobody can tell what is personal, so that nothing is shown.
    """

    paths: frozenset[Path]
    keys: frozenset[str] = frozenset()
    search: frozenset[Path] = frozenset()
    is_unknown: bool = False


UNKNOWN: Final = Marks(frozenset({(ANY,)}), frozenset({"reference", "order_key"}), is_unknown=True)
"""The marks of a class that is not known here: everything, until somebody can tell."""

NOTHING: Final = Marks(frozenset())
"""No marks at all."""


def together(found: Iterable[Marks | None]) -> Marks | None:
    """Return all that is marked in any of these; None when nothing is."""
    some = [marks for marks in found if marks is not None]
    if len(some) <= 1:
        return some[0] if some else None
    return Marks(
        frozenset[Path]().union(*(marks.paths for marks in some)),
        frozenset[str]().union(*(marks.keys for marks in some)),
        frozenset[Path]().union(*(marks.search for marks in some)),
        is_unknown=any(marks.is_unknown for marks in some),
    )


def masked(value: object, paths: Iterable[Path]) -> object:
    """Return the value with a mask in place of all that the paths lead to."""
    left = frozenset(paths)
    if () in left:
        return MASK
    if not left:
        return value
    if isinstance(value, Mapping):
        return {key: masked(part, _below(left, key)) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [masked(part, _below(left, str(at)) | _names(left)) for at, part in enumerate(value)]
    return value if value is None else MASK  # a path led further: of another form than was declared


def values(value: object, paths: Iterable[Path]) -> Iterator[Value]:
    """Yield each text and number that the paths lead to, and the keys there that are no plain words."""
    left = frozenset(paths)
    if not left:
        return
    if isinstance(value, Mapping):
        for key, part in value.items():
            if () in left and not str(key).isidentifier():
                yield str(key)
            yield from values(part, _below(left, key))
    elif isinstance(value, list | tuple):
        for at, part in enumerate(value):
            yield from values(part, _below(left, str(at)) | _names(left))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value


def masking(payloads: Iterable[Payload], paths: Iterable[Path]) -> Callable[[Payload], Payload]:
    """Return what masks these payloads: what the paths lead to in any of them, and the same values elsewhere."""
    left = frozenset(paths)
    found = HiddenValues([value for payload in payloads for value in values(payload, left)])
    return lambda payload: cast(Payload, found.value(masked(payload, left)))


def hidden(payload: str, keys: Mapping[str, str | None], marks: Marks) -> HiddenValues:
    """Return the marked values of a process: of its payload (JSON), and of its reference and order key."""
    try:
        found = list(values(serialization.loads(payload), marks.paths))
    except ValueError:
        return HiddenValues(None)
    return HiddenValues([*found, *(key for name, key in keys.items() if name in marks.keys and key is not None)])


def _below(paths: frozenset[Path], key: str) -> frozenset[Path]:
    """Return where the paths lead on from a key; one that ends above it goes on through everything."""
    return frozenset(path[1:] for path in paths if not path or path[0] in (ANY, key))


def _names(paths: frozenset[Path]) -> frozenset[Path]:
    """Return the paths that begin with a name: a list may be left out of a path."""
    return frozenset(path for path in paths if path and path[0] != ANY and not path[0].isdecimal())
