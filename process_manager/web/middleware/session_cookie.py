"""The cookie of a session that was given another: sent with whatever the answer is, also that of an error."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from process_manager.web import cookies


class SessionCookie:
    """Sends the cookie that was found to be due while the request was answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def answer(message: Message) -> None:
            due = scope.get("state", {}).get("cookie")
            if message["type"] == "http.response.start" and due is not None:
                header = cookies.session_header(HTTPConnection(scope), due)
                MutableHeaders(scope=message).append("Set-Cookie", header)
            await send(message)

        await self.app(scope, receive, answer)
