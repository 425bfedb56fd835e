"""An office whose commands stand in every state, with quiet windows and what is switched off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from invoice_pages import ZONE
from rig import execute, settings, start, work

from process_manager import Done, Process, Retry, Step, StepRun, Upgrade, clock, every, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.operations import Act
from process_manager.settings import Settings
from process_manager.store import workers
from process_manager.store.workers import Registered

MONDAY = datetime(2026, 11, 30, 13, 32, tzinfo=UTC)
QUIET = "23:50-24:00; sat,sun"
MISSING = "Datafilen mangler: ORDRER_12.csv"


class ImportBooks(Process):
    """Fetches booked orders from SAP."""

    arguments = ("service1", "service2")
    retry = every(minutes=5, attempts=2)
    STEPS = {"fetch": "fetch"}

    def fetch(self, run: StepRun) -> Any:
        if run.payload["argument"] == "service1" and clock.now() >= MONDAY - timedelta(hours=1):
            return Retry(MISSING)
        return Done("88 orders")


class IssueInvoices(Process):
    """Issues the invoices in series 10."""

    channel = "letters"
    arguments = ()
    quiet = "18:00-06:00"
    STEPS = {"issue": "issue"}

    def issue(self, run: StepRun) -> Any:
        return Done("61 invoices")


class Kontoafstemning(IssueInvoices):
    """Matches bank postings to the ledger."""

    channel = "default"
    STEPS = {"match": Step("issue", expected=timedelta(minutes=4))}


class ImportPosteringer(IssueInvoices):
    """Fetches postings for the budgets."""

    channel = "default"
    arguments = ("drift", "anlaeg")
    quiet = None


class Oprydning(ImportPosteringer):
    """Deletes records that have passed their retention period."""

    arguments = ()


class Rykker(Process):
    """Reminds a citizen about an unpaid invoice."""

    version = 3
    upgrades = {2: Upgrade({})}
    channel = "letters"
    STEPS = {"look": "look", "letter": Step("send", effect="once")}

    def look(self, run: StepRun) -> Any:
        """Is it paid?"""
        return Done("not yet")

    def send(self, run: StepRun) -> Any:
        """Sends the letter."""
        return Done("sent")


REGISTRY = Registry((ImportBooks, IssueInvoices, Kontoafstemning, ImportPosteringer, Oprydning, Rykker))
ADA = Actor("oekonomi2", is_person=True, way="page")


def office_settings(**more: Any) -> Settings:
    """The settings of this office."""
    return settings(zone=ZONE, quiet=QUIET, **more)


def furnish_commands(database: Database, frozen: Any) -> dict[str, int]:
    """One command in each state, by its key; the clock stands on Monday at 14:32 in Copenhagen then."""
    frozen.move_to(MONDAY - timedelta(hours=3))
    for key in ("import-books-service1", "import-books-service2", "issue-invoices", "import-posteringer-drift"):
        _run(database, key)
    work(database, *REGISTRY)
    frozen.move_to(MONDAY - timedelta(minutes=50))
    made = {"import-books-service1": _run(database, "import-books-service1")}
    for _ in range(3):
        work(database, *REGISTRY)
        frozen.tick(timedelta(minutes=5))
    frozen.move_to(MONDAY)
    made |= {key: _run(database, key) for key in ("issue-invoices", "kontoafstemning")}
    hold(database, made["issue-invoices"], "SRV-FIN-2:1:a", since=timedelta(minutes=73), left=-timedelta(minutes=71))
    hold(database, made["kontoafstemning"], "SRV-FIN-1:7:b", since=timedelta(minutes=52), left=timedelta(minutes=1))
    progress(database, made["kontoafstemning"], 312, 486)
    disable(database, "import-posteringer-anlaeg", "the budget is being revised", until=MONDAY + timedelta(days=1))
    live(database, "SRV-FIN-1:7:b", channels=("default",))
    return made


def furnish_fleet(database: Database, frozen: Any) -> dict[str, int]:
    """The commands, and workers: one works, one is idle, one drains, one is gone; nobody serves the letters."""
    made = furnish_commands(database, frozen)
    frozen.tick(-timedelta(minutes=72))
    made["letter"] = start(database, Rykker)
    frozen.move_to(MONDAY)
    live(database, "SRV-FIN-2:1:a", channels=("letters",), seen=timedelta(minutes=72))
    live(database, "RPA-01:3:c", channels=("default", "sap"))
    live(database, "RPA-02:4:d", channels=("sap",))
    database.run(lambda connection: operations.drain(connection, "RPA-02:4:d"))
    return made


def furnish_kinds(database: Database, frozen: Any) -> dict[str, int]:
    """The fleet, and reminders: of a version or at a step that is gone, of an upgrade, and one of no trouble."""
    made = furnish_fleet(database, frozen)
    live(database, "SRV-FIN-3:9:e", channels=("letters",))
    for what, version, step in (("gone", 7, "look"), ("astray", 3, "ask"), ("older", 2, "look"), ("fine", 3, "look")):
        made[what] = start(database, Rykker)
        values = {"id": made[what], "version": version, "step": step}
        execute(database, "UPDATE processes SET version = :version, step = :step WHERE id = :id", **values)
    return made


def _run(database: Database, key: str) -> int:
    return database.run(lambda connection: operations.run_command(connection, key, registry=REGISTRY, actor=ADA))


def hold(database: Database, process_id: int, worker: str, *, since: timedelta, left: timedelta) -> None:
    """Let a worker have begun its step, and its lease last so long."""
    now = clock.now()
    execute(
        database,
        "UPDATE processes SET status = 'running', due_at = NULL, worker = :worker, fence = fence + 1,"
        " lease_ends_at = :ends, step_started_at = :began WHERE id = :id",
        id=process_id,
        worker=worker,
        ends=f"{now + left:%Y-%m-%d %H:%M:%S.%f}",
        began=f"{now - since:%Y-%m-%d %H:%M:%S.%f}",
    )


def progress(database: Database, process_id: int, done: int, total: int) -> None:
    """Let its running step have said how far it is."""
    execute(
        database,
        "INSERT INTO evidence (process_id, seq, number, kind, made_at, body)"
        " SELECT id, seq + 1, 0, 'progress', :now, :body FROM processes WHERE id = :id",
        id=process_id,
        now=f"{clock.now():%Y-%m-%d %H:%M:%S.%f}",
        body=f'{{"done":{done},"total":{total},"message":""}}',
    )


def disable(database: Database, key: str, reason: str, *, until: datetime | None = None) -> None:
    """Switch something off."""
    database.run(lambda connection: operations.disable(connection, key, Act(ADA, reason), until=until))


def live(database: Database, name: str, *, channels: tuple[str, ...] = (), seen: timedelta = timedelta(0)) -> None:
    """Let a worker live, or have been seen so long ago."""
    now = clock.now()
    knows = tuple(REGISTRY.runnable())
    host, pid = name.split(":", maxsplit=1)[0], int(name.split(":")[1])
    row = Registered(name, host, pid, now - timedelta(hours=5), now - seen, 8, channels, knows)
    database.run(lambda connection: workers.register(connection, row))
