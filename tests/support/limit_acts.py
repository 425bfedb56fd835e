"""A limit that is there, and the act that changes it."""

from collections.abc import Callable
from typing import Any

from process_manager.database import Database
from process_manager.governance.action import Action
from process_manager.governance.limit_actions import ChangeLimit
from process_manager.store import limits


def shared(database: Database) -> str:
    """The name of a limit of three seats that is there now."""
    database.run(lambda connection: limits.declare(connection, [limits.Declared("sap-seats", None, 3, {"sap": 1})]))
    return "sap-seats"


LIMITS: dict[str, Callable[[Database, Any], Action[Any]]] = {
    "change_limit": lambda database, _folder: ChangeLimit(shared(database), 5),
}

CROWDED = [
    "INSERT INTO limits (name, declared) VALUES ('sap-seats', 0)",
    "INSERT INTO seats (process_id, fence, limit_name, step, taken_at)"
    " SELECT id, fence, 'sap-seats', step, created_at FROM processes WHERE id = 7",
]
"""Process 7, which runs, has the seat of a limit that has none."""
