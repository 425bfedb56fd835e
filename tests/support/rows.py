"""Claim and record on the rows themselves, without a worker around them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rig import NOON, Three, execute
from rig import claim_request as of

from process_manager import classic, clock
from process_manager.database import Database
from process_manager.lifecycle import next_state
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.outcomes import Outcome
from process_manager.lifecycle.transition import StepResult, Transition
from process_manager.store import claiming, recording
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest

LEASE = timedelta(seconds=90)
THREE = of(("three", 1))


def claim(
    database: Database,
    *,
    now: datetime | None = None,
    limit: int = 10,
    worker: str = "w",
    request: ClaimRequest = THREE,
) -> list[Claim]:
    now = now or clock.now()
    with database.begin() as connection:
        return claiming.claim_due(connection, request, Lease(worker, now, now + LEASE), limit=limit)


def answer(held: Claim, outcome: Outcome, *, at: datetime = NOON) -> Transition:
    return next_state.next_state(held, Three.step_names, StepResult(outcome, at, at), retry=classic(), roll=0)


def record(database: Database, *attempts: Transition) -> list[int]:
    with database.begin() as connection:
        return [attempt.claim.id for attempt in recording.record(connection, attempts).kept]


def everything(database: Database) -> list[Any]:
    tables = ("processes", "process_steps", "evidence", "lanes", "dedup_keys")
    return [execute(database, f"SELECT * FROM {table} ORDER BY 1") for table in tables]  # noqa: S608
