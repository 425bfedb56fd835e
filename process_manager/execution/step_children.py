"""The children of a process, for its steps; what checks and reads them is imported when a step first asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from process_manager import serialization
from process_manager.definition.step_host import EngineDatabase, StepChild

if TYPE_CHECKING:
    from process_manager.lifecycle.children import ChildStart


class ChildrenOnDemand:
    """Looks up the children of a process when one of its steps asks for them, and checks those that it starts."""

    def __init__(self, database: EngineDatabase) -> None:
        self._database = database

    def of(self, process_id: int) -> tuple[StepChild, ...]:
        """Return the children of a process, in the order in which they were started."""
        from process_manager.store import children

        with self._database.read() as connection:
            found = children.of_parent(connection, process_id)
        return tuple(StepChild(each.key, each.id, each.status, serialization.loads(each.payload)) for each in found)

    def checked(self, process: type, payload: Mapping[str, Any] | None, key: str, **options: str | None) -> ChildStart:
        """Return what starts a child; raise UsageError when it does not fit."""
        from process_manager.operations import child
        from process_manager.operations.request import Start

        channel, order_key = options.get("channel"), options.get("order_key")
        wanted = Start(process, payload, options.get("reference"), order_key=order_key, channel=channel)
        return child.checked(key, wanted)
