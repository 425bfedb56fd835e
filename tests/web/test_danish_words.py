"""One Danish word for each word of the engine, as the glossary has it, on every page."""

from __future__ import annotations

import re
from pathlib import Path

from tests.web.test_catalogue import PLACEHOLDER, messages

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
NAMED_AS_TYPED = "viewer, caseworker, operator"
"""The roles, as the command line takes them."""


def table() -> list[tuple[str, str, str]]:
    told = GLOSSARY.read_text("utf-8").partition("## The same words in Danish")[2]
    rows = [tuple(map(str.strip, line.strip("| ").split("|"))) for line in told.splitlines() if line.startswith("| ")]
    return [(here, danish, given_up) for here, danish, given_up in rows if here != "here"]


def test_a_word_of_the_engine_is_the_same_in_danish_in_every_sentence() -> None:
    said, wrong = list(messages("da")), []
    for here, danish, _given_up in table():
        word = re.compile(rf"\b({here.replace(', ', '|')})s?\b", re.IGNORECASE)
        found = [each for each in said if word.search(" ".join(each[1])) and NAMED_AS_TYPED not in each[0]]
        assert found, here
        wrong += [(here, theirs) for _, _, theirs in found if not all(danish in each.lower() for each in theirs)]

    assert wrong == []


def test_a_word_that_was_given_up_does_not_come_back() -> None:
    begins = re.compile("|".join(rf"\b{each}" for row in table() for each in row[2].split(", ")), re.IGNORECASE)

    assert begins.search("Bed den standse")
    said = [PLACEHOLDER.sub("", " ".join(theirs)) for _first, _english, theirs in messages("da")]
    assert [each for each in said if begins.search(each)] == []
