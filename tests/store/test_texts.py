"""What is taken as a text is stored by every database, whatever unit it counts in; what is not is refused by us."""

from __future__ import annotations

import pytest
from rig import get, history, odd, row, start, work

from process_manager import Done, Reject, serialization
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import IllegalValue

WIDE = ["😀", "𝒳", "a😀", "\U0010ffff"]

pytestmark = pytest.mark.every_database


@pytest.mark.parametrize("text", WIDE)
def test_a_step_that_says_much_in_wide_characters_is_recorded(database: Database, text: str) -> None:
    process = odd(lambda run: Done(text * 1500, {"said": text * 3000}))

    process_id = start(database, process)
    work(database, process)

    told = history(database, process_id)[0]
    assert (told.step, told.outcome) == ("do", "done")
    assert serialization.length(told.message) <= 2000
    assert told.message == serialization.clean(text * 1500)
    assert told.payload == {"said": text * 3000}


def test_a_business_error_in_wide_characters_is_recorded(database: Database) -> None:
    process = odd(lambda run: Reject("😀" * 1001, code="𝒳" * 51))

    process_id = start(database, process, actor=Actor("😀" * 101))
    work(database, process)

    told = history(database, process_id)[0]
    assert (told.outcome, get(database, process_id).status) == ("reject", "rejected")
    assert told.code is not None
    assert [serialization.length(each) <= limit for each, limit in ((told.code, 100), (told.message, 2000))] == [
        True,
        True,
    ]
    assert serialization.length(row(database, process_id)["created_by"]) <= 200


@pytest.mark.parametrize("what", ["reference", "order_key"])
def test_a_key_of_wide_characters_is_as_long_as_sql_server_has_room_for(database: Database, what: str) -> None:
    process_id = start(database, **{what: "😀" * 100})

    for too_long in ("😀" * 101, "a" + "😀" * 100, "x" * 201):
        with pytest.raises(IllegalValue, match=r"is empty, over 200 characters \(an emoji counts as two\)"):
            start(database, **{what: too_long})
    assert row(database, process_id)[what] == "😀" * 100


def test_a_channel_is_no_longer_than_every_database_has_room_for(database: Database) -> None:
    process_id = start(database, channel="k" * 100)

    with pytest.raises(IllegalValue, match=r"is empty, over 100 characters"):
        start(database, channel="k" * 101)
    assert row(database, process_id)["channel"] == "k" * 100


@pytest.mark.parametrize("what", ["reference", "order_key", "channel"])
def test_a_key_that_ends_in_a_blank_is_refused_and_any_other_blank_is_kept(database: Database, what: str) -> None:
    kept = [" a", "a b", "a\t", "a\u00a0"]

    for text in ("a ", "a  ", "æ "):
        with pytest.raises(IllegalValue, match=r"ends in a blank\. Leave off the blanks at its end\."):
            start(database, **{what: text})
    assert [row(database, start(database, **{what: text}))[what] for text in kept] == kept


def test_dedup_keys_that_differ_in_a_blank_at_the_end_are_kept_apart(database: Database) -> None:
    ids = [start(database, dedup_key=text) for text in ("k", "k ", "k  ", "k")]

    assert len(set(ids)) == 3
    assert ids[0] == ids[3]
