"""Requests that are refused before anything is done, each with its HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class RefusedRequest(Exception):  # noqa: N818 - named for what it is
    """A request that is refused; the text is for whoever made it."""

    status: ClassVar[int] = 400

    def __init__(self, detail: str, headers: Mapping[str, str] = _NONE) -> None:
        super().__init__(detail)
        self.headers = headers


class NotTheProxy(RefusedRequest):
    """Somebody says what only the proxy of this server may say."""


class AnotherName(RefusedRequest):
    """A server for this machine alone was asked under a name that is not of this machine."""

    status = 421


class NoSuchUser(RefusedRequest):
    """Whoever the proxy has signed on may not come in."""

    status = 403


class NotSignedIn(RefusedRequest):
    """Nobody knows who asks."""

    status = 401


class ForeignOrigin(RefusedRequest):
    """Another site made the browser ask."""

    status = 403


class TooLarge(RefusedRequest):
    """More was sent than is taken."""

    status = 413


class TooBusy(RefusedRequest):
    """Too many passwords are checked at once."""

    status = 429
