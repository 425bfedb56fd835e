"""How much a request may send: refused unread where its Content-Length says more, and counted where it has none."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from process_manager.web import routes
from process_manager.web.refusals import RefusedRequest, TooLarge

MOST: Final = 1_000_000
"""Bytes of a form or of JSON."""

MEGABYTE: Final = 1_000_000


class BodySize:
    """Refuses what is too large."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = _most(scope)
        _require_length(Headers(scope=scope), most)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise _too_large(most)
            return message

        await self.app(scope, counted, send)


def _most(scope: Scope) -> int:
    """Return how many bytes are taken; of each file, whoever takes it in counts its own."""
    is_form = Headers(scope=scope).get("content-type", "").lower().startswith("multipart/form-data")
    if not (is_form and routes.takes_files(scope["path"])):
        return MOST
    limit: int = scope["app"].state.office.settings.upload_limit
    return MOST + routes.MOST_FILES * limit * MEGABYTE


def _require_length(headers: Headers, most: int) -> None:
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise RefusedRequest("The Content-Length is no number.")
    if len(length) > 15 or int(length) > most:
        raise _too_large(most)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"At most {most:,} bytes are taken here.")
