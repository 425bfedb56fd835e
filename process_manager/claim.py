"""A process as its worker holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A running process under this worker's lease; valid while the row still carries this fence."""

    id: int
    name: str
    version: int
    reference: str | None
    order_key: str | None
    step: str
    attempts: int  # used in this round, by this step
    attempts_since: datetime | None
    round: int
    seq: int  # of the newest history row
    fence: int
    crashes: int
    reruns: str | None  # JSON
    payload: str  # JSON: the parameters, and what steps merged into them
    dedup_hash: str | None
    step_started_at: datetime
    worker: str
