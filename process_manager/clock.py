"""The only reader of wall time. Shell code reads it once and passes `now` down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond: by this host's clock, or by the one that is followed."""
    here = host()
    return here if _followed is None else _followed.at(here)


def host() -> datetime:
    """The present moment by this host's own clock."""
    return datetime.now(UTC)


def follow(offset: timedelta) -> None:
    """Read another clock from now on: that of the database, which is `offset` ahead of this host's."""
    global _followed  # noqa: PLW0603 - the process has one clock, as it has one host
    _followed = _Followed(offset, _followed)


def follow_host() -> None:
    """Read this host's own clock again."""
    global _followed  # noqa: PLW0603 - as above
    _followed = None


class _Followed:
    """A clock that is some time ahead of this host's, and that no correction makes run backwards."""

    __slots__ = ("_latest", "_offset")

    def __init__(self, offset: timedelta, before: _Followed | None) -> None:
        self._offset = offset
        self._latest: datetime = datetime.min.replace(tzinfo=UTC) if before is None else before._latest

    def at(self, here: datetime) -> datetime:
        """That clock's moment at this moment of the host's; it stands still rather than go back."""
        moment = max(here + self._offset, self._latest)
        self._latest = moment
        return moment


_followed: _Followed | None = None
