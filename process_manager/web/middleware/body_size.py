"""How much a request may send: refused unread where its Content-Length says more, and counted where it has none."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from process_manager.web.refusals import RefusedRequest, TooLarge

MOST: Final = 1_000_000
"""Bytes of a form or of JSON."""

_DETAIL: Final = f"At most {MOST:,} bytes are taken here."


class BodySize:
    """Refuses what is too large."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        _require_length(Headers(scope=scope))
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST:
                raise TooLarge(_DETAIL)
            return message

        await self.app(scope, counted, send)


def _require_length(headers: Headers) -> None:
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise RefusedRequest("The Content-Length is no number.")
    if len(length) > 15 or int(length) > MOST:
        raise TooLarge(_DETAIL)
