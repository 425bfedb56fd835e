"""The only reader of wall time. Callers read it once and pass `now` down."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """Return the present moment by this host's clock, or by the one that is followed.

    Returns:
        The moment in UTC, aware, to the microsecond.
    """
    return host() if _followed is None else _followed.now()


def host() -> datetime:
    """Return the present moment by this host's own clock."""
    return datetime.now(UTC)


def follow(offset: timedelta) -> None:
    """Follow another clock from now on: the database's, which is now `offset` ahead of this host's."""
    global _followed  # noqa: PLW0603 - the process has one clock, as it has one host
    _followed = _Followed(offset, _followed)


def follow_host() -> None:
    """Read this host's own clock again."""
    global _followed  # noqa: PLW0603 - as above
    _followed = None


class _Followed:
    """A clock that was read once and advances by the monotonic one; no correction makes it run backwards."""

    __slots__ = ("_began", "_latest", "_then")

    def __init__(self, offset: timedelta, before: _Followed | None) -> None:
        self._then, self._began = host() + offset, time.monotonic()
        self._latest: datetime = datetime.min.replace(tzinfo=UTC) if before is None else before._latest

    def now(self) -> datetime:
        """Return its present moment, which stands still rather than go back."""
        moment = self._then + timedelta(seconds=time.monotonic() - self._began)
        if moment < self._latest:
            return self._latest
        self._latest = moment
        return moment


_followed: _Followed | None = None
