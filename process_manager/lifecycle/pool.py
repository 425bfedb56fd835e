"""A pool: where processes rest before a step that needs a seat or a start that the fleet shares."""

from __future__ import annotations

from typing import Final, NamedTuple

WAITS: Final = "platform"
"""What a process in a pool waits for, as its row says it."""


class Pool(NamedTuple):
    """What a step needs before it may start: a seat of a limit, a start of a rate, or both."""

    limit: str | None
    rate: str | None

    @property
    def key(self) -> str:
        """The pool as its rows carry it: `sap-seats`, `/sap`, or `sap-seats/sap`."""
        return self.limit or "" if self.rate is None else f"{self.limit or ''}/{self.rate}"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the limit and the rate."""
        return tuple(name for name in self if name is not None)


def pool(key: str) -> Pool:
    """Return the pool that a row carries."""
    limit, _, rate = key.partition("/")
    return Pool(limit or None, rate or None)
