"""Who asks: found before a byte of the body is read, and handed on as the actor."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from process_manager.web import identity, routes
from process_manager.web.proxy import is_loopback


class Access:
    """Lets nobody in whom nobody knows, but to what is open to all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and not _is_open(scope):
            found = await run_in_threadpool(identity.of, Request(scope))
            scope["state"] |= {"actor": found.actor, "way_in": found.way_in, "cookie": found.cookie}
        await self.app(scope, receive, send)


def _is_open(scope: Scope) -> bool:
    path, client = scope["path"], scope["client"]
    is_here = client is not None and is_loopback(client[0])
    return routes.is_open(path) or (is_here and routes.is_open_here(path))
