"""Who asks, by what they sent: people of the pages by the cookie of their session."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from starlette.requests import Request

from process_manager import clock
from process_manager.actor import Actor
from process_manager.governance import users
from process_manager.web import cookies, routes, sessions
from process_manager.web.office import Office
from process_manager.web.refusals import NotSignedIn


class WayIn(StrEnum):
    """By what somebody is known; browsers add all but a token by themselves."""

    NONE = "none"
    SESSION = "session"
    BASIC = "basic"
    TOKEN = "token"  # noqa: S105 - the word, no secret


class Identity(NamedTuple):
    """Who asks; a cookie that is not None takes the place of the one that they sent."""

    actor: Actor
    way_in: WayIn
    cookie: str | None = None


def of(request: Request) -> Identity:
    """Return who asks; raise NotSignedIn when nobody knows."""
    if routes.is_for_programs(request.url.path):
        raise NotSignedIn("Send a token: Authorization: Bearer pm_…", {"WWW-Authenticate": "Bearer"})
    return _of_session(request)


def _of_session(request: Request) -> Identity:
    office: Office = request.app.state.office
    cookie = cookies.session(request)
    found = None
    if cookie is not None:
        found = sessions.resume(office.database, cookie, now=clock.now(), is_poll=is_poll(request))
    if found is None:
        raise NotSignedIn("Sign in." if cookie is None else "You were signed out.")
    actor = users.actor(found.user, way="page", address=address(request), request_id=request.state.request_id)
    return Identity(actor, WayIn.SESSION, found.cookie)


def is_poll(request: Request) -> bool:
    """Return whether a page asks by itself, and not a person."""
    return request.method == "GET" and request.headers.get("hx-request") == "true"


def address(request: Request) -> str | None:
    """Return the address from which a request came, as far as this program can see it."""
    return request.client.host if request.client is not None else None
