"""`bot`: what the API does to bots is done here, and refused for the same reasons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shop import Shop

from process_manager.cli.output import fields
from process_manager.governance import bots


def made(shop: Shop, *options: str) -> int:
    """The id of a new bot."""
    answer = shop.ask("bot", "add", "Send letters", "letter", *options)
    assert answer.code == 0, answer.err
    return int(answer.err.split(",")[0].removeprefix("Bot "))


def test_a_bot_is_made_shown_listed_and_removed(shop: Shop) -> None:
    answer = shop.ask("bot", "add", " Send letters ", "letter", "--description", "Sends one", "--disabled")
    assert (answer.code, answer.err) == (
        0, "Bot 1, 'Send letters', starts letter, though not while it is disabled.\n"
    )  # fmt: skip

    shown = shop.ask("bot", "show", 1, "-o", "json").json
    assert set(shown) == set(bots.Bot.__slots__)
    assert (shown["name"], shown["description"], shown["enabled"]) == ("Send letters", "Sends one", False)
    assert shop.ask("bot", "list", "-o", "json").json == [shown]
    assert shop.ask("bot", "list").out.split("\n")[1].split()[:3] == ["1", "Send", "letters"]

    assert shop.ask("bot", "remove", 1).err == "Bot 1, 'Send letters', is removed.\n"
    assert shop.ask("bot", "show", 1).code == 3


def test_what_is_given_of_a_bot_is_changed_and_the_rest_stays(shop: Shop, tmp_path: Path) -> None:
    bot_id = made(shop)
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"to": {"type": "string"}}), encoding="utf-8")

    answer = shop.ask("bot", "edit", bot_id, "--schema", f"@{schema}", "--defaults", '{"to": "Ada"}', "--version", 1)

    assert answer.err == f"Bot {bot_id}, 'Send letters', is version 2, and starts letter.\n"
    database = shop.database()
    with database.read() as connection:
        found = fields(bots.get(connection, bot_id))
    database.close()
    assert (found["parameter_schema"], found["default_parameters"]) == ({"to": {"type": "string"}}, {"to": "Ada"})


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["add", "Send letters", "letter"], 4, "There is a bot named 'Send letters' already."),
        (["add", "Other", "no-such"], 2, "script_identifier: "),
        (["add", "Other", "tidy"], 2, "it is a command, of which one is open at most"),
        (["add", " ", "letter"], 2, "name: it is empty"),
        (["add", "x" * 151, "letter"], 2, "name: it has more than 150 characters"),
        (["edit", "1"], 2, "Nothing is to be changed."),
        (["edit", "1", "--schema", "[1]"], 2, "--schema is no object."),
        (["edit", "1", "--schema", "{"], 2, "--schema is not JSON"),
        (["edit", "1", "--defaults", '{"no": 1}'], 2, "default_parameters.no: it is not known"),
        (["edit", "1", "--disabled", "--version", "7"], 4, "has been edited since it was looked at"),
        (["remove", "1", "--version", "7"], 4, "has been edited since it was looked at"),
        (["edit", "99", "--disabled"], 3, "There is no bot with id 99."),
    ],
)
def test_it_is_refused_as_the_api_refuses_it(shop: Shop, words: list[str], code: int, said: str) -> None:
    made(shop)

    answer = shop.ask("bot", *words)

    assert (answer.code, said in answer.err) == (code, True), answer


def test_who_may_not_make_bots_is_told_so_and_who_may_leaves_a_trace(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(shop, "--reason", "the office wants it")
    (act,) = shop.ask("audit", "list", "--act", "bot-create", "-o", "json").json
    assert (act["target"], act["reason"]) == ("Send letters", "the office wants it")

    monkeypatch.setenv("PROCESS_MANAGER_CONSOLE_ROLE", "caseworker")
    answer = shop.ask("bot", "add", "Other", "letter")

    assert (answer.code, "may not make bots" in answer.err) == (4, True), answer
