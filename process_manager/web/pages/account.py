"""One's own account: the password, and where one is signed in."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager import clock
from process_manager.errors import UsageError
from process_manager.governance import own_password, passwords
from process_manager.governance.session_actions import OwnSignOut
from process_manager.web import cookies, frame, routes, sessions
from process_manager.web.office import Office
from process_manager.web.password_gate import PasswordGate

router = APIRouter(include_in_schema=False)

TEMPLATE: Final = "account.html"


@router.get("/account")
def account(request: Request, changed: bool = False) -> Response:
    """Show the page."""
    return _shown(request, changed=changed)


@router.post("/account/password")
def password(
    request: Request,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change the password, and go on with another session: those that there were have ended."""
    office: Office = request.app.state.office
    gate: PasswordGate = request.app.state.gate
    actor, now = request.state.actor, clock.now()
    if new != again:
        return _shown(request, 422, problem="The two new passwords are not the same. Nothing was changed.")
    try:
        with gate.turn():
            own_password.change(office.database, actor, old=old, new=new, now=now)
    except UsageError as problem:
        return _shown(request, 422, problem=str(problem))
    request.state.cookie = sessions.create(office.database, actor, before=cookies.session(request), now=clock.now())
    return RedirectResponse("/account?changed=1", 303)


@router.post("/account/sign-out")
def sign_out(request: Request) -> Response:
    """Sign out everywhere, here too."""
    office: Office = request.app.state.office
    office.act(request.state.actor, OwnSignOut(request.state.actor.name))
    request.state.cookie = ""
    return RedirectResponse(f"{routes.SIGN_IN}?out=1", 303)


def _shown(request: Request, status: int = 200, *, problem: str = "", changed: bool = False) -> Response:
    office: Office = request.app.state.office
    with office.database.read() as connection:
        cookie, name = cookies.session(request), request.state.actor.name
        places = sessions.listed(connection, name, cookie=cookie, now=clock.now())
    return frame.show(
        request, TEMPLATE, status, places=places, problem=problem, changed=changed, shortest=passwords.SHORTEST
    )
