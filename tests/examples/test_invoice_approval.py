"""The approval: it waits for a person's answer, and not for ever."""

import json
from pathlib import Path

import pytest
from example_office import Office

from examples.invoice_approval import InvoiceApproval

REQUEST = Path("to_approve/4711.json")


@pytest.fixture
def approval(office: Office) -> int:
    """An approval that was asked for and is not answered yet."""
    Path("to_approve").mkdir()
    Path("approved").mkdir()
    process_id = office.start(InvoiceApproval, {"invoice": "4711", "amount": "1200.00"})
    office.work(InvoiceApproval)
    return process_id


def answer(*, approved: bool) -> None:
    """Write what Bodil answers."""
    Path("approved/4711.json").write_text(json.dumps({"by": "Bodil", "approved": approved}), encoding="utf-8")


def test_a_yes_releases_the_invoice(office: Office, approval: int) -> None:
    assert REQUEST.exists()
    office.work(InvoiceApproval, hours=1)
    answer(approved=True)
    office.work(InvoiceApproval, hours=1)

    assert office.history(approval) == [
        ("ask", "done", "the approver was asked"),
        ("approve", "wait", "not answered yet"),
        ("approve", "wait", "not answered yet"),
        ("approve", "done", "Bodil said yes"),
        ("release", "done", "released for payment"),
    ]
    assert office.show(approval).payload["approved_by"] == "Bodil"
    assert not REQUEST.exists()


def test_a_no_rejects_it(office: Office, approval: int) -> None:
    answer(approved=False)
    office.work(InvoiceApproval, hours=1)

    assert office.history(approval) == [
        ("ask", "done", "the approver was asked"),
        ("approve", "wait", "not answered yet"),
        ("approve", "reject", "Bodil said no"),
    ]
    assert office.show(approval).status == "rejected"


def test_after_ten_days_without_an_answer_it_is_rejected(office: Office, approval: int) -> None:
    office.work(InvoiceApproval, days=10)

    assert office.history(approval) == [
        ("ask", "done", "the approver was asked"),
        ("approve", "wait", "not answered yet"),
        ("approve", "reject", "nobody answered within ten days"),
    ]
