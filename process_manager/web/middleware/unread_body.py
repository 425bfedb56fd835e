"""A body that nobody reads: its connection is closed with the answer, or the server would have to read all of it."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALL: Final = 64_000
"""Bytes that have come with the head anyway: such a connection may stay open."""


class UnreadBody:
    """Closes the connection of a request that is answered before its body has ended, unless that is small."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or _is_small(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        has_ended = False

        async def heard() -> Message:
            nonlocal has_ended
            message = await receive()
            has_ended = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and not has_ended:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self.app(scope, heard, answer)


def _is_small(headers: Headers) -> bool:
    length = headers.get("content-length", "0")
    return "transfer-encoding" not in headers and length.isascii() and length.isdigit() and int(length[:9]) <= SMALL
