"""The JSON that a program sends, read as that of the command line: a key that is given twice is refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from process_manager import serialization


class JsonRequest(Request):
    """A request whose body is read so."""

    async def json(self) -> Any:
        """Return the value of the body; raise UsageError for a key that is given twice, ValueError for no JSON."""
        return serialization.read((await self.body()).decode("utf-8"))


class JsonRoute(APIRoute):
    """A route that reads bodies so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await answer(JsonRequest(request.scope, request.receive))

        return handler
