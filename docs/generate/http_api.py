"""The reference of the HTTP API, from the document that it answers with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from docs.generate import markdown

INTRODUCTION: Final = """\
Every operation below `/api/v1`, with and without a slash at its end. `/api/v1/openapi.json` says the same for
machines. [Use the HTTP API](../how-to/use-the-http-api.md) leads through it, and [roles and scopes](roles.md) say who
may do what."""


class Operation(NamedTuple):
    """An operation of the document."""

    method: str
    path: str
    told: dict[str, Any]


def page() -> str:
    """Return the page."""
    found = document()
    return markdown.page("HTTP API", INTRODUCTION, *(part for tag in tags(found) for part in resource(found, tag)))


def document() -> dict[str, Any]:
    """Return the document of the API."""
    from fastapi import FastAPI

    from process_manager.web.api import openapi
    from process_manager.web.api.resources import ROUTERS

    app = FastAPI(title="Process manager", version="1")
    for router in ROUTERS:
        app.include_router(router)
    openapi.install(app, ROUTERS)
    made: dict[str, Any] = app.openapi()
    return made


def tags(document: dict[str, Any]) -> list[str]:
    """Return the resources, in the order of the document."""
    return list(dict.fromkeys(each.told["tags"][0] for each in operations(document)))


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield each operation."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield Operation(method.upper(), path.removeprefix("/api/v1"), told)


def resource(document: dict[str, Any], tag: str) -> Iterator[str]:
    """Yield what is told of one resource."""
    yield f"## {tag}"
    for each in operations(document):
        if each.told["tags"] == [tag]:
            yield from operation(document, each)


def operation(document: dict[str, Any], one: Operation) -> Iterator[str]:
    """Yield what is told of one operation: what is sent, and an example of what is answered."""
    yield f"### {markdown.code(f'{one.method} {one.path}')}"
    yield markdown.plain(f"{one.told['summary']}. {one.told['description']}")
    if rows := [*parameters(one), *fields(document, one)]:
        yield markdown.table(("field", "in", "needed", "meaning"), rows)
    for status, answer in one.told["responses"].items():
        content = answer.get("content", {}).get("application/json", {})
        if "example" in content:
            text = json.dumps(content["example"], indent=2, ensure_ascii=False)
            yield markdown.folded(f"{status}: an example", markdown.fenced(text, "json"))
    refused = ", ".join(status for status in one.told["responses"] if not status.startswith("2"))
    yield f"Problems: {refused}."


def parameters(one: Operation) -> Iterator[tuple[str, str, str, str]]:
    """Yield the parameters of an operation."""
    for each in one.told.get("parameters", ()):
        yield row(each["name"], each["in"], each.get("required", False), each.get("description", ""))


def fields(document: dict[str, Any], one: Operation) -> Iterator[tuple[str, str, str, str]]:
    """Yield the fields of what is sent as JSON."""
    if "requestBody" in one.told:
        sent = one.told["requestBody"]["content"]["application/json"]["schema"]
        (named,) = [each["$ref"] for each in sent.get("anyOf", [sent]) if "$ref" in each]  # or nothing, where it may be
        schema = document["components"]["schemas"][named.rpartition("/")[2]]
        for field, about in schema["properties"].items():
            yield row(field, "body", field in schema.get("required", ()), about.get("description", ""))


def row(name: str, where: str, needed: bool, meaning: str) -> tuple[str, str, str, str]:
    """Return the row of a field."""
    return markdown.code(name), where, "yes" if needed else "", markdown.plain(meaning)
