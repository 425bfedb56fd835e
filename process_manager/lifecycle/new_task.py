"""What a step asks a person, as it is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class NewTask(NamedTuple):
    """What is asked of a person, as it is recorded with the wait of the step."""

    step_key: str
    title: str
    details: str
    group: str | None
    form: str  # module:class
    schema: str  # JSON
    marks: str  # JSON: the paths of what is personal in an answer
    due: str | None
    remind: str | None
    overdue_to: str | None
    not_by: str | None
    zone: str = "UTC"
    holidays: str = ""
    due_at: datetime | None = None
    remind_at: datetime | None = None
