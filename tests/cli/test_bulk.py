"""Restarting and giving up many: each in a transaction of its own, with a row that says how it went."""

import io
import sys
from contextlib import redirect_stderr

import pytest
from shop import Shop

from process_manager.cli import progress


@pytest.fixture
def fires(shop: Shop) -> Shop:
    """Three failed processes (1 to 3), one that waits (4) and one that is done (5)."""
    for name in ("broken", "broken", "broken", "resting", "letter"):
        shop.start(name)
    shop.ask("work")
    return shop


def statuses(shop: Shop) -> list[str]:
    return [row["status"] for row in reversed(shop.ask("list", "-o", "json").json)]


BEFORE = ["failed", "failed", "failed", "waiting", "succeeded"]


def test_all_that_match_are_restarted_with_a_row_for_each(fires: Shop) -> None:
    words = [
        "restart-process",
        "--where",
        "status=failed",
        "--where",
        "name=broken",
        "--yes",
        "--reason",
        "SAP is back",
    ]

    answer = fires.ask(*words, "-o", "json")

    assert (answer.code, answer.err) == (0, "3 restarted.\n")
    assert answer.json == [{"id": number, "result": "restarted", "message": ""} for number in (1, 2, 3)]
    assert statuses(fires) == ["pending", "pending", "pending", "waiting", "succeeded"]
    assert fires.history(2, "round", "outcome", "message")[-1] == (2, "restart", "SAP is back")


def test_several_conditions_may_stand_in_one_where(fires: Shop) -> None:
    where = "status=failed,rejected name=broken error=the printer is older-than=0s"

    answer = fires.ask("abandon-process", "--where", where, "--yes", "--reason", "no use", "-o", "csv")

    assert answer.out == "id,result,message\n1,abandoned,\n2,abandoned,\n3,abandoned,\n"
    assert statuses(fires)[:3] == ["abandoned"] * 3


@pytest.mark.parametrize(("act", "ids"), [("restart", [1, 2, 3]), ("abandon", [1, 2, 3, 4])])
def test_where_without_a_status_restarts_what_needs_a_person_and_abandons_what_is_open(
    fires: Shop, act: str, ids: list[int]
) -> None:
    answer = fires.ask(f"{act}-process", "--where", "channel=default", "--yes", "--reason", "x", "-o", "json")

    assert (answer.code, [row["id"] for row in answer.json]) == (0, ids)


def test_a_restart_of_what_waits_or_was_rejected_names_its_status(fires: Shop) -> None:
    fires.start("rejected")
    fires.ask("work")
    shorter = fires.ask("restart-process", "--where", "name=rejected", "--yes", "-o", "json").json

    answer = fires.ask("restart-process", "--where", "status=waiting,rejected", "--yes", "-o", "json")

    assert (shorter, [row["id"] for row in answer.json]) == ([], [4, 6])


@pytest.mark.parametrize("words", [["--where", "status=failed"], [1, 2, 3]])
def test_a_dry_run_says_what_would_become_of_each_and_changes_nothing(fires: Shop, words: list[object]) -> None:
    before = fires.content()

    answer = fires.ask("restart-process", *words, "--dry-run", "-o", "jsonl")

    assert (answer.code, answer.err) == (0, "3 would be restarted.\n")
    assert answer.out.count('"would be restarted"') == 3
    assert fires.content() == before


def test_a_dry_run_says_what_would_be_refused(fires: Shop) -> None:
    answer = fires.ask("restart-process", 1, 5, "--dry-run", "-o", "json")

    assert answer.code == 9
    assert [row["result"] for row in answer.json] == ["would be restarted", "refused"]
    assert "rerun-process 5" in answer.json[1]["message"]


def test_w8_a_bulk_that_partly_failed_ends_with_9_and_the_others_are_done(fires: Shop) -> None:
    answer = fires.ask("restart-process", 1, 5, 99, 2, 1, "-o", "json")

    assert answer.code == 9
    assert answer.err == "Error: 2 of 4 failed, each for the reason in its row.\n"
    assert [(row["id"], row["result"]) for row in answer.json] == [
        (1, "restarted"),
        (5, "refused"),
        (99, "refused"),
        (2, "restarted"),
    ]
    assert "There is no process with id 99" in answer.json[2]["message"]
    assert statuses(fires)[:3] == ["pending", "pending", "failed"]


