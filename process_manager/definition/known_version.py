"""Whether the code of a process is here, in the version that is asked for or a later one."""

from __future__ import annotations

from process_manager.definition.registry import Registry
from process_manager.errors import UnknownProcess


def is_known(registry: Registry, process: str, version: int | None) -> bool:
    """Return whether a class of that name is known in that version or a later one; None: in any."""
    try:
        return registry.newest(process).version >= (version or 1)
    except UnknownProcess:
        return False
