"""The approval: an invoice over the limit is sent once a person has said yes, and not before."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from example_office import Office

from examples.invoice_approval import InvoiceApproval
from process_manager import governance, inspection
from process_manager.actor import Actor, Role
from process_manager.errors import Forbidden
from process_manager.governance import Policies
from process_manager.governance.task_actions import AnswerTask
from process_manager.worker.task_sweep import TaskSweep

SENT = Path("outbox/4711.json")


@pytest.fixture(autouse=True)
def outbox(office: Office) -> None:
    SENT.parent.mkdir()


@pytest.fixture
def asked(office: Office) -> int:
    """An invoice of which it is asked whether it is approved."""
    process_id = office.start(InvoiceApproval, {"invoice": "4711", "amount": "12000.00"})
    office.work(InvoiceApproval)
    return process_id


def answer(office: Office, process_id: int, group: str = "economy", **given: str) -> None:
    """Answer as Bodil of a group."""
    bodil = Actor("bodil", is_person=True, way="page", role=Role.CASEWORKER, groups=frozenset({group}))
    with office.database.read() as connection:
        (task,) = inspection.tasks(connection).tasks
    governance.acting(office.database, bodil, AnswerTask(process_id, task.id, answer=given), policies=Policies())


def test_an_invoice_below_the_limit_is_sent_and_nobody_is_asked(office: Office) -> None:
    process_id = office.start(InvoiceApproval, {"invoice": "4711", "amount": "99.50"})
    office.work(InvoiceApproval)

    assert office.history(process_id) == [
        ("approve", "done", "not more than 10000: nobody is asked"),
        ("send", "done", "sent"),
    ]


def test_a_yes_sends_it(office: Office, asked: int) -> None:
    assert (office.show(asked).status, SENT.exists()) == ("waiting", False)

    answer(office, asked, decision="approve", note="agreed by phone with Ada")
    office.work(InvoiceApproval)

    assert office.history(asked) == [
        ("approve", "wait", "Approve invoice 4711 over 12000.00?"),
        ("approve", "answer", 'Approval: {"decision":"approve","note":"***"}'),
        ("approve", "done", "bodil said yes"),
        ("send", "done", "sent"),
    ]
    assert json.loads(SENT.read_text("utf-8"))["approved_by"] == "bodil"


def test_a_no_rejects_it(office: Office, asked: int) -> None:
    answer(office, asked, decision="refuse")
    office.work(InvoiceApproval)

    assert office.history(asked)[-1] == ("approve", "reject", "bodil said no")
    assert not SENT.exists()


def test_after_three_working_days_the_chief_is_asked_instead(office: Office, asked: int) -> None:
    office.clock.tick(timedelta(days=8))
    TaskSweep(office.database).look()

    with pytest.raises(Forbidden, match="it is asked of the group chief"):
        answer(office, asked, decision="approve")
    answer(office, asked, "chief", decision="approve")
    office.work(InvoiceApproval)

    assert office.show(asked).status == "succeeded"
