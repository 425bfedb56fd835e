"""The style sheet, scripts and icon: read once, found by name, and kept by browsers while their content is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from process_manager.web import routes

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"


class StaticFile(NamedTuple):
    """A file as it is sent."""

    content: bytes
    media_type: str
    version: str


@cache
def every() -> Mapping[str, StaticFile]:
    """Return the files by name."""
    return {each.name: _read(each) for each in sorted(FOLDER.iterdir()) if each.is_file()}


def address(name: str) -> str:
    """Return the address of a file, which is another when its content is; raise KeyError when there is none."""
    return f"{routes.STATIC}{name}?v={every()[name].version}"


def serve(request: Request) -> Response:
    """Answer with a file."""
    return _served(str(request.path_params["name"]), request.query_params.get("v"))


def serve_icon(_request: Request) -> Response:
    """Answer those who ask for an icon where browsers look first."""
    return _served("icon.svg", None)


def _served(name: str, version: str | None) -> Response:
    found = every().get(name)
    if found is None:
        raise HTTPException(404)
    caching = FOR_EVER if version == found.version else "no-cache"
    return Response(found.content, headers={"Cache-Control": caching}, media_type=found.media_type)


def _read(file: Path) -> StaticFile:
    content = file.read_bytes()
    return StaticFile(content, TYPES[file.suffix], hashlib.sha256(content).hexdigest()[:12])
