"""What a class declares for the people who look for its processes is checked when the class is made."""

from __future__ import annotations

from typing import Any

import pytest

from process_manager import Done, Process, StepRun
from process_manager.definition.presentation import PLAIN
from process_manager.errors import UsageError


def declared(**options: Any) -> type[Process]:
    def step(_self: Process, _run: StepRun) -> Done:
        return Done()

    return type("Bill", (Process,), {"STEPS": {"check": "step", "book": "step"}, "step": step, **options})


def test_a_class_that_declares_nothing_has_the_plain_presentation() -> None:
    assert declared().presentation == PLAIN


def test_what_is_declared_is_kept() -> None:
    found = declared(
        search=("number", "debtor.cvr", "number"),
        columns=("amount", "debtor.name"),
        personal=("debtor.name", "cpr"),
        personal_search=("cpr",),
        says={"book": "The invoice could not be sent."},
        restarts=3,
    ).presentation

    assert found.fields == {("number",), ("debtor", "cvr"), ("cpr",)}
    assert found.columns == (("amount",), ("debtor", "name"))
    assert (found.sentences, found.restarts) == ({"book": "The invoice could not be sent."}, 3)


def test_a_method_of_such_a_name_is_a_method() -> None:
    def search(_self: Process, _run: StepRun) -> Done:
        return Done()

    assert declared(search=search, columns=search, says=search, restarts=search).presentation == PLAIN


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"search": "number"}, 'search is a str, not a tuple. Write search = ("name",).'),
        ({"search": (7,)}, 'search has 7, which is no path. Write one as "number" or "debtor.cvr".'),
        ({"columns": ("a..b",)}, 'columns has \'a..b\', which is no path. Write one as "number" or "debtor.cvr".'),
        ({"search": ("rows.*",)}, "search has 'rows.*': a field is one value, and * stands for many. Name one."),
        (
            {"search": ("debtor.cpr",), "personal": ("debtor",)},
            "search has 'debtor.cpr', which is marked. Name it in personal_search instead.",
        ),
        (
            {"search": tuple("abcdefghijklmnopqrstu")},
            "search names too much. A process is found by at most 20 fields, each with a path of at most 100 "
            "characters.",
        ),
        ({"columns": tuple("abcdefg")}, "columns has 7 fields. A list shows at most 6."),
        ({"says": ("book",)}, 'says is a tuple, not a mapping. Write {"step": "A sentence."}.'),
        ({"says": {"bok": "No."}}, "says names 'bok', which is no step. Did you mean 'book'?"),
        ({"says": {"book": " "}}, "says has no sentence of 1 to 300 characters for 'book'. Write one."),
        ({"restarts": -1}, "restarts -1 is no whole number from 0. Write restarts = 3, or leave it out."),
        ({"restarts": True}, "restarts True is no whole number from 0. Write restarts = 3, or leave it out."),
    ],
)
def test_what_does_not_fit_is_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        declared(**options)

    assert str(refused.value).endswith(f"Bill: {problem}")
