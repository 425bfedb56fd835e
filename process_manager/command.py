"""Commands: processes that are started by a key, one for each argument."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from process_manager.errors import NotFound
from process_manager.process import Process, keys
from process_manager.registry import Registry


@dataclass(frozen=True, slots=True)
class Command:
    """A process that is started by key, with the argument that the key stands for."""

    process: type[Process]
    key: str
    argument: str


def known(registry: Registry) -> dict[str, Command]:
    """Every command by its key; of several versions the newest."""
    found = {}
    for cls in registry:
        if cls.arguments is not None:
            found.update({key: Command(cls, key, argument) for argument, key in keys(cls).items()})
    return found


def find(registry: Registry, key: str, argument: str | None = None) -> Command:
    """The command of this key, or of this name and argument; NotFound, with a suggestion, if there is none."""
    commands = known(registry)
    wanted = key if argument is None else f"{key}-{argument}".lower()
    if wanted in commands:
        return commands[wanted]
    near = get_close_matches(wanted, commands, n=1, cutoff=0.5)
    cure = f"Did you mean {near[0]!r}?" if near else "`process-manager status` lists the commands."
    raise NotFound(problem=f"There is no command {wanted!r}. {cure}")
