"""What a step says while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something a step said while it ran: an exchange, a log line, or how far it is."""

    process_id: int
    seq: int
    number: int
    kind: Literal["exchange", "log", "progress"]
    made_at: datetime
    body: str
