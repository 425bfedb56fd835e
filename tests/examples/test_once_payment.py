"""The payment: made once, whatever becomes of the bank's reply."""

from pathlib import Path

import pytest
from example_office import Office

from examples import once_payment
from examples.once_payment import Bank, Payment
from process_manager import Registry, operations
from process_manager.actor import Actor
from process_manager.operations import Act

PAYLOAD = {"account": "DK50 0040", "amount": "1200.00"}


class LossyBank(Bank):
    """A bank that pays, and whose replies are lost; it may be away for a number of questions after that."""

    def __init__(self, folder: Path, *, away: int = 0) -> None:
        super().__init__(folder)
        self.away = away

    def pay(self, key: str, account: str, amount: str) -> str:
        super().pay(key, account, amount)
        raise TimeoutError("no reply within 30 s")

    def find(self, key: str) -> str | None:
        if self.away:
            self.away -= 1
            raise ConnectionError("the bank is closed")
        return super().find(key)


class DeafBank(Bank):
    """A bank whose line is down for the first payment, so that it never hears of it."""

    is_down = True

    def pay(self, key: str, account: str, amount: str) -> str:
        if self.is_down:
            self.is_down = False
            raise ConnectionError("no line")
        return super().pay(key, account, amount)


@pytest.fixture
def folder(office: Office) -> Path:
    """Where the bank keeps its receipts."""
    Path("bank").mkdir()
    return Path("bank")


def pay(office: Office, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the id of a payment that a worker has begun."""
    monkeypatch.setattr(once_payment, "bank", bank)
    process_id = office.start(Payment, PAYLOAD)
    office.work(Payment)
    return process_id


def test_a_payment_whose_reply_was_lost_is_found_and_not_made_again(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process_id = pay(office, LossyBank(folder), monkeypatch)

    assert office.history(process_id) == [
        ("pay", "done", "the bank has paid, receipt R-1"),
        ("book", "done", "receipt R-1 is booked"),
    ]
    assert len(list(folder.iterdir())) == 1


def test_a_payment_that_never_arrived_is_made_by_the_next_attempt(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process_id = pay(office, DeafBank(folder), monkeypatch)
    office.work(Payment, minutes=5)

    assert office.history(process_id) == [
        ("pay", "retry", "ConnectionError: no line"),
        ("pay", "done", "paid, receipt R-1"),
        ("book", "done", "receipt R-1 is booked"),
    ]


def test_when_the_bank_cannot_be_asked_a_person_decides(
    office: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process_id = pay(office, LossyBank(folder, away=3), monkeypatch)
    for _ in range(2):
        office.work(Payment, minutes=5)
    assert office.show(process_id).status == "uncertain"
    act = Act(Actor("Ada"), "seen in the bank's list")
    known = Registry([Payment])
    office.database.run(
        lambda it: operations.resolve(it, process_id, act, happened=True, registry=known, payload={"receipt": "R-1"})
    )
    office.work(Payment)

    doubt = "step 'pay' may or may not have happened: verify could not answer: ConnectionError: the bank is closed"
    assert office.history(process_id) == [
        ("pay", "doubt", f"TimeoutError: no reply within 30 s; {doubt}"),
        ("pay", "doubt", doubt),
        ("pay", "doubt", f"{doubt}; it was asked for the last time."),
        ("pay", "resolve", "It happened: seen in the bank's list"),
        ("book", "done", "receipt R-1 is booked"),
    ]
    assert len(list(folder.iterdir())) == 1
