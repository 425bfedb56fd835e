"""Jobs in every status, and who looks at them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot_office import Files, Patient, Reader, Teller
from rig import Bench, Three, cancel, execute, work

from process_manager import clock, serialization
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import bots
from process_manager.governance.bot_actions import StartJob
from process_manager.lifecycle.evidence import Evidence
from process_manager.store import evidence

REGISTRY = Registry((Reader, Three, Teller, Patient, Files))
ADA = Actor("ada")


def furnish_jobs(database: Database) -> dict[str, int]:
    """A job in each status, by what became of it."""
    reader = _bot(database, "Read the rows", "reader", {"year": 2026})
    patient = _bot(database, "Wait for the sheet", "patient", {})
    made = {"done": _job(database, reader, "reader")}
    work(database, Reader)
    made["failed"] = _job(database, reader, "reader", given={"note": "break"}, reference="Rates 2027")
    execute(database, "UPDATE processes SET attempts = 100 WHERE id = :id", id=made["failed"])
    work(database, Reader)
    made["running"] = _job(database, reader, "reader", reference="November")
    made["stopping"] = _job(database, patient, "patient")
    Bench(database, Reader, Patient, name="RPA-01").write()
    said(database, made["running"], 1, 3)
    far = _json(done=312, total=486, message="312 of 486 rows are read")
    _keep(database, Evidence(made["running"], 1, 0, "progress", clock.now(), far))
    cancel(database, made["stopping"])
    made["queued"] = _job(database, patient, "patient")
    made["scheduled"] = _job(database, patient, "patient", at=clock.now() + timedelta(hours=1))
    return made


def said(database: Database, job_id: int, first: int, last: int) -> None:
    """Have the running step of a job say some lines."""
    for number in range(first, last + 1):
        body = _json(message=f"batch {number} is read", rows=100 * number)
        _keep(database, Evidence(job_id, 1, number, "log", clock.now(), body))


def _keep(database: Database, each: Evidence) -> None:
    database.run(lambda connection: evidence.keep(connection, [each]))


def _json(**facts: Any) -> str:
    return serialization.dumps(facts)


def _bot(database: Database, name: str, process: str, defaults: dict[str, Any]) -> int:
    new = bots.NewBot(name, process, default_parameters=defaults)
    return database.run(lambda connection: bots.create(connection, new, REGISTRY, by="root", now=clock.now())).id


def _job(database: Database, bot_id: int, name: str, *, given: dict[str, Any] | None = None, **more: Any) -> int:
    action = StartJob(bot_id, name, registry=REGISTRY, given=given or {}, **more)
    return database.run(lambda connection: action.perform(connection, ADA)).id
