"""Invoices in every state that a page shows: what each does stands in its payload, and real workers run it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory, StepTickTimeFactory
from rig import execute, start, work

from process_manager import Done, Process, Reject, Retry, Skip, Step, StepRun, Wait, every
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import Policies, acting
from process_manager.governance.process_actions import Restart

FRIDAY = datetime(2026, 11, 27, 11, 58, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 13, 32, tzinfo=UTC)
EXPIRED = "SAP refused the logon: the password of user RPA_FAKT has expired"

Clock = FrozenDateTimeFactory | StepTickTimeFactory


class LogonError(Exception):
    """SAP does not let us in."""


class Faktura(Process):
    """An invoice, sent through SAP."""

    name = "faktura"
    version = 3
    label = "Invoice"
    retry = every(minutes=5, attempts=3)
    personal = ("kontakt",)
    personal_search = ("kontakt",)
    search = ("permit", "order")
    says = {"book": "The invoice could not be sent. RPA-drift has been told."}
    restarts = 1
    columns = ("amount", "kontakt")
    STEPS = {
        "check": "check",
        "book": Step("book", effect="once", verify="ask"),
        "mark": "mark",
        "notify": "notify",
    }

    def check(self, run: StepRun) -> Any:
        """Looks the permit up, and what it costs."""
        run.exchange("VejmanKassen", {"permit": run.payload.get("permit")}, {"ID": 7318})
        if run.payload.get("does") == "reject":
            return Reject("the CVR number has 7 digits", code="cvr")
        if run.payload.get("does") == "skip":
            return Skip("there was nothing to do")
        return Done(
            "The permit is valid: 14 days, 12.5 m.", {"days": 14, "amount": "4250.00", "kontakt": "010190-1111"}
        )

    def book(self, run: StepRun) -> Any:
        """Creates the order in SAP, once."""
        run.log("sap.logon", user="RPA_FAKT", system="P11")
        does = run.payload.get("does")
        if does == "expired":
            run.exchange("SAP", {"call": "ZFI_CREATE_ORDER", "reference": run.reference}, "RFC_LOGON_FAILURE")
            run.log("sap.refused", key="RFC_LOGON_FAILURE")
            return Retry(EXPIRED)
        if does == "doubt":
            run.exchange("SAP", {"call": "ZFI_CREATE_ORDER", "reference": run.reference})
            raise TimeoutError("no answer in 30.0 s")
        if does == "wait":
            return Wait("its permit starts tomorrow", after=timedelta(hours=17))
        return Done("Order 4500118204.", {"order": "4500118204"})

    def ask(self, run: StepRun) -> Any:
        """Asks SAP whether it has the order."""
        run.exchange("SAP", {"search": run.reference}, "503 order search down")

    def mark(self, run: StepRun) -> Any:
        """Sets the row to Faktureret and adds the order number."""
        if run.payload.get("does") == "trace":
            raise LogonError("RFC_LOGON_FAILURE: the password of user RPA_FAKT has expired")
        return Done("Row 7318 is set.")

    def notify(self, run: StepRun) -> Any:
        """Tells the applicant by Digital Post."""
        return Done("Told.")


REGISTRY = Registry([Faktura])
DRIFT = Actor("rpa-drift", is_person=True, way="page")


def invoice(database: Database, number: str, does: str = "", **options: Any) -> int:
    """An invoice that is started now."""
    payload = {"permit": "Ø-417/26", "amount": "4200.00", "does": does}
    return start(database, Faktura, payload, reference=number, **options)


def furnish(database: Database, clock: Clock) -> dict[str, int]:
    """A weekend of invoices, by what became of each; the clock stands on Monday at 14:32 in Copenhagen then.

    Workers live through it once; each empty file after that is given a copy.
    """
    if database.engine.dialect.name != "sqlite" or _is_used(database):
        return _lived(database, clock)
    if not _kept:
        made = _lived(database, clock)
        with _file(database) as opened:
            copy = sqlite3.connect(":memory:", check_same_thread=False)
            opened.backup(copy)
            _kept.append((copy, made))
        return made
    copy, made = _kept[0]
    with _file(database) as opened:
        copy.backup(opened)
    clock.move_to(MONDAY)
    return dict(made)


_kept: list[tuple[sqlite3.Connection, dict[str, int]]] = []


def _is_used(database: Database) -> bool:
    found = execute(database, "SELECT (SELECT COUNT(*) FROM processes) + (SELECT COUNT(*) FROM users)")
    return list(found) != [(0,)]


def _file(database: Database) -> closing[sqlite3.Connection]:
    name = str(database.engine.url.database)
    return closing(sqlite3.connect(name, uri=name.startswith("file:")))


def _lived(database: Database, clock: Clock) -> dict[str, int]:
    clock.move_to(FRIDAY)
    made = {
        "failed": invoice(database, "2026-10482", "expired", order_key="debtor 44108821"),
        "behind": invoice(database, "2026-10533", order_key="debtor 44108821"),
        "failed too": invoice(database, "2026-10479", "expired"),
        "trace": invoice(database, "2026-10397", "trace"),
        "done": invoice(database, "2026-10402"),
        "rejected": invoice(database, "2026-10405", "reject"),
        "skipped": invoice(database, "2026-10406", "skip"),
    }
    _work(database, clock, times=4)
    clock.move_to(MONDAY - timedelta(hours=7, minutes=30))
    restart = Restart(made["failed"], registry=REGISTRY, reason="ny adgangskode er bestilt")
    acting(database, DRIFT, restart, policies=Policies())
    _work(database, clock, times=4)
    clock.move_to(MONDAY - timedelta(minutes=41))
    made |= {"doubtful": invoice(database, "2026-10511", "doubt"), "later": invoice(database, "2026-10519", "wait")}
    _work(database, clock, times=1)
    clock.move_to(MONDAY)
    return made | {"due": invoice(database, "2026-10549")}


def _work(database: Database, clock: Clock, *, times: int) -> None:
    """Let a worker run what is due, every five minutes."""
    for _ in range(times):
        work(database, Faktura)
        clock.tick(timedelta(minutes=5))
