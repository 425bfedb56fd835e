"""What people of the demo's office have arranged: schedules, events, what waits for them, and the seats of SAP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from process_manager import Cron, clock, governance, operations
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import Policies
from process_manager.governance.action import Action
from process_manager.governance.event_actions import SignalEvent, WithdrawEvent
from process_manager.governance.schedule_actions import AddSchedule, PauseSchedule
from process_manager.operations.request import Start
from process_manager.operations.schedules import NewSchedule
from processes.demo.coordination import Archive, Reconciliation, Reminder
from processes.demo.office import REGISTRY, ImportPostings

ZONE: Final = "Europe/Copenhagen"

OPERATOR: Final = Actor("rpa-drift", is_person=True, way="page", role=Role.OPERATOR)
METTE: Final = Actor("mette", is_person=True, way="page", role=Role.CASEWORKER)
BANK: Final = Actor("bank-import", way="api", role=Role.CASEWORKER)
JOURNAL: Final = Actor("journal", way="api", role=Role.CASEWORKER)

NIGHTLY: Final = "archive-nightly"

SCHEDULES: Final = {
    NIGHTLY: (Archive, Cron("0 22 * * *", overlap="skip")),
    "clean-up": (Archive, Cron("30 2 * * 7L")),
    "month-end": (
        Reconciliation,
        Cron(
            "0 7 1 * *",
            working_days="next",
            holidays="DK+optional",
            parameters={"month": "the month before", "accounts": 40, "seconds_each": 0},
        ),
    ),
    "postings-hourly": (
        ImportPostings,
        Cron("10 6-20 * * *", overlap="skip", parameters={"argument": "assets"}),
    ),
}
"""What people start by the clock, besides what the code does; quiet windows hold the last ones of each day."""

MONTHS: Final = ("July", "August", "September", "October")
"""Whose accounts are compared now: two have the seats of SAP, two wait for one."""


def arrange(database: Database) -> None:
    """Make the schedules, three weeks ago."""
    for name, (process, cron) in SCHEDULES.items():
        new = NewSchedule(name, process.name, cron)
        _act(database, OPERATOR, AddSchedule(new, REGISTRY, ZONE))


def remind(database: Database, reference: str) -> None:
    """Wait for the payment of an invoice, for two weeks."""
    until = {"until": (clock.now() + timedelta(days=14)).isoformat()}
    database.run(lambda it: operations.start(it, Reminder, until, reference=reference, actor=METTE))


def pay(database: Database, references: list[str]) -> None:
    """Let the bank say that these are paid."""
    for reference in references:
        _act(database, BANK, SignalEvent(f"paid:{reference}", payload={"way": "transfer"}))


def close_month(database: Database, month: datetime) -> None:
    """Signal that a month is closed, which nobody waits for yet, and take back that the journal is open."""
    _act(database, METTE, SignalEvent(f"month-closed:{month:%Y-%m}", reason="all vouchers are in"))
    _act(database, JOURNAL, SignalEvent("journal-open"))
    _act(database, OPERATOR, WithdrawEvent("journal-open", reason="the journal is being upgraded"))
    pause = PauseSchedule(NIGHTLY, Archive.name, reason="the journal is being upgraded")
    _act(database, OPERATOR, pause)


def fill_seats(database: Database) -> None:
    """Let more compare accounts than SAP has seats for, when the pages are first shown."""
    given = [Start(Reconciliation, {"month": month, "accounts": 1200, "seconds_each": 1}) for month in MONTHS]
    database.run(lambda it: operations.start_many(it, given, actor=METTE))


def _act(database: Database, actor: Actor, action: Action[Any]) -> None:
    governance.acting(database, actor, action, policies=Policies())
