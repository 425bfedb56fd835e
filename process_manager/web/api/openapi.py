"""The document of the API (OpenAPI): its routes, who may ask, and what a problem looks like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, TypeAdapter

from process_manager.web.routes import is_open

DESCRIPTION: Final = """\
What the command line does, for programs. A token is sent as `Authorization: Bearer pm_…`; a user may send a name and \
a password (Basic). Every path may end in a slash. Moments are in UTC. A list that may be long is read page by page. \
What goes wrong is told as problem+json (RFC 9457), with the id of the request, which is in the log of the server."""


class ProblemField(BaseModel):
    """A field that does not fit."""

    where: str = Field(alias="in", description="body, query, path or header.", examples=["body"])
    field: str = Field(description="Its path.", examples=["payload.invoice"])
    problem: str = Field(description="What is wrong with it.", examples=["missing"])


class ProblemAnswer(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    code: str = Field(description="The name of the error, which stays the same.", examples=["refused"])
    detail: str = Field(
        description="What happened, and what would do.",
        examples=["Process 4711 has succeeded: it cannot be restarted. `rerun` makes a new process linked to it."],
    )
    request_id: str = Field(examples=["4f1c2a7be01d9c33"])
    errors: list[ProblemField] | None = Field(None, description="Which fields do not fit.")


def install(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Have an application answer with the document of these routers when it is asked for one."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app, routers)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI wants it extended


def _made(app: FastAPI, routers: Sequence[APIRouter]) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
    problem = TypeAdapter(ProblemAnswer).json_schema(ref_template="#/components/schemas/{model}")
    schemas = made["components"]["schemas"]
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                _complete(made["paths"][route.path_format][method.lower()], route)
    return made


def _complete(told: dict[str, Any], route: APIRoute) -> None:
    """Say what FastAPI leaves out: the nulls of examples, and that a route is open to everybody."""
    if 422 not in route.responses:  # FastAPI tells of it all the same
        told["responses"].pop("422", None)
    for status, answer in route.responses.items():
        for kind, content in answer.get("content", {}).items():
            if "example" in content:
                told["responses"][str(status)]["content"][kind]["example"] = content["example"]
    if is_open(route.path):
        told["security"] = []
