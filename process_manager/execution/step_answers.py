"""What people answered a process, for its steps; what reads it is imported when a step first asks."""

from __future__ import annotations

from process_manager.definition.step_host import EngineDatabase, StoredAnswer


class AnswersOnDemand:
    """Looks up what a person answered when a step asks for it."""

    def __init__(self, database: EngineDatabase) -> None:
        self._database = database

    def __call__(self, process_id: int, step_key: str, round_: int) -> StoredAnswer | None:
        from process_manager.store import task_queries

        with self._database.read() as connection:
            found = task_queries.newest(connection, process_id, step_key, round_)
        if found is None or found["answered_at"] is None:
            return None
        return StoredAnswer(*(found[name] for name in ("form", "answer", "answered_by", "answered_at", "answered_way")))
