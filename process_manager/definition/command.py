"""Commands: processes that are started by a key, one for each argument."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from process_manager.definition.process import Process, keys
from process_manager.definition.registry import Registry
from process_manager.errors import NotFound, UsageError
from process_manager.message import Message

_LISTED: Final = "`process-manager status` lists the commands."


@dataclass(frozen=True, slots=True)
class Command:
    """A process that is started by key, with the argument that the key stands for."""

    process: type[Process]
    key: str
    argument: str


def known(registry: Registry) -> dict[str, Command]:
    """Return every command by its key, by the newest version of its process; raise UsageError for a shared key."""
    newest = {cls.name: cls for cls in registry}
    found: dict[str, Command] = {}
    for cls in newest.values():
        for argument, key in keys(cls).items() if cls.arguments is not None else ():
            other = found.setdefault(key, Command(cls, key, argument))
            if other.process is not cls:
                raise UsageError(problem=_shared(key, other.process, cls))
    return found


def _shared(key: str, first: type[Process], second: type[Process]) -> str:
    return Message(
        "The commands %(one)s and %(other)s both have the key %(key)s. Give one another name, or another argument.",
        one=repr(first.name),
        other=repr(second.name),
        key=repr(key),
    )


def of(registry: Registry, name: str, key: str) -> Command:
    """Return the command of this key; raise NotFound, which names none, where it is not one of the process `name`."""
    found = known(registry).get(key)
    if found is None or found.process.name != name:
        raise NotFound.with_hint(Message("%(name)s has no command %(key)s.", name=repr(name), key=repr(key)), _LISTED)
    return found


def find(registry: Registry, key: str, argument: str | None = None) -> Command:
    """Return the command of this key, or of this name and argument; raise NotFound, with a suggestion."""
    commands = known(registry)
    wanted = key if argument is None else f"{key}-{argument}".lower()
    if wanted in commands:
        return commands[wanted]
    near = get_close_matches(wanted, commands, n=1, cutoff=0.5)
    if near:
        told = Message("There is no command %(key)s. Did you mean %(near)s?", key=repr(wanted), near=repr(near[0]))
        raise NotFound(problem=told)
    raise NotFound.with_hint(Message("There is no command %(key)s.", key=repr(wanted)), _LISTED)
