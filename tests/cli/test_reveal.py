"""What is marked is shown to somebody who says why, and the audit chain keeps it before they see it."""

from contextlib import closing

import pytest
from canary_steps import canary, payload
from shop import Shop

from process_manager.store.audit_chain import audit

FIELD = canary("field")


@pytest.fixture(autouse=True)
def cases(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "canary_steps")
    shop.start("case", payload("done"), "--reference", canary("reference"))


def chain(shop: Shop) -> list[tuple[object, ...]]:
    with closing(shop.database()) as database, database.read() as connection:
        rows = connection.execute(audit.select().order_by(audit.c.number)).mappings()
        return [(each["act"], each["process_id"], each["reason"], each["result"]) for each in rows]


def test_show_reveals_for_a_reason_that_the_chain_keeps(shop: Shop) -> None:
    masked = shop.ask("show", 1, "-o", "json")
    revealed = shop.ask("show", 1, "--reveal", "--reason", "she asked what we hold", "-o", "json")

    assert (masked.json["payload"]["field"], masked.json["reference"]) == ("***", "***")
    assert (revealed.json["payload"]["field"], revealed.json["reference"]) == (FIELD, canary("reference"))
    assert chain(shop) == [("reveal", 1, "she asked what we hold", "done")]


def test_history_reveals_likewise(shop: Shop) -> None:
    shop.ask("work")

    masked = shop.ask("history", 1, "-o", "json").json
    revealed = shop.ask("history", 1, "--reveal", "--reason", "a complaint", "-o", "json").json

    assert masked[0]["message"] == "added ***"
    assert revealed[0]["message"] == f"added {canary('replaced')}"
    assert chain(shop) == [("reveal", 1, "a complaint", "done")]


def test_whoever_may_not_reveal_sees_nothing_and_the_chain_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_CONSOLE_ROLE", "viewer")

    answer = shop.ask("show", 1, "--reveal", "--reason", "I am curious")

    assert (answer.code, answer.out) == (4, "")
    assert "viewer" in answer.err
    assert chain(shop) == [("reveal", 1, "I am curious", "refused")]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--reveal"], "--reveal wants --reason"),
        (["--reason", "because"], "--reason goes with --reveal"),
        (["--reveal", "--reason", " "], "reveal needs a reason"),
    ],
)
@pytest.mark.parametrize("command", ["show", "history"])
def test_nothing_is_revealed_without_a_reason(shop: Shop, command: str, options: list[str], problem: str) -> None:
    answer = shop.ask(command, 1, *options)

    assert (answer.code, answer.out) == (2, "")
    assert problem in answer.err
