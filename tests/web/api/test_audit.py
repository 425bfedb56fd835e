"""The audit chain by the API: read page by page, masked, and checked against what was noted."""

from __future__ import annotations

from typing import Any

import pytest
from api_caller import Caller, Letter, basic
from fastapi import FastAPI
from rig import execute, start
from web_visitor import add_user

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.governance import passwords

PASSWORD = "a long pass phrase"  # noqa: S105 - of a user that only a test has
CPR = "010190-1234"


@pytest.fixture
def operator(app: FastAPI, database: Database) -> Caller:
    """An operator, who may read the chain, after five acts; the first row is that they came in."""
    add_user(database, "ada", Role.OPERATOR, password_hash=passwords.hashed(PASSWORD, of="ada"))
    caller = Caller(app, basic("ada", PASSWORD))
    for number in range(3):
        caller.post(f"/processes/{start(database)}/abandon", {"reason": f"a double of {number}"})
    letter = start(database, Letter, {"cpr": CPR})
    caller.post(f"/processes/{letter}/abandon", {"reason": f"{CPR} has moved"})
    caller.post("/processes/1/abandon", {"reason": "again"})
    return caller


def test_the_chain_is_read_page_by_page(operator: Caller) -> None:
    first = operator.get("/audit", limit=4).json()
    second = operator.get("/audit", limit=4, below=first["next_below"]).json()

    assert [each["number"] for each in first["items"]] == [6, 5, 4, 3]
    assert ([each["number"] for each in second["items"]], second["next_below"]) == ([2, 1], None)
    assert [each["act"] for each in second["items"]] == ["abandon", "sign-in"]


def test_the_chain_is_asked_by_who_what_and_how_it_ended(operator: Caller) -> None:
    def numbers(**query: Any) -> list[int]:
        return [each["number"] for each in operator.get("/audit", **query).json()["items"]]

    assert numbers(result="refused") == [6]
    assert numbers(process_id=2) == [3]
    assert numbers(name="letter") == [5]
    assert numbers(actor="bo") == []
    assert numbers(act="sign-in", since="2020-01-01T00:00:00Z") == [1]
    assert numbers(until="2020-01-01T00:00:00Z") == []


def test_what_is_personal_is_masked_in_a_reason(operator: Caller) -> None:
    answer = operator.get("/audit", name="letter")

    assert answer.json()["items"][0]["reason"] == "*** has moved"
    assert CPR not in answer.text


def test_a_chain_that_is_sound_gives_a_note_and_one_that_was_changed_none(operator: Caller, database: Database) -> None:
    sound = operator.get("/audit/verify").json()
    again = operator.get("/audit/verify", most=2, noted=[sound["note"]]).json()
    execute(database, "UPDATE audit SET reason = 'nothing' WHERE number = 4")
    changed = operator.get("/audit/verify", noted=[f"5:{'0' * 64}"]).json()

    assert (sound["first"], sound["newest"], sound["flaws"]) == (1, 6, [])
    assert (again["first"], again["note"]) == (5, sound["note"])
    assert (changed["note"], [(each["what"], each["first"]) for each in changed["flaws"]]) == (
        None,
        [("altered", 4), ("noted", 5)],
    )
    assert operator.get("/audit/verify", noted=["5:x"]).status_code == 422
