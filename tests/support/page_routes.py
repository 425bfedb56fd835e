"""Every route of the pages, those of routers within others, too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.routing import APIRoute

from process_manager.web.app import PAGES


def of_pages() -> Iterator[tuple[str, str]]:
    """Each method and path, with the parameters of the path in braces."""
    for page in PAGES:
        for route in _within(page.router):
            for method in sorted(route.methods - {"HEAD"}):
                yield method, re.sub(r"{(\w+)(:\w+)?}", r"{\1}", route.path)


def _within(router: APIRouter) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif isinstance(inner := getattr(route, "original_router", None), APIRouter):
            yield from _within(inner)
