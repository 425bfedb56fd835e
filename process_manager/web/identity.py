"""Who asks, by what they sent: people of the pages a cookie, programs a token, or a name and a password."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from starlette.requests import Request

from process_manager import clock
from process_manager.actor import Actor, Way
from process_manager.governance import proxy_sign_on, tokens, users
from process_manager.governance.proxy_sign_on import SignOn
from process_manager.governance.sign_in import SignIn
from process_manager.web import basic, cookies, routes, sessions
from process_manager.web.basic import BasicPasswords
from process_manager.web.office import Office
from process_manager.web.proxy import TrustedProxy
from process_manager.web.refusals import NoSuchUser, NotSignedIn

WANTED: Final = {"WWW-Authenticate": 'Bearer, Basic realm="process-manager", charset="UTF-8"'}
"""What a program may send, as the header of an answer says it."""


class WayIn(StrEnum):
    """By what somebody is known; browsers add all but a token by themselves."""

    NONE = "none"
    SESSION = "session"
    BASIC = "basic"
    PROXY = "proxy"
    TOKEN = "token"  # noqa: S105 - the word, no secret


class Identity(NamedTuple):
    """Who asks; a cookie that is not None takes the place of the one that they sent."""

    actor: Actor
    way_in: WayIn
    cookie: str | None = None


def of(request: Request) -> Identity:
    """Return who asks; raise NotSignedIn when nobody knows."""
    signed_on = getattr(request.state, "signed_on", "")
    if not routes.is_for_programs(request.scope["path"]):
        return _of_proxy(request, signed_on, "page") if signed_on else _of_session(request)
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return _of_token(request, credentials.strip())
        case "basic":
            return _of_password(request, credentials.strip())
    if signed_on:
        return _of_proxy(request, signed_on, "api")
    raise NotSignedIn("Send a token, as Authorization: Bearer, or a name and a password, as Basic.", WANTED)


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


def _of_proxy(request: Request, name: str, way: Way) -> Identity:
    office: Office = request.app.state.office
    proxy: TrustedProxy = request.app.state.proxy
    groups = [group for line in request.state.groups for group in line.split(";")]
    wanted = SignOn(name, groups, address(request), request.state.request_id, way)
    actor = proxy_sign_on.actor(office.database, wanted, proxy.roles, now=clock.now())
    if actor is None:
        raise NoSuchUser(
            f"You are signed on as {name!r}, who would be the user {proxy_sign_on.user_name(name)!r} here. There is no "
            "such user who may sign in, or none of your groups has a role. Ask an administrator."
        )
    return Identity(actor, WayIn.PROXY)


def _of_token(request: Request, secret: str) -> Identity:
    office: Office = request.app.state.office
    request_id = request.state.request_id
    now = clock.now()
    found = tokens.authenticate(office.database, secret, now=now, address=address(request), request_id=request_id)
    if found is None:
        raise NotSignedIn("The token is unknown, has ended or was revoked.", WANTED)
    return Identity(found, WayIn.TOKEN)


def _of_password(request: Request, credentials: str) -> Identity:
    passwords: BasicPasswords = request.app.state.basic
    sent = basic.read(credentials)
    if sent is None:
        raise NotSignedIn("Basic is not followed by a name and a password as it must be.", WANTED)
    wanted = SignIn(*sent, address(request), request.state.request_id, way="api")
    actor = passwords.actor(wanted, now=clock.now())
    if actor is None:
        raise NotSignedIn("The name or the password is wrong, or the name is locked for 15 minutes.", WANTED)
    return Identity(actor, WayIn.BASIC)


def is_poll(request: Request) -> bool:
    """Return whether a page asks by itself, and not a person."""
    return request.method == "GET" and request.headers.get("hx-request") == "true"


def address(request: Request) -> str | None:
    """Return the address from which a request came, as far as this program can see it."""
    return request.client.host if request.client is not None else None
