"""What the whole fleet shares: seats of which only so many are taken at once, and starts of which only so many come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from process_manager import durations
from process_manager.errors import IllegalValue

NAME: Final = re.compile(r"(?!list$)[a-z0-9][a-z0-9_-]{0,39}")
"""Not `list`: the command line lists them by that."""

MOST: Final = 10_000
"""The highest number of seats, and of starts in one period."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many steps may run at once, over all workers of the fleet: `Limit("sap-seats", 3)`.

    Steps that name the same limit share its seats. People change the number while all runs.

    Attributes:
        name: What people call it: 1 to 40 of a-z, 0-9, _ and -.
        most: How many seats it has, from 1.
    """

    name: str
    most: int

    def __post_init__(self) -> None:
        """Refuse what cannot be a limit."""
        _check("limit", self.name, self.most)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many steps may start in a stretch of time, over all workers of the fleet: `Rate("sap", 10, per="1m")`.

    They start evenly, here one in six seconds; what was not used does not add up. People change the number while all
    runs.

    Attributes:
        name: What people call it: 1 to 40 of a-z, 0-9, _ and -.
        most: How many start in one period, from 1.
        per: The period, such as `"1m"` or `"1h"`.
    """

    name: str
    most: int
    per: str = "1m"

    def __post_init__(self) -> None:
        """Refuse what cannot be a rate."""
        _check("rate", self.name, self.most)
        if not isinstance(self.per, str) or not timedelta() < durations.parse(self.per) <= timedelta(days=1):
            hint = 'Write per="1m", at most a day.'
            raise IllegalValue(what=f"rate {self.name!r}: per", value=self.per, problem="is no period", hint=hint)

    @property
    def period(self) -> timedelta:
        """The period as a duration."""
        return durations.parse(self.per)


Shared = Limit | Rate
"""Something that the fleet shares."""


def _check(kind: str, name: object, most: object) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        hint = f'Write {kind} names such as "sap-seats".'
        raise IllegalValue(what=kind, value=name, problem="is not 1 to 40 of a-z, 0-9, _ and -", hint=hint)
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= MOST:
        hint = "Give a number; people may set another one, 0 to close it, while all runs."
        raise IllegalValue(what=f"{kind} {name!r}", value=most, problem=f"is not 1 to {MOST}", hint=hint)