@pytest.mark.slow
def test_where_nobody_can_be_asked_it_refuses_without_yes_and_changes_nothing(fires: Shop) -> None:
    before = fires.content()

    answer = fires.really("restart-process", "--where", "status=failed")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == ("Error: 3 processes would be restarted. Say --yes to do it, or --dry-run to see them.\n")
    assert fires.content() == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are a thing of POSIX")
@pytest.mark.parametrize(("typed", "code", "first"), [("y", 0, "pending"), ("n", 130, "failed"), ("", 130, "failed")])
def test_on_a_terminal_it_asks_first(fires: Shop, typed: str, code: int, first: str) -> None:
    ended, said = fires.on_a_terminal("restart-process", "--where", "status=failed", typed=typed)

    assert "3 processes would be restarted. Go on? [y/N]" in said
    assert (ended, statuses(fires)[0]) == (code, first)


def test_nothing_that_matches_is_nothing_to_do(fires: Shop) -> None:
    answer = fires.ask("restart-process", "--where", "name=nobody", "-o", "json")

    assert (answer.code, answer.json, answer.err) == (0, [], "0 restarted.\n")


MISTAKES = [
    (["restart-process"], "Give ids, or --where key=value."),
    (["restart-process", "1", "--where", "name=x"], "Give ids or --where, not both."),
    (["restart-process", "--where", "broken"], "--where 'broken' is no key=value"),
    (["restart-process", "--where", "nmae=x"], "--where knows no key 'nmae'. Did you mean name?"),
    (["restart-process", "--where", "zzz=x"], "The keys are status, name"),
    (["restart-process", "--where", "name="], "--where name= has no value"),
    (["restart-process", "--where", ""], "--where '' is no key=value"),
    (["restart-process", "--where", "status=faild"], "--where status=faild is no status. They are pending"),
    (["restart-process", "--where", "version=x"], "--where version=x is no whole number"),
    (["restart-process", "--where", "name=x", "--where", "name=y"], "--where says name twice"),
    (["restart-process", "--where", "older-than=soon"], "'soon' is not a duration"),
    (["restart-process", "--where", "created-since=soon"], "--created-since 'soon' is no moment"),
    (["abandon-process", "--where", "name=x", "--yes"], "Missing option '--reason'"),
    (["abandon-process", "1", "2", "--reason", " "], "--reason is empty"),
]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES, ids=[" ".join(row[0]) for row in MISTAKES])
def test_what_is_typed_wrong_is_told_in_one_line_and_changes_nothing(
    shop: Shop, arguments: list[str], said: str
) -> None:
    shop.start("letter")
    before = shop.content()

    answer = shop.ask(*arguments)

    assert said in answer.err
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert shop.content() == before


def test_a_process_that_changes_before_its_turn_is_left_alone(fires: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one is given up by somebody else while the first is done."""
    monkeypatch.setattr("process_manager.governance.acts.AT_ONCE", 1)
    fires.execute(
        "CREATE TRIGGER meanwhile AFTER UPDATE ON processes WHEN new.id = 1 BEGIN"
        " UPDATE processes SET status = 'abandoned', finished_at = new.updated_at WHERE id = 2; END"
    )

    answer = fires.ask("restart-process", "--where", "status=failed", "--yes", "-o", "json")

    assert answer.code == 9
    assert [(row["id"], row["result"]) for row in answer.json] == [(1, "restarted"), (2, "refused"), (3, "restarted")]
    assert "it has changed since it was looked for" in answer.json[1]["message"]


def test_elsewhere_than_on_a_terminal_a_long_bulk_says_how_far_it_is_every_few_seconds(
    fires: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("process_manager.cli.progress.EVERY", 0.0)

    answer = fires.ask("restart-process", 1, 2, 3, "-o", "jsonl")

    assert answer.err == "Restarting: 1 of 3\nRestarting: 2 of 3\n3 restarted.\n"
    assert answer.out.count("\n") == 3


class Screen(io.StringIO):
    """A stderr that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_line_that_says_how_far_it_is_is_overwritten_and_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "BEAT", 0.0)

    with redirect_stderr(Screen()) as screen, progress.Progress("Restarting", 3) as told:
        for _ in range(3):
            told.step()

    blank = " " * len("Restarting: 1 of 3")
    assert screen.getvalue() == f"\rRestarting: 1 of 3\rRestarting: 2 of 3\r{blank}\r"
