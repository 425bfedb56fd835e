"""Which paths are for programs, and which are open to everybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.types import Scope

API: Final = "/api/"
SIGN_IN: Final = "/sign-in"
BY_LINK: Final = "/sign-in/once"
OPEN: Final = frozenset({SIGN_IN, BY_LINK, "/sign-out", "/preferences", "/favicon.ico", "/api/v1/health/live"})
OF_THIS_HOST: Final = frozenset({"/api/v1/health", "/api/v1/health/ready", "/api/v1/health/startup"})
"""What whoever looks after this host may ask without credentials: a container, or a service manager."""
STATIC: Final = "/static/"
MOST_FILES: Final = 10
"""Files of one form."""
_OF_PROCESS: Final = re.compile(r"(/processes/[0-9]+)/[a-z-]+")
_TAKES_FILES: Final = re.compile(r"/start/[^/]+|(/api/v1/(processes|jobs)|/(processes|jobs))(/[^/]+/rerun)?/?")


def is_open(path: str) -> bool:
    """Return whether everybody may ask for this path, whoever they are."""
    return path.removesuffix("/") in OPEN or path.startswith(STATIC)


def is_open_here(path: str) -> bool:
    """Return whether everybody on this host may ask for this path."""
    return path.removesuffix("/") in OF_THIS_HOST


def is_for_programs(path: str) -> bool:
    """Return whether this path is of the API."""
    return path.startswith(API)


def takes_files(path: str) -> bool:
    """Return whether a form that is sent to this path may have files."""
    return _TAKES_FILES.fullmatch(path) is not None


def is_of_jobs(path: str) -> bool:
    """Return whether this path is of bots or jobs, whose old clients know 400 for what does not fit."""
    return path.startswith(("/api/v1/bots", "/api/v1/jobs"))


def here(scope: Scope, *, slash: bool = True) -> str:
    """Return the address that was asked for, without the host: that is what a caller writes, and may be nonsense.

    Args:
        scope: The request.
        slash: Whether a slash at the end of the path is kept.
    """
    query, path = scope["query_string"].decode("latin-1"), scope["path"]
    return f"{quote(path if slash else path.rstrip('/'))}?{query}".rstrip("?")


def before(path: str, headers: Mapping[str, str]) -> str:
    """Return the page of ours that a form was sent from, as far as its address or the browser says so, else `/`."""
    of_process = _OF_PROCESS.fullmatch(path)  # it may stand at the address of an act that was refused before
    if of_process is not None:
        return of_process[1]
    try:
        came = urlsplit(headers.get("referer", ""))
    except ValueError:  # whoever asks writes it: it may be no address at all
        return "/"
    is_ours = came.netloc == headers.get("host")
    return local(f"{came.path}?{came.query}".rstrip("?")) if is_ours and came.path else "/"


def local(path: str) -> str:
    """Return the path if it is one of ours, `/` for anything that could lead elsewhere."""
    is_plain = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if is_plain else "/"
