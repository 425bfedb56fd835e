"""What becomes of a payload when a person changes it at some paths."""

from typing import Any

import pytest

from process_manager.errors import IllegalValue, NotJson, UsageError
from process_manager.lifecycle.payload_edit import PayloadChange, edited

PAYLOAD = {"invoice": 7, "contact": {"name": "Ada", "phone": None}, "rows": [{"amount": 1}, {"amount": 2}]}


def test_values_are_changed_added_and_removed_at_their_paths() -> None:
    edit = edited(PAYLOAD, {"contact.phone": "123", "rows.1.amount": 3, "note": {"by": "Bo"}}, ["contact.name"])

    assert edit.before == PAYLOAD
    assert edit.after == {
        "invoice": 7, "contact": {"phone": "123"}, "rows": [{"amount": 1}, {"amount": 3}], "note": {"by": "Bo"}
    }  # fmt: skip
    assert edit.changes() == [
        PayloadChange("contact.phone", "null", '"123"'),
        PayloadChange("rows.1.amount", "2", "3"),
        PayloadChange("note", None, '{"by":"Bo"}'),
        PayloadChange("contact.name", '"Ada"', None),
    ]


def test_the_payload_that_was_given_is_left_as_it_is() -> None:
    given: dict[str, Any] = {"a": {"b": [1]}}

    edited(given, {"a.b.0": 2})

    assert given == {"a": {"b": [1]}}


def test_a_value_that_was_there_is_no_change() -> None:
    edit = edited(PAYLOAD, {"invoice": 7, "contact.phone": None, "rows.0": {"amount": True}})

    assert edit.changes() == [PayloadChange("rows.0", '{"amount":1}', '{"amount":true}')]


def test_the_fragment_has_what_was_changed_where_it_stands_and_a_list_as_a_whole() -> None:
    edit = edited(PAYLOAD, {"invoice": 7, "contact.phone": "123", "rows.1.amount": 3, "a": {"a": 1}}, ["contact.name"])

    assert edit.fragment() == {
        "contact": {"phone": "123"}, "rows": [{"amount": 1}, {"amount": 3}], "a": {"a": 1}
    }  # fmt: skip


def test_what_may_not_be_seen_is_masked_and_a_difference_all_the_same() -> None:
    edit = edited(PAYLOAD, {"contact.phone": "123", "contact.name": "Bo"})

    shown = edit.changes(lambda payload: {**payload, "contact": "***"})

    assert shown == [PayloadChange("contact.phone", '"***"', '"***"'), PayloadChange("contact.name", '"***"', '"***"')]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("nothing.phone", "nothing"),
        ("contact.name.first", "first"),
        ("contact.phone.0", "0"),
        ("rows.2", "2"),
        ("rows.2.amount", "2"),
        ("rows.-1", "-1"),
        ("rows.first", "first"),
        ("rows.²", "²"),
    ],
)
def test_a_path_that_does_not_exist_is_refused_unless_an_object_is_above_it(path: str, part: str) -> None:
    with pytest.raises(IllegalValue) as refused:
        edited(PAYLOAD, {path: 1})

    assert f"path {path!r} does not exist: there is no {part!r} to change" in str(refused.value)


@pytest.mark.parametrize("path", ["note", "contact.age", "nothing.phone"])
def test_what_is_not_there_is_not_removed(path: str) -> None:
    with pytest.raises(IllegalValue, match="does not exist"):
        edited(PAYLOAD, {}, [path])


def test_an_element_of_a_list_is_not_removed() -> None:
    with pytest.raises(IllegalValue, match=r"'rows\.0' is an element of a list\. Set the list as a whole"):
        edited(PAYLOAD, {}, ["rows.0"])


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(IllegalValue, match=r"is none\. Write one such as"):
        edited(PAYLOAD, {path: 1})


@pytest.mark.parametrize(
    ("changes", "unset", "told"),
    [
        ({"contact": {}, "contact.name": "Bo"}, [], "There is 'contact' and 'contact.name', which lies in it"),
        ({"rows.0.amount": 1, "rows": [], "rowsize": 2}, [], "There is 'rows' and 'rows.0.amount'"),
        ({"invoice": 8}, ["invoice"], "There is 'invoice' twice"),
        ({}, [], "Nothing is to be changed"),
    ],
)
def test_two_paths_of_which_one_lies_in_the_other_are_refused(changes: Any, unset: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        edited(PAYLOAD, changes, unset)


def test_what_json_cannot_represent_is_refused_with_its_path() -> None:
    with pytest.raises(NotJson, match=r"contact\.phone\.x is a set"):
        edited(PAYLOAD, {"contact.phone": {"x": {1}}})


def test_what_is_nested_too_deeply_only_together_is_refused() -> None:
    deep: Any = 1
    for _ in range(99):
        deep = [deep]

    with pytest.raises(NotJson, match="nested more than 100 levels deep"):
        edited({"a": {"b": {}}}, {"a.b.c": deep})
