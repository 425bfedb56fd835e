"""Durations counted in buckets, each a twentieth wider than the one before: two can be added, and tell their median."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Self

SHORTEST: Final = 0.001
"""Seconds: what is shorter counts as that."""

WIDER: Final = 1.05
"""A duration that is told of a bucket is wrong by at most a fortieth."""


class Histogram:
    """How often something lasted about so long."""

    def __init__(self, counts: Counter[int] | None = None) -> None:
        self.counts: Counter[int] = Counter() if counts is None else counts

    @classmethod
    def of(cls, durations: Iterable[timedelta]) -> Self:
        """Return the histogram of these durations."""
        return cls(Counter(_bucket(each.total_seconds()) for each in durations))

    def __add__(self, other: Histogram) -> Histogram:
        """Return the two together."""
        return Histogram(self.counts + other.counts)

    @property
    def number(self) -> int:
        """How many durations were counted."""
        return self.counts.total()

    def within(self, share: float) -> timedelta | None:
        """Return the duration within which so many of them ended, such as 0.5 for the median; None of nothing."""
        wanted, seen = share * self.number, 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted:
                return timedelta(seconds=_middle(bucket))
        return None


def _bucket(seconds: float) -> int:
    return 0 if seconds <= SHORTEST else math.ceil(math.log(seconds / SHORTEST) / math.log(WIDER))


def _middle(bucket: int) -> float:
    return SHORTEST * WIDER ** (bucket - 0.5) if bucket else SHORTEST
