"""An office to dispatch in: its invoice table, its SAP queue and the engine's own database, all real files."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from programs import Program

from process_manager import operations
from process_manager.clock import now
from process_manager.database import Database, connect, schema
from process_manager.definition.step_host import Host
from process_manager.definition.step_run import StepRun
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.outcomes import Done, Outcome
from process_manager.settings import model_of
from process_manager.store import tables
from processes.demo import data as demo_data
from processes.fakturering import Fakturering

INSTALLATION = UUID("6f1d3c1e-0c7b-4a53-9a55-3d2f3f0c8b11")
QUEUE = "VejmanKassenSAP"


@dataclass(slots=True)
class Office:
    """The three databases, what a person may do to them, and what is in them."""

    folder: Path
    said: list[Evidence] = field(default_factory=list)

    @property
    def invoices(self) -> Path:
        return self.folder / "invoices.db"

    @property
    def queues(self) -> Path:
        return self.folder / "queues.db"

    @property
    def engine(self) -> Path:
        return self.folder / "engine.db"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PROCESS_MANAGER_DATABASE_URL": f"sqlite:///{self.engine}",
            "PROCESS_MANAGER_FAKTURERING_URL": f"sqlite:///{self.invoices}",
            "PROCESS_MANAGER_OPENORCHESTRATOR_URL": f"sqlite:///{self.queues}",
        }

    def open(self, rows: Iterable[tuple[object, ...]] = ()) -> Office:
        """This office with its files made: rows of (VejmanID, Tilladelsesnr, FakturaStatus), numbered from 1."""
        demo_data.make_invoices(self.invoices, 0)
        demo_data.make_queues(self.queues)
        self.add(rows)
        schema.require(self.database(), wanted=tables.SCHEMA, tell=lambda _line: None)
        return self

    def database(self) -> Database:
        return connect(f"sqlite:///{self.engine}")

    def add(self, rows: Iterable[tuple[object, ...]]) -> None:
        with closing(sqlite3.connect(self.invoices)) as connection, connection:
            first = connection.execute("SELECT count(*) FROM VejmanFakturering").fetchone()[0] + 1
            connection.executemany(
                "INSERT INTO VejmanFakturering (VejmanID, Tilladelsesnr, FakturaStatus, VejmanFakturaID)"
                " VALUES (?, ?, ?, ?)",
                [(*row, f"VF-{number}") for number, row in enumerate(rows, first)],
            )

    def send(self, count: int) -> None:
        """Add so many rows that are Afsendt."""
        self.add([(1000 + number, f"26-{number:05}", "Afsendt") for number in range(count)])

    def change(self, sql: str, *parameters: object, file: Path | None = None) -> None:
        with closing(sqlite3.connect(file or self.invoices)) as connection, connection:
            connection.execute(sql, parameters)

    def ask(self, sql: str, *parameters: object, file: Path | None = None) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(file or self.invoices)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def set_status(self, row_id: int, status: str) -> None:
        """What a caseworker does."""
        self.change("UPDATE VejmanFakturering SET FakturaStatus = ? WHERE ID = ?", status, row_id)

    def statuses(self) -> dict[int, str]:
        return dict(self.ask("SELECT ID, FakturaStatus FROM VejmanFakturering ORDER BY ID"))

    def count_statuses(self) -> Counter[str]:
        return Counter(self.statuses().values())

    def elements(self) -> list[tuple[str, dict[str, object], str]]:
        """Reference, data and status of every element of the SAP queue."""
        rows = self.ask("SELECT reference, data, status FROM Queues WHERE queue_name = ?", QUEUE, file=self.queues)
        return [
            (reference, json.loads(data), status)
            for reference, data, status in sorted(rows, key=lambda row: int(row[0]))
        ]

    def references(self) -> list[int]:
        return sorted(int(reference) for reference, _data, _status in self.elements())

    def queue(self, reference: str, status: str, key: str = "0") -> None:
        """Put an element there as somebody else would."""
        self.change(
            "INSERT INTO Queues (id, queue_name, status, data, reference, created_date)"
            " VALUES (?, ?, ?, '{}', ?, '2026-01-05 08:00:00.000000')",
            key.zfill(32), QUEUE, status, reference, file=self.queues,
        )  # fmt: skip

    def audit(self) -> list[tuple[int, str, str]]:
        return self.ask("SELECT RowID, OldStatus, NewStatus FROM VejmanFaktureringLog ORDER BY RowID, ID")

    def ledger(self) -> Counter[str]:
        return Counter(state for (state,) in self.ask("SELECT state FROM ledger", file=self.engine))

    def run(self, step: str, process_id: int = 1, **facts: object) -> StepRun:
        """What the engine hands to one run of a step."""
        host = Host(self.database(), model_of()(_env_file=None, **self.urls()), INSTALLATION, self.said.append)
        claim = Claim(
            id=process_id, name="fakturering", version=1, reference=None, order_key=None, step=step, attempts=0,
            attempts_since=None, round=1, seq=0, fence=1, crashes=0, reruns=None, payload=json.dumps(facts),
            dedup_hash=None, step_started_at=now(), worker="test",
        )  # fmt: skip
        return StepRun(host, claim)

    def step(self, name: str, process_id: int = 1) -> Outcome:
        """The answer of one step of the dispatch."""
        planned = next(planned for planned in Fakturering.plan if planned.name == name)
        return planned.call(Fakturering(), self.run(name, process_id))

    def dispatch(self, process_id: int = 1) -> list[Outcome]:
        """The answers of the steps up to the first that is not Done."""
        answers: list[Outcome] = []
        for planned in Fakturering.plan:
            answers.append(self.step(planned.name, process_id))
            if not isinstance(answers[-1], Done):
                break
        return answers

    def start(self, count: int = 1) -> None:
        """Start so many dispatches for the worker."""
        database = self.database()
        with database.begin() as connection:
            for _ in range(count):
                operations.start(connection, Fakturering)
        database.close()

    def popen(self, *command: str) -> Program:
        """A Python program with this office's settings, such as `-m process_manager work`."""
        environment = {**os.environ, **self.environment, "PROCESS_MANAGER_LEASE": "1s", "PROCESS_MANAGER_QUIET": "none"}
        pipe = subprocess.PIPE
        program = [sys.executable, *command]
        return Program(program, cwd=self.folder, env=environment, stdout=pipe, stderr=pipe, text=True)

    def python(self, *command: str) -> tuple[int, str]:
        """How a Python program with this office's settings ended, and what it wrote to stdout."""
        with self.popen(*command) as child:
            out, _err = child.communicate(timeout=60)
        return child.returncode, out

    def processes(self) -> list[tuple[str, str]]:
        """Status and last message of every dispatch."""
        return self.ask(
            "SELECT p.status, s.message FROM processes p JOIN process_steps s ON s.process_id = p.id AND s.seq = p.seq"
            " ORDER BY p.id",
            file=self.engine,
        )

    def urls(self) -> dict[str, str]:
        return {key.removeprefix("PROCESS_MANAGER_").lower(): url for key, url in self.environment.items()}
