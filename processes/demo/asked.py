"""What the people of the demo's office are asked, and whom they hear: tasks, and a hearing with its letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from process_manager import clock, governance, inspection, operations
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import Policies
from process_manager.governance.event_actions import SignalEvent
from process_manager.governance.task_actions import AnswerTask, ClaimTask
from process_manager.inspection import TaskFilter
from processes.demo import data
from processes.demo.family import Hearing, LargeInvoice

GROUPS: Final = frozenset({"economy"})
OFFICE: Final = Actor("invoice-office", way="api", role=Role.CASEWORKER)
ANNE: Final = Actor("anne", is_person=True, way="page", role=Role.CASEWORKER, groups=GROUPS)

NEIGHBOURS: Final = ("Søndergade 12", "Søndergade 14", "Mølleengen 3", "Mølleengen 5")
ANSWERED: Final = 2
"""How many of the neighbours have answered."""


def ask(database: Database, number: int) -> None:
    """Send in an invoice over the limit."""
    row = data.invoice_row(number)
    given = {"permit": row["permit"], "applicant": row["applicant"], "amount": f"{number * 53 % 30000 + 10000}.00"}
    reference = f"2026-{number}"
    database.run(lambda it: operations.start(it, LargeInvoice, given, reference=reference, actor=OFFICE))


def answer_first(database: Database) -> None:
    """Let Anne approve what was asked first, and claim what was asked last."""
    with database.read() as connection:
        asked = inspection.tasks(connection, TaskFilter()).tasks
    answer = {"decision": "approve", "contact": "the applicant, by phone"}
    action = AnswerTask(asked[0].process_id, asked[0].id, answer=answer, reason="paid on time last year")
    governance.acting(database, ANNE, action, policies=Policies())
    governance.acting(database, ANNE, ClaimTask(asked[-1].process_id, asked[-1].id), policies=Policies())


def hear(database: Database) -> None:
    """Start a hearing."""
    given = {"neighbours": list(NEIGHBOURS), "until": (clock.now() + timedelta(days=14)).isoformat()}
    database.run(lambda it: operations.start(it, Hearing, given, reference="BYG-2026-0417", actor=OFFICE))


def answer_hearing(database: Database) -> None:
    """Let some of the neighbours answer."""
    for address in NEIGHBOURS[:ANSWERED]:
        governance.acting(database, OFFICE, SignalEvent(f"heard:{address}"), policies=Policies())
