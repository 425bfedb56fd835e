"""The public API: it has every act of the command line, and says of each function what it takes, gives and raises."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

import process_manager
from process_manager import clock, database, direct, inspection, operations, settings, worker
from process_manager.cli.root import BUILT_IN
from process_manager.store import ledger

ACTS = {
    "start": {"start_many"},
    "start-many": {"start_each"},
    "restart-process": {"restart"},
    "skip-step": {"skip_step"},
    "edit-payload": {"edit_payload"},
    "cancel": {"cancel"},
    "run-now": {"run_now"},
    "abandon-process": {"abandon"},
    "rerun-process": {"rerun"},
    "resolve-process": {"resolve"},
    "run-command": {"run_command"},
    "unlock": {"unlock"},
    "disable": {"disable"},
    "drain": {"drain"},
    "signal": {"signal"},
    "withdraw": {"withdraw"},
    "limit": {"change_limit"},
    "tasks": {"answer_task", "claim_task", "release_task", "reassign_task"},
    "enable": {"enable", "enable_here"},
    "work": {"require_runnable"},
}
"""What each command that acts on processes does it with."""

OTHERS = {
    "events", "list", "show", "history", "watch", "worker", "workers", "status", "quiet", "processes", "diagram",
    "check",
    "doctor", "audit", "config", "db", "completion", "user", "token", "bot", "web",
    "causes",
    "report",
    "schedule",
}  # fmt: skip
"""Commands that ask, run steps, give access, or look after the installation."""

PUBLIC = {
    "process_manager": process_manager,
    "operations": operations,
    "inspection": inspection,
    "direct": direct,
    "worker": worker,
}
SINGLE = {
    "clock.now": clock.now,
    "database.connect": database.connect,
    "settings.load": settings.load,
    "settings.origins": settings.origins,
    **{
        f"ledger.{name}": each
        for name, each in inspect.getmembers(ledger, inspect.isfunction)
        if each.__module__ == ledger.__name__ and not name.startswith("_")
    },
}


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Each public function, and each public method of a public class, by its name."""
    for name, module in PUBLIC.items():
        for each in module.__all__:
            found = getattr(module, each)
            if inspect.isclass(found):
                yield from methods(f"{name}.{each}", found)
            elif inspect.isfunction(found):
                yield f"{name}.{each}", found
    yield from SINGLE.items()


def methods(where: str, cls: type[Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Each public method that is written in the class; its initialiser where it says anything."""
    for name, each in vars(cls).items():
        if inspect.isfunction(each) and each.__module__.startswith("process_manager"):
            is_told = name == "__init__" and each.__doc__ is not None
            if is_told or not name.startswith("_"):
                yield f"{where}.{name}", each


FUNCTIONS = dict(sorted(functions()))


def section(docs: str, title: str) -> list[str] | None:
    """Return the names that a section explains, or its lines if it names none; None if it is not there."""
    found = re.search(rf"^{title}:\n((?:    .*\n?|\n)+)", docs, re.MULTILINE)
    return None if found is None else re.findall(r"^    (\w+): \S", found[1], re.MULTILINE) or [found[1].strip()]


def test_operations_has_every_act_of_the_command_line() -> None:
    assert ACTS.keys() | OTHERS == BUILT_IN.keys()
    assert set().union(*ACTS.values()) <= set(operations.__all__)


ACTIONS = re.compile(r"from (process_manager\.governance\.\w+actions) import (.*)")


def sources(module: str, names: str) -> Iterator[str]:
    """Yield the text of each action that a command imports."""
    found = importlib.import_module(module)
    yield from (inspect.getsource(getattr(found, name.strip())) for name in names.split(","))


@pytest.mark.parametrize("command", sorted(ACTS))
def test_a_command_acts_by_what_operations_offers(command: str) -> None:
    module = importlib.import_module(f"process_manager.cli.{BUILT_IN[command].partition(':')[0]}")
    text = inspect.getsource(module)
    found = [each for import_ in re.findall(ACTIONS, text) for each in sources(*import_)]
    used = set(re.findall(r"\boperations\.(\w+)\(", "".join([text, *found])))

    assert ACTS[command] <= used


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_says_what_it_takes_and_gives(name: str) -> None:
    function = FUNCTIONS[name]
    docs = inspect.cleandoc(function.__doc__ or "") + "\n"
    signature = inspect.signature(function)
    takes = [each for each in signature.parameters if each != "self" and not each.startswith("_")]

    assert (section(docs, "Args") or []) == takes
    assert (section(docs, "Returns") is None) == (signature.return_annotation in ("None", "NoReturn", None))
    assert re.search(r"(?<!^)\bRaises? [A-Z]|; raises [A-Z]", docs) is None, "say it in a section of its own: Raises:"
    assert not re.match(r"(The|Whether|Nothing|How|What|Every|Where|When) ", docs), "begin with a verb: Return …"


VALUES = {
    f"{name}.{each.__name__}": each
    for name, module in PUBLIC.items()
    if name != "inspection"
    for each in vars(module).values()
    if hasattr(each, "__match_args__") and each.__name__ in module.__all__
}


@pytest.mark.parametrize("name", sorted(VALUES))
def test_a_public_value_says_what_it_holds(name: str) -> None:
    cls = VALUES[name]

    names = [each.name for each in fields(cls)] if is_dataclass(cls) else list(cls.__match_args__)

    assert section(inspect.cleandoc(cls.__doc__ or "") + "\n", "Attributes") == names
