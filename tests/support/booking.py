"""A step that writes into a table of the office's own, in the transaction that records it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from rig import execute

from process_manager import Done, Process, Step, StepRun
from process_manager.database import Database

BOOK = sa.text("INSERT INTO book (line) VALUES (:line)")


class Booking(Process):
    """A step that writes with its record, and one after it."""

    STEPS = {"do": Step("do", effect="transactional"), "after": "after"}
    answer: Callable[[StepRun], Any]

    def do(self, run: StepRun) -> Any:
        run.connection.execute(BOOK, {"line": f"{run.process_id}"})
        return type(self).answer(run)

    def after(self, run: StepRun) -> Done:
        return Done("after")


def booking(answer: Callable[[StepRun], Any], **more: Any) -> type[Booking]:
    return type("Booking", (Booking,), {"answer": staticmethod(answer), **more})


def lines(database: Database) -> list[str]:
    """What is in the table."""
    return [line for (line,) in execute(database, "SELECT line FROM book")]
