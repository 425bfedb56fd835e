import ast
import base64
import json
import math
import re
from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from process_manager import serialization
from process_manager.errors import NotJson


class Colour(Enum):
    RED = "red"


class Word(StrEnum):
    RED = "red"


class Number(IntEnum):
    ONE = 1


class Row(NamedTuple):
    id: int
    name: str


class Opaque:
    def __str__(self) -> str:
        raise RuntimeError("no text of it")


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("not even its repr works")


REPLACED = re.compile("[\x00\ud800-\udfff]")
ENDLESS = 10**5000
any_text = st.text(st.characters())  # NUL and lone surrogates among them
atoms = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text
values = st.recursive(atoms, lambda part: st.lists(part) | st.dictionaries(any_text, part), max_leaves=20)
misfits = st.sampled_from(
    [
        math.nan,
        math.inf,
        -math.inf,
        b"x",
        {1},
        Decimal(1),
        datetime(2026, 1, 1, tzinfo=UTC),
        date(2026, 1, 1),
        Colour.RED,
        Word.RED,
        Number.ONE,
        Opaque(),
        object,
        1j,
    ]
) | st.none().map(lambda _: ENDLESS)  # mapped, for its repr would fail when a strategy is shown


def cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return REPLACED.sub("\ufffd", value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(part) for key, part in value.items()}
    return [cleaned(part) for part in value] if isinstance(value, list) else value


def refusal(value: object) -> str:
    with pytest.raises(NotJson) as refused:
        serialization.check(value)
    with pytest.raises(NotJson) as refused_too:
        serialization.dumps(value)
    assert str(refused.value) == str(refused_too.value)
    return str(refused.value)


@given(values)
def test_every_json_value_comes_back_exactly_but_for_nul_and_lone_surrogates(value: Any) -> None:
    back = serialization.loads(serialization.dumps(value))

    assert repr(back) == repr(cleaned(value))  # repr tells 1 from True and 1.0, and 0.0 from -0.0


@given(values)
def test_what_is_written_is_utf8_without_nul(value: Any) -> None:
    text = serialization.dumps(value)

    assert b"\0" not in text.encode("utf-8")
    assert "\0" not in json.dumps(serialization.loads(text), ensure_ascii=False).replace("\\\\", "")
    assert not REPLACED.search("".join(strings(serialization.loads(text))))


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    return [text for part in value for text in strings(part)] if isinstance(value, list) else []


@given(st.lists(st.integers(0, 3) | st.text("ab c.'[]\"æ", max_size=5), max_size=8), misfits)
def test_every_other_value_is_refused_with_the_path_that_leads_to_it(way: list[int | str], misfit: object) -> None:
    value: Any = misfit
    for turn in reversed(way):
        value = [0] * turn + [value] if isinstance(turn, int) else {"before": 1, turn: value, "after": 1}

    message = refusal({"facts": value})

    assert follow(message.split(" is ")[0], {"facts": value}) is misfit


def follow(path: str, value: Any) -> Any:
    """What stands at the path: names after dots, Python literals in brackets."""
    rest = path.removeprefix("payload")
    while rest:
        if rest[0] == ".":
            name = re.match(r"\.(\w+)", rest)
            assert name is not None
            value, rest = value[name[1]], rest[name.end() :]
        else:
            literal = re.match(r"\[(\d+|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\]", rest)
            assert literal is not None, rest
            value, rest = value[ast.literal_eval(literal[1])], rest[literal.end() :]
    return value


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            {"rows": [1, 2, 3, {"amount": math.nan}]},
            "payload.rows[3].amount is NaN, which JSON cannot represent. Pass None, or leave it out.",
        ),
        ({"a": -math.inf}, "payload.a is -Infinity, which JSON cannot represent. Pass None, or leave it out."),
        (
            {"sendt den": datetime(2026, 1, 1, tzinfo=UTC)},
            "payload['sendt den'] is a datetime, which JSON cannot represent. Pass .isoformat() of it.",
        ),
        ({"a": b"x"}, "payload.a is bytes, which JSON cannot represent. Decode it to text, or pass base64 of it."),
        ({"a": Decimal(1)}, "payload.a is a Decimal, which JSON cannot represent. Pass str() of it."),
        ({"a": {1}}, "payload.a is a set, which JSON cannot represent. Pass a list of it."),
        ({"a": MappingProxyType({})}, "payload.a is a mappingproxy, which JSON cannot represent. Pass dict() of it."),
        ({"a": Word.RED}, "payload.a is a Word, which JSON cannot represent. Pass its .value."),
        ({"a": Opaque()}, "payload.a is an Opaque, which JSON cannot represent. Pass text, numbers, lists and dicts."),
        ({3: "x"}, "payload[3] is under a key that is an int, which JSON cannot represent. Use text as the key."),
        (
            {"a": {(1, 2): 1}},
            "payload.a[(1, 2)] is under a key that is a tuple, which JSON cannot represent. Use text as the key.",
        ),
        (
            {Word.RED: 1},
            "payload[<Word.RED: 'red'>] is under a key that is a Word, "
            "which JSON cannot represent. Use text as the key.",
        ),
        (
            {"a": 10**4300},
            "payload.a is an integer of more than 4,300 digits, which JSON cannot represent. Pass it as text in hex().",
        ),
        (math.nan, "payload is NaN, which JSON cannot represent. Pass None, or leave it out."),
    ],
)
def test_a_refusal_says_where_what_and_what_to_do(value: object, sentence: str) -> None:
    assert refusal(value) == sentence


