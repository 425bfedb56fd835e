"""What is personal or secret in a payload, marked where it is declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

Path = tuple[str, ...]
"""Where in a payload: keys and indexes from the outside in, `*` for any of them. It means all that is below, too."""


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
    """

    paths: frozenset[Path]
    keys: frozenset[str] = frozenset()
    search: frozenset[Path] = frozenset()


UNKNOWN: Final = Marks(frozenset({("*",)}), frozenset({"reference", "order_key"}))
"""The marks of a class that is not known here: everything, until somebody can tell."""


def together(found: Iterable[Marks | None]) -> Marks | None:
    """Return all that is marked in any of these; None when nothing is."""
    some = [marks for marks in found if marks is not None]
    if not some:
        return None
    return Marks(
        frozenset().union(*(marks.paths for marks in some)),
        frozenset().union(*(marks.keys for marks in some)),
        frozenset().union(*(marks.search for marks in some)),
    )
