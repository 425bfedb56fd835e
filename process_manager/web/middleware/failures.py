"""Whatever goes wrong in a request, answered: a page for people, problem+json for programs."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from process_manager.web import answers


class Failures:
    """Catches what a request raises; what nobody foresaw is in the log, never in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception as error:  # whatever a page raises, its reader gets an answer
            if begun:
                raise
            response = await run_in_threadpool(answers.of_error, Request(scope), error)
            await response(scope, receive, answer)
