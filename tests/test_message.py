"""A message: English text that knows what it is made of."""

from __future__ import annotations

import json
import pickle

import pytest

from process_manager import message
from process_manager.message import Message, numbered, opening


def test_as_text_it_is_english() -> None:
    found = Message("%(who)s waits for %(whom)s.", who="Ada", whom=Message("step %(step)s", step="book"))

    assert found == "Ada waits for step book."
    assert f"{found}" == str(found) == "Ada waits for step book."
    assert json.dumps([found]) == '["Ada waits for step book."]'
    assert hash(found) == hash("Ada waits for step book.")
    assert type(str(found)) is str


def test_it_survives_a_pickle_with_its_facts() -> None:
    made = opening(numbered("%(number)s thing", "%(number)s things", 2, more=Message("today")))

    found = pickle.loads(pickle.dumps(made))  # noqa: S301 - its own

    assert (found, found.template, found.many, found.number) == ("2 things", "%(number)s thing", "%(number)s things", 2)
    assert (found.facts["more"], found.facts["more"].template, found.is_opening) == ("today", "today", True)


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 things"), (1, "a thing"), (2, "2 things"), (1412, "1\u202f412 things")]
)
def test_a_number_has_its_form_and_is_in_groups(number: int, told: str) -> None:
    assert numbered("a thing", "%(number)s things", number) == told


@pytest.mark.parametrize(("number", "told"), [(1, "one"), (9, "nine"), (12, "twelve"), (13, "13"), (0, "none")])
def test_a_number_up_to_twelve_is_a_word_in_a_heading(number: int, told: str) -> None:
    assert message.spelled(number) == told


def test_what_begins_a_sentence_has_a_capital_letter() -> None:
    assert opening(Message("step %(step)s", step="book")) == "Step book"
    assert opening("“quoted”") == "“quoted”"
    assert opening("") == ""
