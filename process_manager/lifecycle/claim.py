"""A process as whoever moves it on knows it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from process_manager import serialization

CHILD: Final = "child_"
"""With what the dedup hash of a child begins; the id of its parent follows."""


class Claim(NamedTuple):
    """A running process under its worker's lease, or one at rest as a person saw it; valid while it has this fence."""

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
    step_started_at: datetime  # of one at rest: when it came to rest
    worker: str  # empty while it rests
    channel: str = "default"
    command_key: str | None = None
    own_crashes: int = 0  # of the crashes, those of a child that ran nothing else
    doubtful_since: datetime | None = None  # when a `once` step began of which no answer is known
    ready_at: datetime | None = None  # since when it could have run, if a moment was asked for


def parent_of(dedup_hash: str | None) -> int | None:
    """Return whose child the process with this dedup hash is; None for one that no step started."""
    if dedup_hash is None or not dedup_hash.startswith(CHILD):
        return None
    return int(dedup_hash[len(CHILD) :].partition("_")[0])


def step_key(step: str, reruns: str | None) -> str:
    """Return the name under which the runs of a step count as one until it is done; `reruns` is that of its claim."""
    again = serialization.loads(reruns).get(step, 0) if reruns else 0
    return again if isinstance(again, str) else f"{step}/{again}"
