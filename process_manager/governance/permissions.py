"""Who may do what: the table of acts and roles, and the scopes of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from process_manager.actor import Actor, Role
from process_manager.errors import Forbidden

_ADMINS: Final = frozenset({Role.ADMIN})
_OPERATORS: Final = _ADMINS | {Role.OPERATOR}
_CASEWORKERS: Final = _OPERATORS | {Role.CASEWORKER}
_ALL: Final = frozenset(Role)

ROLES: Final[Mapping[str, frozenset[Role]]] = {
    "read": _ALL,
    "start": _CASEWORKERS,
    "restart": _CASEWORKERS,
    "rerun": _CASEWORKERS,
    "resolve": _CASEWORKERS,
    "skip-step": _CASEWORKERS,
    "edit-payload": _CASEWORKERS,
    "abandon": _CASEWORKERS,
    "reveal": _CASEWORKERS,
    "start-many": _OPERATORS,
    "run-command": _OPERATORS,
    "unlock": _OPERATORS,
    "disable": _OPERATORS,
    "enable": _OPERATORS,
    "audit": _OPERATORS,
    "user": _ADMINS,
    "token": _ADMINS,
}
"""Which roles may do each act."""

SCOPES: Final[Mapping[str, str]] = {
    "read": "read",
    "start": "start",
    "start-many": "start",
    "run-command": "start",
    **dict.fromkeys(("restart", "rerun", "resolve", "skip-step", "edit-payload", "abandon", "reveal"), "act"),
}
"""Which scope of a token covers each act; the others no token may do."""


def sees(actor: Actor, name: str | None) -> bool:
    """Return whether an actor may see processes of this name; None is for what concerns no single kind.

    Args:
        actor: Who asks.
        name: The name of the process.

    Returns:
        Whether it is among the kinds of the actor.
    """
    return actor.kinds is None or (name is not None and name in actor.kinds)


def require(actor: Actor, act: str, name: str | None) -> None:
    """Raise Forbidden unless the actor may do this.

    Args:
        actor: Who wants to do it.
        act: What, by its name in the table.
        name: The name of the process that it concerns; None for what concerns no single kind.

    Raises:
        Forbidden: The role, the kinds or the scopes of the actor do not cover it; the error says which would.
    """
    what = act if name is None else f"{act} {name!r}"
    if actor.scopes is not None:
        scope = SCOPES.get(act)
        if scope is None or not ({(name, scope), ("*", scope)} & actor.scopes):
            needed = "no token may do it" if scope is None else f"it needs the scope {name or '*'}:{scope}"
            raise Forbidden(actor=actor.name, what=what, why=needed, hint="An admin gives tokens their scopes.")
        return
    if actor.role not in ROLES[act]:
        needed = ", ".join(role for role in Role if role in ROLES[act])
        hint = _HINTS[actor.way]
        raise Forbidden(
            actor=actor.name, what=what, why=f"the role {actor.role} does not cover it ({needed})", hint=hint
        )
    if not sees(actor, name):
        raise Forbidden(actor=actor.name, what=what, why="it is outside the kinds they may see", hint=_HINTS["page"])


_HINTS: Final = {
    "code": "Give the actor such a role: Actor(…, role=Role.ADMIN).",
    "console": "PROCESS_MANAGER_CONSOLE_ROLE sets the role of those who type commands here.",
    "api": "An admin gives roles: `process-manager user role`.",
    "page": "An admin gives roles: `process-manager user role`.",
}
