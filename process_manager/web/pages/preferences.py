"""In what light and language somebody reads, and whether single keys do something; kept by their browser."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager.web import catalogue, cookies, frame, routes

router = APIRouter(include_in_schema=False)


@router.post("/preferences")
def keep(
    request: Request,
    theme: Annotated[str | None, Form()] = None,
    language: Annotated[str | None, Form()] = None,
    keys: Annotated[str | None, Form()] = None,
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Keep what was chosen, and lead back."""
    response = RedirectResponse(routes.local(back), 303)
    if theme is not None:
        cookies.keep(response, request, "theme", theme if theme in frame.THEMES else "")
    if language is not None and language in catalogue.every():
        cookies.keep(response, request, "language", language)
    if keys is not None:
        cookies.keep(response, request, "keys", "off" if keys == "off" else "")
    return response
