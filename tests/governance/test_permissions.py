"""Who may do what: roles, the scopes of tokens, and the kinds that somebody sees."""

from __future__ import annotations

from typing import Any

import pytest

from process_manager.actor import Actor, Role
from process_manager.errors import Forbidden
from process_manager.governance import permissions
from process_manager.governance.permissions import ACTS

FROM_CASEWORKER = {
    "start", "restart", "rerun", "resolve", "skip-step", "edit-payload", "cancel", "abandon", "reveal",
    "run-now", "start-batch", "stop-batch", "signal", "withdraw", "task-answer", "task-claim", "task-release",
    "task-reassign",
}  # fmt: skip
FROM_OPERATOR = {
    "start-many", "run-command", "disable", "enable", "unlock", "drain", "audit", "system", "bot-create", "bot-edit",
    "bot-delete", "schedule-add", "schedule-pause", "schedule-resume", "schedule-run", "schedule-remove",
    "limit",
}  # fmt: skip
FROM_ADMIN = {
    "user-list", "user-add", "user-disable", "user-enable", "user-role", "user-kinds", "user-password", "token-list",
    "token-add", "token-revoke", "user-sign-out", "shared-view", "user-groups",
}  # fmt: skip

ALL = {"read", "own-password", "own-sign-out", "own-view"}

MAY = {
    Role.VIEWER: ALL,
    Role.CASEWORKER: ALL | FROM_CASEWORKER,
    Role.OPERATOR: ALL | FROM_CASEWORKER | FROM_OPERATOR,
    Role.ADMIN: ALL | FROM_CASEWORKER | FROM_OPERATOR | FROM_ADMIN,
}


def may(act: str, kind: str | None = None, **who: Any) -> bool:
    try:
        permissions.require(Actor("ada", **who), act, kind)
    except Forbidden:
        return False
    return True


def refusal(act: str, kind: str | None = None, **who: Any) -> str:
    with pytest.raises(Forbidden) as refused:
        permissions.require(Actor("ada", **who), act, kind)
    assert refused.value.exit_code == 4
    return str(refused.value)


def scopes(*pairs: str) -> frozenset[tuple[str, str]]:
    return frozenset((name, scope) for name, _, scope in (pair.rpartition(":") for pair in pairs))


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_it_is_for_and_nothing_else(role: Role) -> None:
    assert {act for act in ACTS if may(act, "letter", role=role)} == MAY[role]


@pytest.mark.parametrize("role", Role)
def test_no_token_may_do_more_than_its_scopes_say_whatever_role_it_is_given(role: Role) -> None:
    found = {
        scope: {act for act in ACTS if may(act, "letter", role=role, scopes=scopes(f"letter:{scope}"))}
        for scope in permissions.SCOPES
    }

    assert found == {
        "start": {"start", "start-many", "run-command"},
        "read": {"read"},
        "act": FROM_CASEWORKER - {"start"},
    }


def test_a_scope_is_for_its_kind_alone_and_a_star_for_every_kind() -> None:
    assert not may("restart", "payment", scopes=scopes("letter:act"))
    assert not may("restart", "letters", scopes=scopes("letter:act"))
    assert may("restart", "payment", scopes=scopes("*:act"))
    assert not may("start", "payment", scopes=scopes("*:act", "letter:start"))


def test_a_token_that_may_read_some_kinds_may_ask_for_a_list() -> None:
    assert may("read", scopes=scopes("letter:read"), kinds=frozenset({"letter"}))
    assert not may("read", scopes=scopes("letter:start"), kinds=frozenset({"letter"}))


def test_who_sees_some_kinds_acts_on_these_alone() -> None:
    kinds = frozenset({"letter"})

    assert may("restart", "letter", kinds=kinds)
    assert not may("restart", "payment", kinds=kinds)
    assert not may("disable", None, kinds=kinds)
    assert may("own-password", None, kinds=kinds)
    assert may("read", None, kinds=kinds)
    assert not may("read", "payment", kinds=kinds)


def test_a_role_that_may_not_is_told_with_those_that_may() -> None:
    assert refusal("restart", "letter", role=Role.VIEWER, way="page") == (
        "ada may not restart processes of 'letter': the role viewer is not among those that may: caseworker, operator"
        " and admin. An admin gives that role: `process-manager user role NAME caseworker`."
    )


def test_the_console_is_told_how_the_first_admin_is_made() -> None:
    assert refusal("user-add", way="console") == (
        "ada may not add users: the role operator is not among those that may: admin. Whoever may decide that sets"
        " PROCESS_MANAGER_CONSOLE_ROLE=admin for this call."
    )


def test_a_kind_that_is_not_seen_is_told_with_those_that_are() -> None:
    kinds = frozenset({"letter", "bill"})

    assert "may not start processes of 'payment': only 'bill', 'letter' can be seen" in (
        refusal("start", "payment", kinds=kinds)
    )
    assert "this concerns every kind, and only 'bill', 'letter' can be seen" in refusal("disable", kinds=kinds)


def test_a_token_is_told_the_scope_that_it_lacks() -> None:
    assert "the token has no scope letter:act" in refusal("abandon", "letter", scopes=scopes("letter:read"))
    assert "no token may" in refusal("user-add", role=Role.ADMIN, scopes=scopes("*:act"))


def test_what_may_be_read_is_what_the_scopes_say() -> None:
    def readable(*pairs: str) -> frozenset[str] | None:
        return permissions.readable(Actor("robot", kinds=None, scopes=scopes(*pairs)))

    assert readable("letter:read", "bill:act") == {"letter"}
    assert readable("*:start", "letter:read") == {"letter"}
    assert readable("*:read") is None
    assert permissions.readable(Actor("ada", kinds=frozenset({"bill"}))) == {"bill"}
