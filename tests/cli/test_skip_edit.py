"""`skip-step` and `edit-payload`: what a person leaves out, and what they correct."""

from pathlib import Path

import pytest
from shop import Shop

CASES = '''
from typing import Annotated

from pydantic import BaseModel

from process_manager import Done, Personal, Process, StepRun


class CaseFacts(BaseModel):
    phone: Annotated[str, Personal]
    number: int


class Case(Process):
    """A case with a phone number."""

    parameters = CaseFacts
    STEPS = {"look": "look", "call": "call"}

    def look(self, run: StepRun) -> Done:
        return Done()

    def call(self, run: StepRun) -> Done:
        return Done()
'''


@pytest.fixture
def case(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A case (1) that is due at its first step."""
    Path("office_cases").mkdir()
    Path("office_cases/__init__.py").write_text(CASES, "utf-8")
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "office_cases")
    shop.start("case", {"phone": "20304050", "number": 7})
    return shop


def test_a_step_is_left_out_with_a_reason(case: Shop) -> None:
    answer = case.ask("skip-step", 1, "--reason", "it was looked up by hand")

    assert (answer.code, answer.out) == (0, "")
    assert "Process 1 goes on without that step" in answer.err
    assert case.show(1, "status", "step", "round") == ("pending", "call", 2)
    assert case.history(1, "outcome", "step", "message") == [("skip-step", "look", "it was looked up by hand")]


def test_the_differences_of_an_edit_are_shown_and_what_is_personal_is_not(case: Shop) -> None:
    words = ["--set", 'phone="11223344"', "--set", "number=8", "--set", 'seen={"by": ["Bo"]}', "--reason", "she called"]

    answer = case.ask("edit-payload", 1, *words)

    assert answer.code == 0
    assert [line.split() for line in answer.out.splitlines()] == [
        ["path", "before", "after"], ["phone", '"***"', '"***"'], ["number", "7", "8"], ["seen", '{"by":["Bo"]}']
    ]  # fmt: skip
    assert "Process 1 has this payload now, and stays where it is: pending." in answer.err
    assert case.show(1, "payload") == {"phone": "***", "number": 8, "seen": {"by": ["Bo"]}}
    (told,) = case.history(1, "outcome", "message", "payload")
    assert told == ("edit-payload", "phone, number, seen changed: she called", {
        "phone": "***", "number": 8, "seen": {"by": ["Bo"]}
    })  # fmt: skip
    assert "11223344" not in answer.out + answer.err


def test_a_dry_run_shows_the_differences_and_changes_nothing(case: Shop) -> None:
    before = case.content()

    answer = case.ask("edit-payload", 1, "--set", "number=8", "--dry-run", "--reason", "x", "-o", "json")

    assert (answer.code, answer.json) == (0, [{"path": "number", "before": "7", "after": "8"}])
    assert "Nothing was changed" in answer.err
    assert case.content() == before


def test_what_an_edit_removes_has_nothing_afterwards(case: Shop) -> None:
    case.ask("edit-payload", 1, "--set", "a.b=1", "--set", "note=so, so", "--reason", "x")
    case.ask("edit-payload", 1, "--set", "note=so, so", "--reason", "x")

    answer = case.ask("edit-payload", 1, "--unset", "note", "--reason", "x", "-o", "json")

    assert answer.json == [{"path": "note", "before": '"so, so"', "after": None}]
    assert case.show(1, "payload") == {"phone": "***", "number": 7}


def test_the_audit_chain_has_the_differences_of_an_edit_and_no_marked_value(case: Shop) -> None:
    case.ask("edit-payload", 1, "--set", 'phone="11223344"', "--reason", "she called")

    with case.database().read() as connection:
        rows = [dict(row) for row in connection.exec_driver_sql("SELECT * FROM audit").mappings()]
    (row,) = rows
    assert (row["act"], row["process_id"], row["reason"]) == ("edit-payload", 1, "she called")
    assert '"payload":{"phone":"\\"***\\""}' in row["after"]
    assert not any(number in str(row) for number in ("11223344", "20304050"))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["skip-step", "1"], 2, "Missing option '--reason'"),
        (["skip-step", "1", "--reason", " "], 2, "--reason is empty"),
        (["skip-step", "99", "--reason", "x"], 3, "There is no process with id 99"),
        (["edit-payload", "1", "--set", "number=8"], 2, "Missing option '--reason'"),
        (["edit-payload", "1", "--set", "number=8", "--reason", " "], 2, "--reason is empty"),
        (["edit-payload", "1", "--reason", "x"], 2, "Nothing is to be changed"),
        (["edit-payload", "1", "--set", "number", "--reason", "x"], 2, "A --set has no ="),
        (["edit-payload", "1", "--set", "n=1", "--set", "n=2", "--reason", "x"], 2, "--set names 'n' twice"),
        (["edit-payload", "1", "--set", "number=7", "--reason", "x"], 2, "is so already"),
        (["edit-payload", "1", "--set", "number=x", "--reason", "x"], 2, "number: Input should be a valid integer"),
        (["edit-payload", "1", "--set", "number.x=1", "--reason", "x"], 2, "there is no 'x' to change"),
        (["edit-payload", "1", "--set", "n=NaN", "--reason", "x"], 2, "n is NaN, which JSON cannot represent"),
        (["edit-payload", "1", "--set", 'n={"a":1,"a":2}', "--reason", "x"], 2, "a is given twice"),
        (["edit-payload", "1", "--set", f"n={'[' * 100_000}", "--reason", "x"], 2, "nested too deeply"),
        (["edit-payload", "99", "--set", "number=8", "--reason", "x"], 3, "There is no process with id 99"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(case: Shop, words: list[str], code: int, said: str) -> None:
    before = case.content()

    answer = case.ask(*words)

    assert answer.code == code
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1
    assert case.content() == before
