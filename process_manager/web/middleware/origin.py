"""Requests that another site makes a browser send: refused wherever the browser adds what lets somebody in."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from process_manager.web.identity import WayIn
from process_manager.web.refusals import ForeignOrigin

SAFE: Final = ("GET", "HEAD", "OPTIONS")


class Origin:
    """Refuses what changes something and was not sent by a page of ours.

    A program with a token passes: no browser adds one by itself. One with a name and a password passes unless the
    headers that only browsers send say that another site asked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["method"] not in SAFE:
            _require(Request(scope), scope["state"].get("way_in", WayIn.NONE))
        await self.app(scope, receive, send)


def _require(request: Request, way_in: WayIn) -> None:
    if way_in is WayIn.TOKEN:
        return
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is None and site is None and way_in is WayIn.BASIC:
        return
    is_ours = site == "same-origin" if origin is None else origin == own(request.scope["scheme"], request.headers)
    if not is_ours:
        raise ForeignOrigin(
            "The request came from another site, or from a browser that does not say from where. Nothing was done."
        )


def own(scheme: str, headers: Headers) -> str:
    """Return our own origin, as a browser spells it."""
    return f"{scheme}://{headers.get('host', '')}"
