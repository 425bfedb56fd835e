"""The folder of the demo: its three databases, its own settings, and what is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from process_manager import every
from process_manager.database import Database, connect, schema
from process_manager.definition.registry import Registry
from process_manager.errors import UsageError
from process_manager.integrations import databases
from process_manager.settings import Settings
from process_manager.store.tables import SCHEMA
from process_manager.worker import Plan
from processes.demo import data
from processes.fakturering import Fakturering
from processes.fakturering.invoice_table import FakturaStatus
from processes.fakturering.sap_queue import QUEUE
from processes.fakturering_settings import FaktureringSettings
from tasks.openorchestrator_settings import OpenOrchestratorSettings

LEASE: Final = timedelta(seconds=2)
"""Short, so that a reader need not wait long for a dead worker's process."""

HOME: Final = Path("demo")
CRASH_HOME: Final = Path("demo-crash")
"""Where a crash is shown: emptied each time, for there must be rows to kill a worker in."""

LONGEST: Final = timedelta(minutes=5)


class DemoSettings(FaktureringSettings, OpenOrchestratorSettings, Settings):
    """Settings that nothing but the demo says: it runs the same in every folder."""

    model_config = SettingsConfigDict(env_file=None)  # or a broken .env would be read, if only to be ignored

    reads_sources = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the framework passes them all by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the demo passes, and nothing else."""
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is left to be said when all is done."""

    claimed: int
    handed_over: int
    elements: int
    doubled: int

    @property
    def holds(self) -> bool:
        """Whether every row is in the queue exactly once."""
        return self.claimed == self.doubled == 0 and self.handed_over == self.elements


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """The folder of the demo."""

    folder: Path

    @property
    def invoices(self) -> Path:
        """The file with the invoice rows."""
        return self.folder / "invoices.db"

    @property
    def queues(self) -> Path:
        """The file of OpenOrchestrator."""
        return self.folder / "openorchestrator.db"

    @property
    def engine(self) -> Path:
        """The file of the engine."""
        return self.folder / "process-manager.db"

    def make(self, rows: int) -> bool:
        """Whether the invoice rows are new; what is there already stays as it is."""
        self.require_ours()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable("made", error) from None
        data.make_queues(self.queues)
        return data.make_invoices(self.invoices, rows)

    def require_ours(self) -> None:
        """UsageError when a database of the engine's lies here that no demo has made: nothing of it is touched."""
        if self.engine.exists() and not (self.invoices.exists() and self.queues.exists()):
            raise UsageError(
                problem=f"The folder {self.folder} holds a database that is not the demo's. Name another with --folder."
            )

    def clear(self) -> None:
        """Remove the three databases and what SQLite keeps beside them."""
        self.require_ours()
        try:
            for file in (self.engine, self.queues, self.invoices):
                for ending in ("", "-wal", "-shm"):
                    file.with_name(file.name + ending).unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable("emptied", error) from None

    def _unusable(self, done: str, error: OSError) -> UsageError:
        return UsageError(
            problem=f"The folder {self.folder} cannot be {done}: {error.strerror}. Name another with --folder."
        )

    def settings(self, **given: object) -> Settings:
        """The settings of the demo's workers, and what else is given."""
        told = {
            "database_url": _url(self.engine),
            "fakturering_url": _url(self.invoices),
            "openorchestrator_url": _url(self.queues),
            "lease": LEASE,
            "grace": timedelta(seconds=10),
            "quiet": "none",  # it is shown whenever somebody asks
        }
        return DemoSettings.model_validate(told | given)

    def plan(self) -> Plan:
        """What a worker of the demo does, until it is stopped."""
        policy = every(seconds=5, attempts=10)
        return Plan(registry=Registry([Fakturering]), settings=self.settings(), retry=policy, time_box=LONGEST)

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """The engine's database, made if need be."""
        database = connect(_url(self.engine), call_timeout=LEASE / 4)
        try:
            schema.require(database, wanted=SCHEMA, tell=lambda _line: None)
            yield database
        finally:
            database.close()

    def rows(self) -> Counter[str]:
        """How many invoice rows stand in each status."""
        ask = sa.text("SELECT FakturaStatus, count(*) FROM VejmanFakturering GROUP BY FakturaStatus ORDER BY 1")
        with databases.engine(_url(self.invoices)).connect() as connection:
            return _counter(connection.execute(ask))

    def elements(self) -> Counter[str]:
        """How many elements of the SAP queue each reference has."""
        ask = sa.text("SELECT reference, count(*) FROM Queues WHERE queue_name = :queue GROUP BY reference")
        with databases.engine(_url(self.queues)).connect() as connection:
            return _counter(connection.execute(ask, {"queue": QUEUE}))

    def proof(self) -> Proof:
        """Where rows and elements stand now."""
        rows, elements = self.rows(), self.elements()
        return Proof(
            claimed=rows[FakturaStatus.CLAIMED],
            handed_over=rows[FakturaStatus.TIL_FAKTURERING],
            elements=elements.total(),
            doubled=sum(count > 1 for count in elements.values()),
        )


def _counter(rows: Iterable[Any]) -> Counter[str]:
    return Counter({row[0]: row[1] for row in rows})


def _url(path: Path) -> str:
    return f"sqlite:///{path}"
