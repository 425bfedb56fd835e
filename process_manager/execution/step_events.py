"""What woke a process, for its steps; what reads it is imported when a step first asks."""

from __future__ import annotations

from process_manager import serialization
from process_manager.definition.step_host import EngineDatabase, StepEvent


class EventsOnDemand:
    """Looks up the event that woke a process when one of its steps asks for it."""

    def __init__(self, database: EngineDatabase) -> None:
        self._database = database

    def __call__(self, process_id: int, step_key: str) -> StepEvent | None:
        from process_manager.store import event_queries

        with self._database.read() as connection:
            found = event_queries.woken_by(connection, process_id, step_key)
        if found is None:
            return None
        payload = {} if found.payload is None else serialization.loads(found.payload)
        return StepEvent(found.key, found.number, payload, found.by, found.stated_at)
