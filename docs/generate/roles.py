"""The reference of roles and scopes, from the table of acts."""

from __future__ import annotations

from typing import Final

from docs.generate import markdown
from process_manager.actor import Role
from process_manager.governance.permissions import ACTS, SCOPES

INTRODUCTION: Final = """\
Whoever acts has a role: a person the one that `process-manager user role` gave, the console the one of the setting
`PROCESS_MANAGER_CONSOLE_ROLE`. A program with a token has scopes instead: for each kind of process `start`, `read` and
`act`. [Give people and programs access](../how-to/give-access.md) says how both are given.

An act that is in no column of a role is refused with exit code 4, and the refusal is on the audit chain."""

KINDS: Final = """\
Users and tokens may be limited to some kinds, which are names of processes. Processes of other kinds are not there for
them: not in lists and counts, and not by their id. What concerns every kind, such as a switch of a channel or the audit
chain, is refused to them."""


def page() -> str:
    """Return the page."""
    return markdown.page(
        "Roles and scopes",
        INTRODUCTION,
        table(),
        "## Kinds",
        KINDS,
    )


def table() -> str:
    """Return the table of acts: who may do each, and the scope by which a token may."""
    rows = [
        (
            markdown.code(act),
            markdown.plain(rule.words),
            *("yes" if role in rule.roles else "" for role in Role),
            markdown.code(rule.scope),
        )
        for act, rule in ACTS.items()
    ]
    scopes = f"scope of a token ({', '.join(SCOPES)})"
    return markdown.table(("act", "what it is", *Role, scopes), rows)
