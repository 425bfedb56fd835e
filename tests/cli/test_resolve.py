"""`resolve-process`: what a person says of a step that may or may not have happened."""

import json
import re

import pytest
from shop import Shop


@pytest.fixture
def doubted(shop: Shop) -> Shop:
    """A process of which nobody knows whether its first step happened (1), and one that is done (2)."""
    shop.start("posting", {"invoice": 7})
    shop.start("letter")
    assert shop.ask("work").code == 0
    return shop


def test_what_happened_is_said_with_what_the_step_would_have_answered(doubted: Shop) -> None:
    answer = doubted.ask(
        "resolve-process", 1, "--happened", "--payload", '{"number": "Å-4711"}', "--reason", "the bank has it"
    )

    assert (answer.code, answer.out) == (0, "")
    assert "Process 1 goes on after its step" in answer.err
    assert doubted.show(1, "status", "step") == ("pending", "tell")
    assert doubted.show(1, "payload") == {"invoice": 7, "number": "Å-4711"}
    outcome, message, by = doubted.history(1, "outcome", "message", "by")[-1]
    assert (outcome, message, "@" in by) == ("resolve", "It happened: the bank has it", True)


def test_what_did_not_happen_runs_again(doubted: Shop) -> None:
    answer = doubted.ask("resolve-process", 1, "--did-not-happen", "--reason", "the bank has nothing")

    assert (answer.code, answer.out) == (0, "")
    assert doubted.show(1, "status", "step", "round") == ("pending", "post", 2)


def test_a_payload_may_come_from_a_file(doubted: Shop) -> None:
    (doubted.folder / "answer.json").write_text(json.dumps({"number": 1}), "utf-8")

    answer = doubted.ask("resolve-process", 1, "--happened", "--payload", "@answer.json", "--reason", "x")

    assert answer.code == 0
    assert doubted.show(1, "payload")["number"] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["1", "--reason", "x"], 2, "Give one of --happened and --did-not-happen"),
        (["1", "--happened", "--did-not-happen", "--reason", "x"], 2, "Give one of --happened and --did-not-happen"),
        (["1", "--happened"], 2, "Missing option '--reason'"),
        (["1", "--happened", "--reason", " "], 2, "--reason is empty"),
        (["1", "--did-not-happen", "--payload", "{}", "--reason", "x"], 2, "it goes with --happened"),
        (["1", "--happened", "--payload", "[1]", "--reason", "x"], 2, "--payload is no JSON object"),
        (["1", "--happened", "--payload", "null", "--reason", "x"], 2, "--payload is no JSON object"),
        (["1", "--happened", "--payload", "{", "--reason", "x"], 2, "--payload is not JSON"),
        (["x", "--happened", "--reason", "x"], 2, "'x' is no id"),
        (["99", "--happened", "--reason", "x"], 3, "There is no process with id 99"),
        (["2", "--happened", "--reason", "x"], 4, "Process 2 has succeeded: .*rerun-process 2"),
    ],
)
def test_what_cannot_be_said_is_refused_and_changes_nothing(
    doubted: Shop, words: list[str], code: int, said: str
) -> None:
    before = doubted.content()

    answer = doubted.ask("resolve-process", *words)

    assert (answer.code, answer.out) == (code, "")
    assert re.search(said, answer.err), answer.err
    assert doubted.content() == before


def test_whoever_looks_at_an_uncertain_process_or_acts_on_it_is_told_the_command(doubted: Shop) -> None:
    asked = [
        doubted.ask("show", 1),
        doubted.ask("restart-process", 1),
        doubted.ask("work", 1),
    ]

    assert [answer.code for answer in asked] == [0, 4, 4]
    for answer in asked:
        assert "resolve-process 1 --happened" in " ".join((answer.out + answer.err).split())


def test_work_on_a_process_that_ends_in_doubt_ends_with_1(shop: Shop) -> None:
    process_id = shop.start("posting", {"invoice": 7})

    assert shop.ask("work", process_id).code == 1
