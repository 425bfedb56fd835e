"""Which other sites may have their scripts ask the API: those in the settings, with a token, and nobody else."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from process_manager.web import routes


class Cors:
    """Tells browsers which sites may read answers of the API; what they ask before is answered without credentials.

    No site may have what a browser adds by itself: no cookie, no remembered password, no sign-on of a proxy.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str] = ()) -> None:
        self.app = app
        self._shared = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Request-ID"),
            expose_headers=("ETag", "Location", "Retry-After", "X-Request-ID"),
            allow_credentials=False,
        )
        self._is_shared = bool(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        is_shared = self._is_shared and scope["type"] == "http" and routes.is_for_programs(scope["path"])
        await (self._shared if is_shared else self.app)(scope, receive, send)
