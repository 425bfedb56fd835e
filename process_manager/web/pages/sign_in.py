"""Signing in and out: one form, and one error that does not say which of the two was wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager import clock
from process_manager.actor import Actor
from process_manager.errors import SignInsHeld
from process_manager.governance import sign_in_links
from process_manager.governance.sign_in import SignIn, sign_in
from process_manager.web import cookies, frame, identity, routes, sessions
from process_manager.web.office import Office
from process_manager.web.password_gate import PasswordGate
from process_manager.web.proxy import is_loopback

router = APIRouter(include_in_schema=False)

TEMPLATE: Final = "sign_in.html"


@router.get(routes.SIGN_IN)
def ask(request: Request, next: str = "/", ended: bool = False, out: bool = False, spent: bool = False) -> Response:
    """Show the form; whom a proxy has signed on is led on."""
    if getattr(request.state, "signed_on", ""):
        return RedirectResponse(routes.local(next), 303)
    state = "ended" if ended else "out" if out else "spent" if spent else ""
    return frame.show(request, TEMPLATE, state=state, name="", next=routes.local(next))


@router.post(routes.SIGN_IN)
def come_in(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Sign somebody in, and lead them where they wanted to go."""
    office: Office = request.app.state.office
    now = clock.now()
    wanted = SignIn(name.strip(), password, identity.address(request), request.state.request_id)
    gate: PasswordGate = request.app.state.gate
    shown = {"name": name.strip()[:100], "next": routes.local(next)}
    try:
        with gate.turn():
            actor = sign_in(office.database, wanted, now=now)
    except SignInsHeld as held:
        return _held(request, int(str(held.facts["seconds"])), shown)
    if actor is None:
        return frame.show(request, TEMPLATE, 422, state="wrong", **shown)
    return _signed_in(request, actor, shown["next"], now)


@router.get(routes.BY_LINK)
def come_in_once(request: Request, word: str = "") -> Response:
    """Sign somebody in by a link, on the machine that made it, and lead them to the first page."""
    office: Office = request.app.state.office
    now, address = clock.now(), identity.address(request)
    actor = None
    if is_loopback(address):
        request_id = request.state.request_id
        actor = sign_in_links.come_in(office.database, word, now=now, address=address, request_id=request_id)
    if actor is None:
        return RedirectResponse(f"{routes.SIGN_IN}?spent=1", 303)  # an address that has the word no more
    return _signed_in(request, actor, "/", now)


def _signed_in(request: Request, actor: Actor, next_: str, now: datetime) -> Response:
    """Begin a session, whatever there was before, and lead on."""
    office: Office = request.app.state.office
    cookie = sessions.create(office.database, actor, before=cookies.session(request), now=now)
    response = RedirectResponse(next_, 303)
    response.headers.append("Set-Cookie", cookies.session_header(request, cookie))
    return response


def _held(request: Request, seconds: int, shown: dict[str, str]) -> Response:
    """Answer that too many have failed, and until when nobody is asked for a password."""
    until = clock.now() + timedelta(seconds=seconds, minutes=1)  # minutes are shown: this one is over then
    response = frame.show(request, TEMPLATE, 429, state="held", until=until, **shown)
    response.headers["Retry-After"] = str(seconds)
    return response


@router.get("/sign-out")
def ask_to_leave(request: Request) -> Response:
    """Ask whether somebody wants to sign out."""
    return frame.show(request, "sign_out.html")


@router.post("/sign-out")
def leave(request: Request) -> Response:
    """Sign somebody out."""
    office: Office = request.app.state.office
    cookie = cookies.session(request)
    if cookie is not None:
        sessions.end(office.database, cookie)
    response = RedirectResponse(f"{routes.SIGN_IN}?out=1", 303)
    response.headers.append("Set-Cookie", cookies.session_header(request, ""))
    return response
