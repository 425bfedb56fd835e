"""Every route of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi.routing import APIRoute

from process_manager.web.app import PAGES


def of_pages() -> Iterator[tuple[str, str]]:
    """Each method and path, with the parameters of the path in braces."""
    for page in PAGES:
        for route in page.router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods - {"HEAD"}):
                yield method, re.sub(r"{(\w+)(:\w+)?}", r"{\1}", route.path)
