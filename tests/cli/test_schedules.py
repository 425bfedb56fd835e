"""Schedules on the command line."""

from __future__ import annotations

import json

import pytest
from shop import Shop

MADE = ("schedule", "add", "post", "letter", "--cron", "0 6 * * mon-fri", "--zone", "Europe/Copenhagen")


def test_a_schedule_is_made_listed_run_paused_and_removed(shop: Shop) -> None:
    made = shop.ask(*MADE, "--payload", "{}", "--missed", "none", "--jitter", "5m", "--holidays", "DK")
    listed = json.loads(shop.ask("schedule", "list", "-o", "json").out)
    slots = json.loads(shop.ask("schedule", "next", "post", "--count", "3", "-o", "json").out)
    run = shop.ask("schedule", "run", "post")
    paused = shop.ask("schedule", "pause", "post", "--reason", "SAP is closed")
    resumed = shop.ask("schedule", "resume", "post")
    removed = shop.ask("schedule", "remove", "post")

    assert (made.code, made.err) == (
        0,
        "Schedule 'post' starts letter by the clock of Europe/Copenhagen; `schedule next post` shows when.\n",
    )
    assert [(each["name"], each["rule"], each["missed"]) for each in listed] == [("post", "0 6 * * mon-fri", "none")]
    assert [each["local"][11:16] for each in slots] == ["06:00"] * 3
    assert (run.code, run.out) == (0, "1\n")
    assert (paused.code, resumed.code, removed.code) == (0, 0, 0)
    assert json.loads(shop.ask("schedule", "list", "-o", "json").out) == []


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--cron", "0 26 * * *"), 2, "is wrong in field 2, the hour: '26' is not understood"),
        (("--cron", "0 6 * * *", "--at", "2099-01-01T08:00"), 2, "is not said once"),
        (("--at", "2020-01-01T08:00"), 2, "is over. Give one that is to come."),
        (("--at", "2099-01-01T08:00", "--working-days", "next"), 2, "are for cron texts"),
        (("--cron", "0 6 * * *", "--missed", "some"), 2, "missed 'some' is not known"),
    ],
)
def test_what_is_wrong_is_told(shop: Shop, options: tuple[str, ...], code: int, told: str) -> None:
    answer = shop.ask("schedule", "add", "post", "letter", *options)

    assert answer.code == code
    assert told in answer.err


def test_one_that_is_not_there_is_told(shop: Shop) -> None:
    shop.ask(*MADE)
    answer = shop.ask("schedule", "pause", "pots")

    assert (answer.code, "There is no schedule 'pots'." in answer.err) == (3, True)
