"""A value that is not to be shown is found in every way in which a text may write it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import pytest

from process_manager import serialization
from process_manager.redaction import redact_text
from process_manager.redaction.values import MOST, HiddenValues

NAME = 'Søren "Bo" O\'Neill & søn'

WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": str,
    "repr": repr,
    "ascii": ascii,
    "bytes": lambda text: repr(text.encode()),
    "JSON": json.dumps,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"name": text})),
    "HTML": html.escape,
    "path of a URL": quote,
    "query of a URL": lambda text: urlencode({"q": text}),
    "query with blanks": lambda text: quote(text, safe=""),
    "latin-1": lambda text: quote_plus(text, encoding="latin-1"),
    "upper case": str.upper,
    "lower case": str.lower,
    "dict": lambda text: str({"name": text}),
    "exception": lambda text: repr(KeyError(text)),
}


@pytest.mark.parametrize("way", sorted(WRITTEN))
def test_a_value_is_masked_however_it_is_written(way: str) -> None:
    text = f"before {WRITTEN[way](NAME)} after"

    shown = HiddenValues([NAME]).text(text)

    assert "***" in shown
    assert (shown[:7], shown[-6:]) == ("before ", " after")
    assert "ren" not in shown.lower()


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        (4711, "row 4711, 147110 and x4711y", "row ***, 147110 and x***y"),
        (52000.5, "it is 52000.5", "it is ***"),
        (52000.0, "it is 52000", "it is ***"),
        (123, "row 123", "row 123"),  # too short to be looked for
        ("abc", "abc", "abc"),
        ("  a  ", "  a  ", "  a  "),
        ("Holm", "HOLM, holm", "***, ***"),
        ("Ida", "Ida Holm", "Ida Holm"),
        ("4711", "147112", "1***2"),
        ("  Holm ", "Mr Holm.", "Mr ***."),
        ("a.c*", "abcd a.c*", "abcd ***"),
    ],
)
def test_a_text_and_a_number_are_masked_from_a_certain_length_on(value: str | float, text: str, shown: str) -> None:
    assert HiddenValues([value]).text(text) == shown


def test_of_two_values_that_begin_alike_nothing_is_left() -> None:
    assert HiddenValues(["Holm", "Holm Hansen"]).text("Holm Hansen") == "***"


@pytest.mark.parametrize("text", ["no. 17: Value 17 of 20", "x" * 20_000 + "value 999, VALUE 5"])
def test_one_of_many_values_is_masked(text: str) -> None:
    hidden = HiddenValues(f"value {number}" for number in range(MOST))

    assert hidden.text(text) in ("no. 17: *** of 20", "x" * 20_000 + "***, ***")


def test_a_value_is_found_where_a_personal_number_in_it_was_masked_already() -> None:
    value = "Ida Holm, 010190-1234, Oslo"

    assert HiddenValues([value]).text(redact_text(f"no {value}!")) == "no ***!"


def test_values_are_masked_at_any_depth() -> None:
    hidden = HiddenValues(["0101901234", "Holm", 4711])

    shown = hidden.value({"Holm": [{"n": 101901234, "m": 4711, "k": 12, "f": 4711.5}, ("x Holm", None, True)]})

    assert shown == {"***": [{"n": "***", "m": "***", "k": 12, "f": 4711.5}, ("x ***", None, True)]}


def test_what_is_no_json_is_kept_unless_a_value_is_in_it() -> None:
    hidden = HiddenValues(["Holm"])
    noon = datetime(2026, 11, 30, 12, tzinfo=UTC)

    assert hidden.value([noon, Path("to/Holm"), {"Bo"}]) == [noon, str(Path("to/***")), ["Bo"]]


@pytest.mark.parametrize("left", [3, 4, 9, 600])
def test_what_a_cut_leaves_of_a_value_is_masked(left: int) -> None:
    value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 40
    cut = f"say {value[:left]}{serialization.left_out(30)}{value[-left:]} end"

    shown = HiddenValues([value]).text(cut)

    expected = "***" if left >= 4 else None
    assert shown == f"say {expected or value[:left]}{serialization.left_out(30)}{expected or value[-left:]} end"


def test_a_message_that_was_shortened_shows_no_half_of_a_value() -> None:
    value = "0123456789" * 100
    stored = serialization.clean(f"{'x' * 900}{value}{'y' * 900}")

    shown = HiddenValues([value]).text(stored)

    assert "0123" not in shown
    assert "6789" not in shown


def test_where_there_are_too_many_values_or_nobody_knows_them_a_text_is_masked_as_a_whole() -> None:
    assert HiddenValues(f"value {number}" for number in range(MOST + 1)).text("harmless") == "***"
    assert HiddenValues(None).value({"a": "harmless", "b": 5}) == {"***": 5}


def test_without_values_nothing_is_masked() -> None:
    assert HiddenValues([]).value({"a": ["b", 4711]}) == {"a": ["b", 4711]}
