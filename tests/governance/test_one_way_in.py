"""Whoever asks for an act is checked, and the act is on the audit chain: a call around that would be neither."""

import ast
from collections.abc import Iterator

from sources import MODULES, nodes

from process_manager import operations

ENTRIES = ("process_manager.cli", "process_manager.web")
NO_ACTS = {"Act", "PayloadChange", "PayloadEdit", "Start", "Started", "behind", "is_one_statement", "require_runnable"}
ACTS = set(operations.__all__) - NO_ACTS


def acts_called(module: str) -> Iterator[str]:
    """Each act of operations that a module names, in whatever way it was imported."""
    for node in nodes(module):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("operations"):
            yield node.attr
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("process_manager.operations"):
            yield from (alias.name for alias in node.names)


def test_an_entry_does_no_act_but_through_governance() -> None:
    entries = [name for name in MODULES if name.startswith(ENTRIES)]
    found = {name: sorted(set(acts_called(name)) & ACTS) for name in entries}

    assert {name: acts for name, acts in found.items() if acts} == {}


def test_every_act_of_operations_has_its_action() -> None:
    room = [name for name in MODULES if name.startswith("process_manager.governance")]
    done = {act for name in room for act in acts_called(name)}

    assert ACTS - done - {"start", "start_held"} == set()  # `start_many` does for the first; the second is `Direct`'s


GIVING = {"add", "change", "disable", "enable", "insert", "revoke", "set_kinds", "set_password", "set_role"}


def test_an_entry_gives_no_access_but_through_governance() -> None:
    given = {
        f"{name}, line {node.lineno}: {ast.unparse(node)}"
        for name in MODULES
        if name.startswith(ENTRIES)
        for node in nodes(name)
        if isinstance(node, ast.Attribute) and node.attr in GIVING and ast.unparse(node.value) in ("users", "tokens")
    }

    assert given == set()
