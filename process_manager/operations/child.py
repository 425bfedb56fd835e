"""A child that a step starts, checked as any start is."""

from __future__ import annotations

from typing import Final

from process_manager.definition.process import Process
from process_manager.errors import IllegalValue, UsageError
from process_manager.lifecycle.children import ChildStart, checked_key
from process_manager.operations.request import Start, new_process

_TAKEN: Final = (
    "name",
    "version",
    "channel",
    "step",
    "parameters",
    "reference",
    "order_key",
    "pool",
    "terms",
    "lane_rules",
    "position",
)


def checked(key: str, wanted: Start) -> ChildStart:
    """Return what starts a child.

    Args:
        key: Its key among the children of its parent.
        wanted: What is to be started.

    Raises:
        PayloadError: The payload does not fit the class's `parameters`.
        NotJson: JSON cannot represent the payload.
        IllegalValue: A key, a reference or a channel cannot be used.
        UsageError: The class cannot be started as a child.
    """
    key, process = checked_key(key), wanted.process
    if not (isinstance(process, type) and issubclass(process, Process)):
        raise IllegalValue(what="process", value=process, problem="is no Process class", hint="Give the class itself.")
    if process.dedup != "while_open":
        raise UsageError(
            problem=f"{process.name!r} has dedup = {process.dedup!r}, so it cannot be a child: a child has a key among "
            "the children of its parent, and no other. Start it with operations.start, or leave its dedup out."
        )
    new = new_process(wanted)
    return ChildStart(key, **{name: getattr(new, name) for name in _TAKEN})
