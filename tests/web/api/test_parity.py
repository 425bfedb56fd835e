"""What one may do is done from the command line and through the API alike: none of the two lacks an act."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache

import pytest
from sources import MODULES, nodes, tree

from process_manager import operations

QUESTIONS = {"behind", "is_one_statement", "require_runnable"}
ACTS = sorted(
    name for name in operations.__all__ if inspect.isfunction(getattr(operations, name)) and name not in QUESTIONS
)
ROOMS = {"command line": "process_manager.cli.", "API": "process_manager.web.api."}
WITHOUT = {
    ("command line", "start"): "`start_many` starts one, too",
    ("API", "start"): "`start_many` starts one, too",
    ("command line", "start_held"): "of a program that runs a process itself, with the password of the database",
    ("API", "start_held"): "of a program that runs a process itself, with the password of the database",
    ("API", "start_each"): "a file of starts is for who has it; a program sends one start after the other",
    ("API", "enable_here"): "a file on a host is removed on that host",
}
"""Which act an entry does not have, and why."""


def actions_of(act: str) -> set[str]:
    """The names of the actions that do an act of operations."""
    return {name for name, attributes in actions().items() if f"operations.{act}" in attributes}


@cache
def actions() -> dict[str, set[str]]:
    """Each action, and the attributes that it names."""
    room = [name for name in MODULES if name.startswith("process_manager.governance.")]
    classes = [node for name in room for node in tree(name).body if isinstance(node, ast.ClassDef)]
    return {each.name: set(attributes(each)) for each in classes}


def attributes(tree: ast.AST) -> Iterator[str]:
    return (ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute))


@cache
def names_in(room: str) -> set[str]:
    """All that the modules of a room name."""
    said = [node for name in MODULES if name.startswith(room) for node in nodes(name)]
    found = {node.id for node in said if isinstance(node, ast.Name)}
    return found | {node.attr for node in said if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("entry", sorted(ROOMS))
@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_asked_for_by_each_entry_or_the_list_says_why_not(act: str, entry: str) -> None:
    is_asked_for = bool(actions_of(act) & names_in(ROOMS[entry]))

    assert is_asked_for == ((entry, act) not in WITHOUT)


JOBS = {"StartJob", "RerunJob"}
"""A job is a process: `start` and `rerun-process` do without a bot what a front end asks of one."""


def test_what_one_may_do_to_bots_is_asked_for_by_each_entry() -> None:
    room = tree("process_manager.governance.bot_actions").body
    acts = {
        each.name for each in room if isinstance(each, ast.ClassDef) and "act: ClassVar[str] = " in ast.unparse(each)
    }

    assert acts - names_in(ROOMS["API"]) == set()
    assert acts - names_in(ROOMS["command line"]) == JOBS


def test_the_list_names_acts_that_are_there() -> None:
    assert {act for _entry, act in WITHOUT} <= set(ACTS)
