"""The cookies of the pages: who is signed in, and in what light and language they read."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION: Final = "process-manager-session"
YEAR: Final = 365 * 24 * 3600


def session(connection: HTTPConnection) -> str | None:
    """Return the cookie of a session, None where none was sent."""
    return connection.cookies.get(session_name(connection))


def session_name(connection: HTTPConnection) -> str:
    """Return the name of that cookie: `__Host-` binds it to this host, and needs HTTPS."""
    return f"__Host-{SESSION}" if connection.scope["scheme"] == "https" else SESSION


def session_header(connection: HTTPConnection, cookie: str) -> str:
    """Return the header that sets the cookie of a session; an empty one takes it away.

    It has no end of its own, so that it goes when the browser is closed.
    """
    made: SimpleCookie = SimpleCookie()
    name = session_name(connection)
    made[name] = cookie
    made[name]["path"] = "/"
    made[name]["httponly"] = True
    made[name]["samesite"] = "Lax"
    if connection.scope["scheme"] == "https":
        made[name]["secure"] = True
    if not cookie:
        made[name]["max-age"] = 0
    return made[name].OutputString()


def keep(response: Response, connection: HTTPConnection, name: str, value: str) -> None:
    """Keep what somebody prefers, for a year; an empty value forgets it."""
    response.set_cookie(
        name,
        value,
        max_age=YEAR if value else 0,
        httponly=True,
        samesite="lax",
        secure=connection.scope["scheme"] == "https",
    )
