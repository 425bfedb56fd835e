"""Who may do what: one table of acts and roles, and the scope by which a token may do the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, NoReturn

from process_manager.actor import Actor, Role
from process_manager.errors import Forbidden
from process_manager.message import Message

EVERY_KIND: Final = "*"
"""In a scope: the processes of every name."""

SCOPES: Final = ("start", "read", "act")
"""What a token may do with the processes of a name: start them, read them, do what a caseworker does to them."""

_ALL: Final = frozenset(Role)
_CASES: Final = frozenset({Role.CASEWORKER, Role.OPERATOR, Role.ADMIN})
_FLEET: Final = frozenset({Role.OPERATOR, Role.ADMIN})
_ACCOUNTS: Final = frozenset({Role.ADMIN})


ROLES: Final[Mapping[Role, Message]] = {
    Role.VIEWER: Message("viewer"),
    Role.CASEWORKER: Message("caseworker"),
    Role.OPERATOR: Message("operator"),
    Role.ADMIN: Message("admin"),
}
"""What each role is called."""


class Rule(NamedTuple):
    """Who may do an act: its words for messages, the roles, and the scope that a token needs; without one none may."""

    words: Message
    roles: frozenset[Role]
    scope: str | None = None


ACTS: Final[Mapping[str, Rule]] = {
    "read": Rule(Message("read processes"), _ALL, "read"),
    "start": Rule(Message("start processes"), _CASES, "start"),
    "start-many": Rule(Message("start many processes at once"), _FLEET, "start"),
    "run-command": Rule(Message("run commands"), _FLEET, "start"),
    "run-now": Rule(Message("run processes at once"), _CASES, "act"),
    "restart": Rule(Message("restart processes"), _CASES, "act"),
    "rerun": Rule(Message("rerun processes"), _CASES, "act"),
    "resolve": Rule(Message("resolve processes"), _CASES, "act"),
    "skip-step": Rule(Message("skip steps"), _CASES, "act"),
    "edit-payload": Rule(Message("edit payloads"), _CASES, "act"),
    "cancel": Rule(Message("stop processes"), _CASES, "act"),
    "abandon": Rule(Message("abandon processes"), _CASES, "act"),
    "reveal": Rule(Message("reveal what is masked"), _CASES, "act"),
    "task-answer": Rule(Message("answer tasks"), _CASES, "act"),
    "task-claim": Rule(Message("claim tasks"), _CASES, "act"),
    "task-release": Rule(Message("release tasks"), _CASES, "act"),
    "task-reassign": Rule(Message("give tasks to others"), _CASES, "act"),
    "signal": Rule(Message("signal events"), _CASES, "act"),
    "withdraw": Rule(Message("withdraw events"), _CASES, "act"),
    "start-batch": Rule(Message("act on many processes in a batch"), _CASES, "act"),
    "stop-batch": Rule(Message("stop batches"), _CASES, "act"),
    "bot-create": Rule(Message("make bots"), _FLEET),
    "bot-edit": Rule(Message("edit bots"), _FLEET),
    "bot-delete": Rule(Message("delete bots"), _FLEET),
    "schedule-add": Rule(Message("make schedules"), _FLEET),
    "schedule-pause": Rule(Message("pause schedules"), _FLEET),
    "schedule-resume": Rule(Message("resume schedules"), _FLEET),
    "schedule-run": Rule(Message("run schedules at once"), _FLEET),
    "schedule-remove": Rule(Message("remove schedules"), _FLEET),
    "unlock": Rule(Message("unlock commands"), _FLEET),
    "disable": Rule(Message("disable anything"), _FLEET),
    "enable": Rule(Message("enable anything"), _FLEET),
    "drain": Rule(Message("drain workers"), _FLEET),
    "limit": Rule(Message("change limits"), _FLEET),
    "audit": Rule(Message("read or export the audit chain"), _FLEET),
    "system": Rule(Message("look at the settings and the database"), _FLEET),
    "own-password": Rule(Message("set a password of their own"), _ALL),
    "own-sign-out": Rule(Message("sign themselves out everywhere"), _ALL),
    "user-list": Rule(Message("list users"), _ACCOUNTS),
    "own-view": Rule(Message("save views of their own"), _ALL),
    "shared-view": Rule(Message("save views for everybody"), _ACCOUNTS),
    "user-add": Rule(Message("add users"), _ACCOUNTS),
    "user-disable": Rule(Message("disable users"), _ACCOUNTS),
    "user-enable": Rule(Message("enable users"), _ACCOUNTS),
    "user-role": Rule(Message("give users a role"), _ACCOUNTS),
    "user-kinds": Rule(Message("say which kinds users see"), _ACCOUNTS),
    "user-groups": Rule(Message("say whose tasks users answer"), _ACCOUNTS),
    "user-password": Rule(Message("set passwords of users"), _ACCOUNTS),
    "user-sign-out": Rule(Message("sign users out"), _ACCOUNTS),
    "token-list": Rule(Message("list tokens"), _ACCOUNTS),
    "token-add": Rule(Message("add tokens"), _ACCOUNTS),
    "token-revoke": Rule(Message("revoke tokens"), _ACCOUNTS),
}
"""Each act, and who may do it."""

_NARROWED: Final = frozenset({"read", "audit", "own-password", "own-sign-out", "own-view", "start-batch", "stop-batch"})


def require(actor: Actor, act: str, kind: str | None = None) -> None:
    """Raise Forbidden unless the actor may do the act to processes of this name; None: to those of every name.

    Who sees some kinds only may `read`, `audit` and act on batches without a kind: what that concerns is narrowed to
    theirs. They may change what is their own.
    """
    rule = ACTS[act]
    if actor.scopes is not None:
        _require_scope(actor, actor.scopes, rule, kind)
    elif actor.role not in rule.roles:
        why = f"the role {actor.role} is not among those that may: {_listed(rule.roles)}"
        _refuse(actor, rule, kind, why, _role_hint(actor, rule), is_of_role=True)
    if not sees(actor, kind) and not (act in _NARROWED and kind is None):
        concerned = "this concerns every kind, and " if kind is None else ""
        why = f"{concerned}only {_quoted(actor.kinds or ())} can be seen"
        _refuse(actor, rule, kind, why, "An admin widens that: `process-manager user kinds` or `token add`.")


def require_somewhere(actor: Actor, act: str) -> None:
    """Raise Forbidden unless there is a kind to which the actor may do the act."""
    scope = ACTS[act].scope
    kinds = actor.kinds if actor.scopes is None or scope is None else covered(actor.scopes, scope)
    require(actor, act, min(kinds) if kinds else None)


def sees(actor: Actor, kind: str | None) -> bool:
    """Return whether processes of this name are there for the actor; None: those of every name."""
    return actor.kinds is None or kind in actor.kinds


def readable(actor: Actor) -> frozenset[str] | None:
    """Return the names of the processes that the actor may read; None for all."""
    return actor.kinds if actor.scopes is None else covered(actor.scopes, "read")


def visible(actor: Actor) -> frozenset[str] | None:
    """Return the names of the processes that are there for the actor: those that a token has any scope for."""
    scoped = None if actor.scopes is None else covered(actor.scopes, *SCOPES)
    if actor.kinds is None or scoped is None:
        return actor.kinds if scoped is None else scoped
    return actor.kinds & scoped


def covered(scopes: Iterable[tuple[str, str]], *wanted: str) -> frozenset[str] | None:
    """Return the names for which one of these scopes is there; None where it is there for every name."""
    names = frozenset(name for name, scope in scopes if scope in wanted)
    return None if EVERY_KIND in names else names


def _require_scope(actor: Actor, scopes: frozenset[tuple[str, str]], rule: Rule, kind: str | None) -> None:
    if rule.scope is None:
        _refuse(actor, rule, kind, "no token may", "Let a person do it who has the role.")
    found = covered(scopes, rule.scope)
    if found is None or kind in found or (kind is None and rule.scope == "read" and found):
        return
    name = EVERY_KIND if kind is None else kind
    hint = f"`process-manager token add … --scope {name}:{rule.scope}` makes one that may."
    _refuse(actor, rule, kind, f"the token has no scope {name}:{rule.scope}", hint)


def _role_hint(actor: Actor, rule: Rule) -> str:
    least = min(rule.roles, key=list(Role).index)
    if actor.way == "console":
        return f"Whoever may decide that sets PROCESS_MANAGER_CONSOLE_ROLE={least} for this call."
    if actor.way == "code":
        return f"Give the actor such a role: Actor(…, role=Role.{least.name})."
    return f"An admin gives that role: `process-manager user role NAME {least}`."


def _refuse(  # noqa: PLR0913 - what is told of it
    actor: Actor, rule: Rule, kind: str | None, why: str, hint: str, *, is_of_role: bool = False
) -> NoReturn:
    words = rule.words if kind is None else Message("%(act)s of %(kind)s", act=rule.words, kind=repr(kind))
    role = ROLES[actor.role] if is_of_role else None
    raise Forbidden(actor=actor.name, what=words, why=why, hint=hint, role=role)


def _listed(roles: Iterable[Role]) -> str:
    *others, last = (role for role in Role if role in roles)
    return f"{', '.join(others)} and {last}" if others else str(last)


def _quoted(kinds: Iterable[str]) -> str:
    return ", ".join(map(repr, sorted(kinds))) or "nothing"
