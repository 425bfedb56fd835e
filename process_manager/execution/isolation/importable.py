"""Whether a child process can find a class by its name, which is all that it is told."""

from __future__ import annotations

import sys
from typing import Any


def find(module: str, qualname: str) -> Any:
    """Return what an imported module has under that name; None if nothing."""
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found


def problem(cls: type[Any]) -> str | None:
    """Return why a child could not import the class, as a sentence with a hint; None when it can."""
    where = f"{cls.__module__}.{cls.__qualname__}"
    if cls.__module__ == "__main__":
        return f"{where} cannot run in a child process, for __main__ is another program there. Put it into a module."
    if find(cls.__module__, cls.__qualname__) is not cls:
        return (
            f"{where} cannot run in a child process, for it is not what its module has under that name. "
            "Write it at the top of the module, under the name it was made with."
        )
    return None
