"""Users and tokens: who may sign in and what for, and which programs may do what."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from process_manager import clock
from process_manager.actor import Role
from process_manager.errors import NotFound, UsageError
from process_manager.governance import passwords, permissions, tokens, user_actions, users
from process_manager.governance.action import Action
from process_manager.governance.permissions import EVERY_KIND, SCOPES
from process_manager.governance.session_actions import SignOut
from process_manager.governance.token_actions import AddToken, RevokeToken
from process_manager.governance.users import User
from process_manager.message import Message
from process_manager.web import frame, sessions
from process_manager.web.ids import IdInPath
from process_manager.web.office import Office
from process_manager.web.password_gate import PasswordGate

router = APIRouter(include_in_schema=False)

LASTS: Final = (30, 90, 365)
"""Days for which a token may be worth something; the command line takes others."""

DONE: Final = {
    "role": "They have another role, from the next page on.",
    "kinds": "They see other kinds, from the next page on.",
    "groups": "They answer the tasks of other groups, from the next page on.",
    "disable": "They may sign in no more, and are signed out.",
    "enable": "They may sign in.",
    "sign-out": "They are signed out everywhere.",
}
"""What each act did, as its note says it."""


class UserForm(BaseModel):
    """What a form about a user may say."""

    name: str = ""
    role: str = ""
    everything: bool = False
    kind: list[str] = []
    groups: str = ""
    reason: str = ""


@router.get("/users")
def every(request: Request, revoked: bool = False) -> Response:
    """Show all users and tokens."""
    return _shown(request, done="The token is worth nothing any more." if revoked else "")


@router.post("/users")
def add(request: Request, form: Annotated[UserForm, Form()]) -> Response:
    """Add a user with a password that is shown this once."""
    permissions.require(request.state.actor, "user-add")
    kept, given = users.user_name(form.name.strip()), passwords.generated()
    role, kinds = _role(form), _kinds(form)
    action = user_actions.AddUser(kept, role, kinds, _hashed(request, given, kept), reason=form.reason.strip())
    added = _act(request, action)
    return _shown(request, secret=given, of=added.name, what="user")


@router.get("/users/{name}")
def one(request: Request, name: str, done: str = "") -> Response:
    """Show one user: what they may do, what can be done about it, and where they are signed in."""
    return _one(request, name, done=DONE.get(done, ""))


@router.post("/users/{name}/password")
def password(request: Request, name: str, reason: Annotated[str, Form()] = "") -> Response:
    """Give a user another password, which is shown this once."""
    permissions.require(request.state.actor, "user-password")
    kept, given = users.user_name(name), passwords.generated()
    _act(request, user_actions.SetPassword(kept, _hashed(request, given, kept), reason=reason.strip()))
    return _one(request, kept, secret=given)


@router.post("/users/{name}/{way}")
def change(request: Request, name: str, way: str, form: Annotated[UserForm, Form()]) -> Response:
    """Do something about a user, and lead back to their page."""
    why = form.reason.strip()
    makers: dict[str, Callable[[], Action[User]]] = {
        "role": lambda: user_actions.SetRole(name, _role(form), reason=why),
        "kinds": lambda: user_actions.SetKinds(name, _kinds(form), reason=why),
        "groups": lambda: user_actions.SetGroups(name, _groups(form), reason=why),
        "disable": lambda: user_actions.DisableUser(name, reason=why),
        "enable": lambda: user_actions.EnableUser(name, reason=why),
        "sign-out": lambda: SignOut(name, reason=why),
    }
    if way not in makers:
        raise NotFound(problem=Message("There is no act %(act)s on users.", act=repr(way[:40])))
    found = _act(request, makers[way]())
    return RedirectResponse(f"/users/{found.name}?done={way}", 303)


@router.post("/tokens")
def make(
    request: Request,
    name: Annotated[str, Form()] = "",
    scope: Annotated[list[str] | None, Form()] = None,
    days: Annotated[int, Form()] = LASTS[1],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Make a token, whose secret is shown this once."""
    permissions.require(request.state.actor, "token-add")
    if not scope:
        raise UsageError(problem=Message("The token may do nothing. Tick what it may do."))
    if days not in LASTS:
        raise UsageError(problem=Message("A token ends after %(days)s days.", days=", ".join(map(str, LASTS))))
    secret = tokens.new_secret()
    ends = tokens.end(clock.now(), timedelta(days=days))
    new = tokens.new_token(name, secret, tokens.scopes_of(scope), ends)
    added = _act(request, AddToken(new, reason=reason.strip()))
    return _shown(request, secret=secret, of=added.name, what="token")


@router.post("/tokens/{token_id}/revoke")
def revoke(request: Request, token_id: IdInPath, reason: Annotated[str, Form()] = "") -> Response:
    """Make a token worth nothing."""
    _act(request, RevokeToken(token_id, reason=reason.strip()))
    return RedirectResponse("/users?revoked=1", 303)


# --- what is shown ----------------------------------------------------------------------------------------------------


def _shown(request: Request, **more: Any) -> Response:
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "user-list")
    now = clock.now()
    with office.database.read() as connection:
        people, programs = users.listed(connection, now=now), tokens.listed(connection)
    alive = [each for each in programs if each.revoked_at is None and each.expires_at > now]
    facts = {"secret": "", "of": "", "what": "", "done": "", **more}
    return frame.show(
        request,
        "users.html",
        people=people,
        active=sum(each.disabled_at is None for each in people),
        locked=sum(each.locked_until is not None for each in people),
        alive=alive,
        ended=[each for each in reversed(programs) if each not in alive],
        covered=tokens.listed_scopes,
        scopes=SCOPES,
        lasts=LASTS,
        **_choices(office),
        **facts,
    )


def _one(request: Request, name: str, *, secret: str = "", done: str = "") -> Response:
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "user-list")
    now = clock.now()
    with office.database.read() as connection:
        user = users.get(connection, name, now=now)
        places = sessions.listed(connection, user.name, cookie=None, now=now)
    return frame.show(
        request,
        "user.html",
        user=user,
        places=places,
        secret=secret,
        done=done,
        is_own=user.name == request.state.actor.name,
        **_choices(office, user.kinds or ()),
    )


def _choices(office: Office, more: Collection[str] = ()) -> dict[str, Any]:
    kinds = sorted({cls.name for cls in office.registry} | set(more))
    return {"kinds": kinds, "every_kind": EVERY_KIND, "roles": list(Role), "asks": office.policies.asks_reason}


# --- what is done -----------------------------------------------------------------------------------------------------


def _act(request: Request, action: Action[Any]) -> Any:
    office: Office = request.app.state.office
    return office.act(request.state.actor, action)


def _hashed(request: Request, given: str, name: str) -> str:
    gate: PasswordGate = request.app.state.gate
    with gate.turn():
        return passwords.hashed(given, of=name)


def _role(form: UserForm) -> Role:
    try:
        return Role(form.role)
    except ValueError:
        raise UsageError(problem=Message("There is no role %(role)s.", role=repr(form.role[:40]))) from None


def _groups(form: UserForm) -> frozenset[str]:
    return frozenset(each.strip() for each in form.groups.split(",") if each.strip())


def _kinds(form: UserForm) -> frozenset[str] | None:
    if form.everything:
        return None
    if not form.kind:
        raise UsageError(problem=Message("No kind is ticked. Tick those that they may see, or every kind."))
    return frozenset(form.kind)
