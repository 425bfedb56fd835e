"""Routes of the API: with or without a slash at their end, each operation named as its function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBasic, HTTPBearer
from starlette.routing import BaseRoute

from process_manager.web.api.json_body import JsonRoute

PREFIX: Final = "/api/v1/"

BEARER: Final = HTTPBearer(auto_error=False, scheme_name="token", description="The secret of a token: `pm_…`.")
BASIC: Final = HTTPBasic(auto_error=False, scheme_name="password", description="The name and password of a user.")
"""They only tell of what is sent: who asks is found before a route is looked for."""

PROBLEMS: Final[Mapping[int, str]] = {
    400: "What was sent does not fit; `errors` has the path of each field.",
    401: "Nobody knows who asks.",
    403: "Whoever asks may not do that; the detail names the role or scope that may.",
    404: "There is no such thing, or whoever asks may not see it.",
    409: "It is refused as things stand; the detail says how they stand, and what would do.",
    412: "It has changed since it was looked at.",
    413: "More was sent than is taken.",
    422: "What was sent does not fit; `errors` has the path of each field.",
    503: "The database cannot be used just now: Retry-After says when to try again.",
}
"""What an answer of each status means, where it is a problem (RFC 9457)."""

ALWAYS: Final = (401, 403, 503)


class ApiRouter(APIRouter):
    """The routes of one resource."""

    def __init__(self, resource: str, route_class: type[APIRoute] = JsonRoute) -> None:
        super().__init__(
            prefix=f"{PREFIX}{resource}",
            tags=[resource],
            generate_unique_id_function=_operation_id,
            route_class=route_class,
            dependencies=[Security(BEARER), Security(BASIC)],
        )

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add a route; the path may have a slash at its end."""
        super().add_api_route(path, endpoint, **options)
        _allow_slash(self.routes[-1])


def _allow_slash(route: BaseRoute) -> None:
    """Have a route answer to its path with a slash at the end, too: a twin would have models of its own."""
    if isinstance(route, APIRoute):
        route.path_regex = re.compile(route.path_regex.pattern.removesuffix("$") + "/?$")


def answers(example: Any, *problems: int, status: int = 200, unfit: int = 422) -> dict[str, Any]:
    """Return what the document says of the answers of a route.

    Args:
        example: What it answers when all goes well.
        problems: The statuses of problems that it may answer, besides those that every route may.
        status: The status of its answer.
        unfit: The status for what does not fit: 400 where old clients of bots and jobs expect that.
    """
    good: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if status != HTTPStatus.NO_CONTENT:
        good["content"] = {"application/json": {"example": example}}
    wrong = {each: problem(each) for each in sorted({*ALWAYS, unfit, *problems})}
    return {"status_code": status, "responses": {status: good, **wrong}}


def problem(status: int) -> dict[str, Any]:
    """Return what the document says of a problem."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": PROBLEMS[status], "content": {"application/problem+json": {"schema": schema}}}


def _operation_id(route: APIRoute) -> str:
    return route.name
