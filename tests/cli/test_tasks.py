"""Tasks from the command line: listed, shown, claimed, answered, handed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shop import Shop

pytestmark = pytest.mark.slow

HOME = "Ada Lovelace lives at 7 Main Street"


@pytest.fixture
def asked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> int:
    """A process that asks the group economy."""
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "asking_steps")
    process_id = shop.start("asks")
    assert shop.ask("work", process_id).code == 0
    return process_id


def listed(shop: Shop, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.ask("tasks", "list", *options, "-o", "json").json
    return found


def test_a_task_is_listed_shown_and_answered_and_its_process_goes_on(shop: Shop, asked: int) -> None:
    (found,) = listed(shop)
    assert (found["title"], found["group"], found["process_id"]) == ("Approve it?", "economy", asked)
    assert f"It waits for the group economy, which is asked in task {found['id']}." in shop.ask("show", asked).out
    assert "approved*, amount, note, channel" in shop.ask("tasks", "show", found["id"]).out

    done = shop.ask("tasks", "answer", found["id"], "--field", "approved=true", "--field", "amount=12")
    shop.ask("work", asked)

    assert (done.code, done.err) == (0, f"Task {found['id']} is answered: process {asked} goes on.\n")
    assert shop.show(asked, "status") == "succeeded"
    assert shop.show(asked, "payload")["amount"] == 12
    assert listed(shop) == []
    assert shop.ask("tasks", "show", found["id"], "-o", "json").json["answer"]["approved"] is True


def test_what_is_personal_comes_from_a_file_and_is_shown_nowhere(shop: Shop, asked: int) -> None:
    Path("answer.json").write_text(json.dumps({"approved": False, "note": HOME}), "utf-8")

    done = shop.ask("tasks", "answer", 1, "--json", "@answer.json")
    ran = shop.ask("work", asked)

    assert done.code == 0
    shown = [
        shop.ask(*words) for words in (["tasks", "show", 1], ["history", asked], ["show", asked], ["audit", "list"])
    ]
    assert HOME not in "".join(f"{each.out}{each.err}" for each in [done, ran, *shown])
    assert shop.history(asked, "outcome", "by")[1][0] == "answer"
    kept = [line for line in shop.content() if HOME in line]
    assert len(kept) == 1
    assert kept[0].startswith('INSERT INTO "tasks"')


def test_an_answer_that_does_not_fit_names_its_field_and_repeats_no_value(shop: Shop, asked: int) -> None:
    wrong = shop.ask("tasks", "answer", 1, "--json", json.dumps({"approved": HOME}))

    assert (wrong.code, HOME in wrong.err) == (2, False)
    assert "The answer to task 1 does not fit: approved: " in wrong.err
    assert shop.ask("tasks", "answer", 1).code == 2
    assert shop.ask("tasks", "answer", 1, "--json", "[]").code == 2
    assert shop.show(asked, "status") == "waiting"


def test_a_task_is_claimed_released_and_handed_over(shop: Shop, asked: int) -> None:
    assert shop.ask("tasks", "claim", 1).err == "Task 1 is yours.\n"
    assert shop.ask("tasks", "claim", 1).err == "Task 1 was yours already.\n"
    assert shop.ask("tasks", "release", 1).err == "Task 1 is free.\n"
    assert shop.ask("tasks", "release", 1).err == "Nobody had task 1: nothing has changed.\n"
    assert shop.ask("tasks", "reassign", 1, "--group", "chief").err == "Task 1 is asked of group 'chief'.\n"
    assert shop.ask("tasks", "reassign", 1, "--person", "bo").err == "Task 1 is asked of bo.\n"
    assert shop.ask("tasks", "reassign", 1).code == 2

    held = shop.ask("tasks", "answer", 1, "--field", "approved=true")

    assert (held.code, "Task 1 is claimed by bo." in held.err) == (6, True)
    assert shop.ask("tasks", "show", 9).code == 3


def test_whoever_is_of_no_group_sees_nothing_of_theirs_and_may_not_answer(
    shop: Shop, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_CONSOLE_GROUPS", "post")

    refused = shop.ask("tasks", "answer", 1, "--field", "approved=true")

    assert (refused.code, "it is asked of the group economy" in refused.err) == (4, True)
    assert (listed(shop, "--mine"), len(listed(shop)), len(listed(shop, "--group", "economy"))) == ([], 1, 1)
    assert listed(shop, "--overdue") == []
    assert len(listed(shop, "--status", "any", "--name", "asks")) == 1
    assert shop.show(asked, "status") == "waiting"


def test_users_and_tokens_are_of_groups(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_CONSOLE_ROLE", "admin")
    new = ["user", "add", "ada", "--role", "caseworker", "--group", "economy", "--without-password"]
    assert shop.ask(*new).code == 0
    changed = shop.ask("user", "groups", "ada", "post", "chief")
    token = shop.ask("token", "add", "robot", "--scope", "*:act", "--group", "economy")

    assert changed.err == "User 'ada' answers the tasks of chief, post now, from the next page or request on.\n"
    assert shop.ask("user", "groups", "ada").code == 2
    assert shop.ask("user", "list", "-o", "json").json[0]["groups"] == ["chief", "post"]
    assert (token.code, shop.ask("token", "list", "-o", "json").json[0]["groups"]) == (0, ["economy"])
    assert "answers the tasks of no group" in shop.ask("user", "groups", "ada", "--none").err
