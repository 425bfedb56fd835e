"""The reference of the Python API: a page for each public module, which mkdocstrings fills from its docstrings."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

from docs.generate import markdown

MODULES: Final[Mapping[str, str]] = {
    "process_manager": "what the author of a process imports",
    "process_manager.operations": "start, restart, abandon, resolve, rerun: what one may do to a process",
    "process_manager.inspection": "what one may ask",
    "process_manager.direct": "run a process here and now, in the caller's thread",
    "process_manager.worker": "run a worker within a program",
    "process_manager.database": "connect to the engine's database",
    "process_manager.lifecycle": "the statuses, and what moves a process from one to another",
    "process_manager.settings": "read the settings",
    "process_manager.errors": "every error that a caller may meet",
    "process_manager.clock": "the moment by the database's clock",
    "process_manager.store.ledger": "mark rows of another database once, in its own transaction",
}
"""Each public module, and what it is for."""


def index() -> str:
    """Return the page that lists the modules."""
    rows = [(f"[`{name}`]({file(name)})", told) for name, told in MODULES.items()]
    return markdown.page(
        "API", "What is not on these pages may change in any release.", markdown.table(("module", "for"), rows)
    )


def file(module: str) -> str:
    """Return the name of a module's page."""
    return f"{module.removeprefix('process_manager.').replace('_', '-')}.md"


def page(module: str) -> str:
    """Return the page of a module: what it exports, in the order of its `__all__`."""
    names = getattr(importlib.import_module(module), "__all__", None)
    lines = [f"::: {module}", "    options:", f"      members: {list(names)}"] if names else [f"::: {module}"]
    return "\n".join(lines) + "\n"
