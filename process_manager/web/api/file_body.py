"""Requests that send JSON, or the same as the fields of a form with files."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from process_manager import serialization
from process_manager.errors import IllegalValue, UsageError
from process_manager.files import StoredFile
from process_manager.web import uploads
from process_manager.web.api.json_body import JsonRequest
from process_manager.web.uploads import Upload

OBJECTS: Final = ("payload", "parameters")
"""Fields that have JSON in them."""


class FileRoute(APIRoute):
    """A route that takes either; its endpoint is given the files as `Files`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()
        act = "rerun" if self.path_format.rstrip("/").endswith("/rerun") else "start"

        async def handler(request: Request) -> Response:
            if not uploads.is_form_with_files(request):
                return await answer(JsonRequest(request.scope, request.receive))
            async with uploads.received(request, act) as upload:
                _refuse(upload)
                request.state.files = upload.files
                return await answer(_as_json(request, upload.fields))

        return handler


def also_a_form(**example: str) -> dict[str, Any]:
    """Return what the document says of a form with files that may be sent instead of JSON.

    Args:
        example: Some of its fields; those that are objects have JSON in them.
    """
    fields = {name: {"type": "string", "example": text} for name, text in example.items()}
    each_file = {"type": "string", "format": "binary", "description": "A file, by the name of its field."}
    schema = {"type": "object", "properties": fields, "additionalProperties": each_file}
    return {"requestBody": {"content": {"multipart/form-data": {"schema": schema}}}}


def _refuse(upload: Upload) -> None:
    for name, why in upload.refused.items():
        raise UsageError(problem=f"{name}: {why}")


def _as_json(request: Request, fields: Mapping[str, str]) -> JsonRequest:
    """Return the request as if the fields had come as JSON; what is an object there is JSON in its field."""
    body = serialization.dumps({name: _value(name, text) for name, text in fields.items() if text.strip()}).encode()
    headers = [pair for pair in request.scope["headers"] if pair[0] not in (b"content-type", b"content-length")]
    headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return JsonRequest({**request.scope, "headers": headers}, receive)


def _value(name: str, text: str) -> Any:
    if name not in OBJECTS:
        return text
    try:
        return serialization.read(text, name)
    except (ValueError, RecursionError):
        hint = 'Write it as such: {"invoice": 117}.'
        raise IllegalValue(what=name, value="", problem="is no JSON object", hint=hint) from None


def files_of(request: Request) -> list[StoredFile]:
    """Return the files that came with a request."""
    found: list[StoredFile] = getattr(request.state, "files", [])
    return found


Files = Annotated[list[StoredFile], Depends(files_of)]
