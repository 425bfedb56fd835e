"""The step after the one at which a process stands, as its class has it."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.definition.process import Process
from process_manager.definition.registry import Registry
from process_manager.operations.refusals import refused


def following_step(row: sa.RowMapping, registry: Registry, *, hint: str) -> str | None:
    """Return the step after the one at which the process stands, None after the last; raise Refused if nobody knows."""
    cls = registry.get(row["name"], row["version"])
    names = () if cls is None else cls.step_names
    if row["step"] not in names:
        raise refused(row, f"{_missing(row, cls)} is not known here, so what comes next is not either", hint=hint)
    following = names[names.index(row["step"]) + 1 :]
    return following[0] if following else None


def _missing(row: sa.RowMapping, cls: type[Process] | None) -> str:
    version = f"version {row['version']} of {row['name']!r}"
    return version if cls is None else f"{version} with step {row['step']!r}"
