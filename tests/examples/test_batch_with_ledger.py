"""The batch: interrupted anywhere, it takes each row once."""

import json
from pathlib import Path

import pytest
from example_office import Office

from examples import batch_with_ledger
from examples.batch_with_ledger import Newsletter
from process_manager import Registry, operations
from process_manager.actor import Actor
from process_manager.operations import Act

MEMBERS = ["ida@example.org", "bo@example.org", "kim@example.org", "eva@example.org", "ole@example.org"]


@pytest.fixture
def post(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses to which a letter was sent, in order; portions have two."""
    sent: list[str] = []
    send = batch_with_ledger.send

    def post(address: str, *, key: str) -> None:
        if address == "eva@example.org" and not Path("open").exists():
            raise ConnectionError("the post is closed")
        send(address, key=key)
        sent.append(address)

    Path("sent").mkdir()
    members(MEMBERS)
    monkeypatch.setattr(batch_with_ledger, "PORTION", 2)
    monkeypatch.setattr(batch_with_ledger, "send", post)
    return sent


def members(addresses: list[str]) -> None:
    """Write the list of members."""
    Path("members.json").write_text(json.dumps(addresses), encoding="utf-8")


def run(office: Office) -> int:
    """Return the id of the process that sends the newsletter, once a worker has run it."""
    known = Registry([Newsletter])
    process_id = office.database.run(
        lambda it: operations.run_command(it, "newsletter", registry=known, actor=Actor("cron"))
    )
    office.work(Newsletter)
    return process_id


def test_a_batch_that_broke_goes_on_at_its_portion(office: Office, post: list[str]) -> None:
    process_id = run(office)
    Path("open").touch()
    office.work(Newsletter, minutes=5)

    assert office.history(process_id) == [
        ("choose", "done", "5 members chosen"),
        ("send", "retry", "ConnectionError: the post is closed"),
        ("send", "done", "3 letters sent"),
    ]
    assert post == [*MEMBERS[:3], "kim@example.org", *MEMBERS[3:]]  # kim's portion again, under the same key
    assert len(list(Path("sent").iterdir())) == 5


def test_the_next_batch_has_only_those_who_came_since(office: Office, post: list[str]) -> None:
    Path("open").touch()
    run(office)
    members([*MEMBERS, "new@example.org"])
    second = run(office)
    third = run(office)

    assert office.history(second) == [("choose", "done", "1 members chosen"), ("send", "done", "1 letters sent")]
    assert office.history(third) == [("choose", "skip", "every member has had it")]
    assert post == [*MEMBERS, "new@example.org"]


def test_what_an_abandoned_batch_left_is_taken_over_by_the_next(office: Office, post: list[str]) -> None:
    first = run(office)
    office.database.run(
        lambda connection: operations.abandon(connection, first, Act(Actor("Ada"), "the post is closed"))
    )
    Path("open").touch()
    second = run(office)

    assert office.history(first) == [
        ("choose", "done", "5 members chosen"),
        ("send", "retry", "ConnectionError: the post is closed"),
        ("send", "abandon", "the post is closed"),
    ]
    assert office.history(second) == [("choose", "done", "3 members chosen"), ("send", "done", "3 letters sent")]
    assert len(list(Path("sent").iterdir())) == 5
