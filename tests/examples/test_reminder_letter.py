"""The reminder letter: printed after two weeks, unless it is paid meanwhile or there is no such invoice."""

import json
from pathlib import Path

import pytest
from example_office import Office, missing

from examples.reminder_letter import Reminder
from process_manager.errors import PayloadError


@pytest.fixture
def reminder(office: Office) -> int:
    """A reminder of an unpaid invoice that a worker has begun."""
    invoice(paid=False)
    process_id = office.start(Reminder, {"invoice": "2026-17"})
    office.work(Reminder)
    return process_id


def invoice(*, paid: bool) -> None:
    """Write the list of invoices, which has one."""
    invoices = {"2026-17": {"debtor": "Ida Holm", "amount": "450.00", "paid": paid}}
    Path("invoices.json").write_text(json.dumps(invoices), encoding="utf-8")


def test_after_two_weeks_the_letter_is_printed_once_the_printer_is_on(office: Office, reminder: int) -> None:
    office.work(Reminder, days=14)
    Path("letters").mkdir()
    office.work(Reminder, minutes=10)

    assert office.history(reminder) == [
        ("look", "done", "it is unpaid"),
        ("wait", "wait", "two weeks to pay"),
        ("wait", "done", "two weeks are over"),
        ("print", "retry", missing("letters/2026-17.txt")),
        ("print", "done", "2026-17.txt is printed"),
    ]
    letter = Path("letters/2026-17.txt").read_text(encoding="utf-8")
    assert letter == "Dear Ida Holm, please pay 450.00 for invoice 2026-17.\n"
    assert office.show(reminder).status == "succeeded"


def test_who_pays_in_time_gets_no_letter(office: Office, reminder: int) -> None:
    invoice(paid=True)
    office.work(Reminder, days=14)

    assert office.history(reminder) == [
        ("look", "done", "it is unpaid"),
        ("wait", "wait", "two weeks to pay"),
        ("wait", "skip", "it was paid in time"),
    ]
    assert office.show(reminder).status == "skipped"


def test_a_reminder_of_no_invoice_is_rejected(office: Office) -> None:
    invoice(paid=False)
    process_id = office.start(Reminder, {"invoice": "2026-18"})
    office.work(Reminder)

    assert office.history(process_id) == [("look", "reject", "there is no invoice 2026-18")]
    assert office.show(process_id).status == "rejected"


def test_a_payload_that_does_not_fit_starts_nothing(office: Office) -> None:
    with pytest.raises(PayloadError, match="invoice: Field required"):
        office.start(Reminder, {"number": "2026-17"})
