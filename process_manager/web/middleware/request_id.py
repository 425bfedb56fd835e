"""The id of a request, by which its answer, its log lines and its acts are brought together."""

from __future__ import annotations

import re
import secrets
import time
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from process_manager import logs

NAME: Final = "X-Request-ID"
GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
"""What a caller may give; anything else is replaced."""

log = logs.get(__name__)


class RequestId:
    """Takes the id that was sent, or makes one; it is in the answer and in every log line of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(NAME, "")
        request_id = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.monotonic()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[NAME] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self.app(scope, receive, answer)
            _log(scope, status, time.monotonic() - began)


def _log(scope: Scope, status: int, seconds: float) -> None:
    """Tell of a request: its path as it is declared, never what was asked in it."""
    route = scope.get("route")
    told = {
        "method": scope["method"],
        "route": getattr(route, "path", "none"),
        "status": status,
        "ms": round(seconds * 1000),
    }
    if status >= 500 or scope["method"] not in ("GET", "HEAD"):
        log.info("request.answered", **told)
    else:
        log.debug("request.answered", **told)