def test_a_circle_is_refused() -> None:
    circle: dict[str, Any] = {"a": []}
    circle["a"].append(circle)

    assert refusal(circle) == (
        "payload.a[0] is a part of itself, which JSON cannot represent. Remove the circular reference."
    )


def test_a_hundred_levels_are_carried_and_one_more_is_refused() -> None:
    deepest: list[Any] = []
    for _ in range(serialization.MAX_DEPTH - 1):
        deepest = [deepest]

    assert serialization.loads(serialization.dumps(deepest)) == deepest
    assert refusal([deepest]) == (
        f"payload{'[0]' * 100} is nested more than 100 levels deep, which JSON cannot represent. Flatten it."
    )


def test_the_path_starts_with_the_name_the_caller_gives() -> None:
    with pytest.raises(NotJson, match=r"^Done\(payload=…\)\.a is NaN"):
        serialization.dumps({"a": math.nan}, path="Done(payload=…)")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"navn": "Ærø", "antal": 2**53 + 1}, '{"navn":"Ærø","antal":9007199254740993}'),
        ({"a": (1, 2)}, '{"a":[1,2]}'),
        (OrderedDict(a=Row(1, "x")), '{"a":[1,"x"]}'),
        (MappingProxyType({"a": None}), '{"a":null}'),
        ({"a\0": "b\ud800c"}, '{"a\ufffd":"b\ufffdc"}'),
        ({"spelled": "\\u0000"}, r'{"spelled":"\\u0000"}'),
        ({"line": "a\u2028b\n"}, '{"line":"a\u2028b\\n"}'),
        ({}, "{}"),
    ],
)
def test_facts_are_written_compact_and_readable(value: object, text: str) -> None:
    assert serialization.dumps(value) == text


def test_the_hints_for_bytes_and_datetimes_are_carried() -> None:
    serialization.check({"file": base64.b64encode(b"\0").decode(), "at": datetime(2026, 1, 1, tzinfo=UTC).isoformat()})


@given(any_text, st.integers(40, 200))
def test_a_cleaned_message_is_storable_and_never_longer_than_its_limit(text: str, limit: int) -> None:
    message = serialization.clean(text * 10, limit)

    assert serialization.length(message) <= limit
    assert not REPLACED.search(message)


def test_what_counts_two_is_counted_as_two_and_never_torn_apart() -> None:
    assert (
        serialization.length("a"),
        serialization.length("å"),
        serialization.length("😀"),
        serialization.length("\ud83d"),
    ) == (1, 1, 2, 1)
    assert serialization.clean("😀" * 1000) == "😀" * 1000
    assert serialization.clean("😀" * 1001) == "😀" * 656 + " … 17 characters left out … " + "😀" * 328
    assert serialization.clean("a" + "😀" * 20, 10) == "a" + "😀" * 4


def test_a_message_within_the_limit_stays_as_it_is() -> None:
    assert serialization.clean("41 rækker – klar\n" + "x" * 1900) == "41 rækker – klar\n" + "x" * 1900


def test_a_long_message_keeps_head_and_tail_and_says_what_is_missing() -> None:
    message = serialization.clean("HEAD" + "\0" * 9_992 + "TAIL")

    assert message == "HEAD" + "\ufffd" * 1308 + " … 8031 characters left out … " + "\ufffd" * 653 + "TAIL"
    assert len(message) == 1999


@pytest.mark.parametrize(
    ("said", "stored"), [(None, ""), (41, "41"), (Opaque(), "<Opaque, whose text raised RuntimeError>"), (b"x", "b'x'")]
)
def test_a_message_that_is_no_text_is_stored_as_what_it_says_of_itself(said: object, stored: str) -> None:
    assert serialization.clean(said) == stored


@pytest.mark.slow
@given(st.recursive(misfits | atoms, lambda part: st.lists(part) | st.dictionaries(any_text | st.integers(), part)))
def test_evidence_is_never_refused(value: Any) -> None:
    serialization.loads(serialization.evidence(value)).__repr__().encode("utf-8")


def test_evidence_that_json_cannot_carry_is_stored_as_text() -> None:
    circle: dict[str, Any] = {"amount": Decimal("1.50"), "file": b"\xff", "rate": math.nan, 3: Opaque()}
    circle.update({"again": circle, "and again": [circle]})

    assert serialization.loads(serialization.evidence(circle)) == {
        "amount": "1.50",
        "file": "\ufffd",
        "rate": "nan",
        "3": "<Opaque, whose text raised RuntimeError>",
        "again": "…",
        "and again": ["…"],
    }


def test_evidence_beyond_what_can_be_written_in_decimals_is_kept_in_hex() -> None:
    assert serialization.loads(serialization.evidence({ENDLESS: ENDLESS})) == {
        "<int, whose text raised ValueError>": hex(ENDLESS),
    }
