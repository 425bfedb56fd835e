"""Commands: started by key, one at a time, and how they stand."""

from typing import Any

import pytest
from shop import Shop


def hold(shop: Shop, process_id: int, until: str) -> None:
    """Give a resting process a worker whose lease ends then."""
    shop.execute(
        "UPDATE processes SET status = 'running', due_at = NULL, worker = 'desk:7:x', fence = fence + 1,"
        " lease_ends_at = ?, step_started_at = '2026-01-01 08:00:00.000000' WHERE id = ?",
        f"{until} 00:00:00.000000",
        process_id,
    )


def stand(shop: Shop) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in shop.ask("status", "-o", "json").json}


@pytest.mark.parametrize("words", [["import-books", "service1"], ["import-books-service1"]])
def test_a_command_is_started_by_its_key_and_prints_its_id(shop: Shop, words: list[str]) -> None:
    answer = shop.ask("run-command", *words)
    shop.ask("work")

    assert (answer.code, answer.out, answer.err) == (0, "1\n", "")
    assert shop.show(1, "name", "command_key", "status", "message") == (
        "import-books",
        "import-books-service1",
        "succeeded",
        "imported from service1",
    )


def test_w8_a_command_that_is_open_ends_with_6_naming_its_process_and_starts_nothing(shop: Shop) -> None:
    shop.ask("run-command", "import-books", "service1")

    again, other = shop.ask("run-command", "import-books-service1"), shop.ask("run-command", "import-books", "service2")

    assert (again.code, again.out) == (6, "")
    assert "Process 1 is held by the command 'import-books-service1'" in again.err
    assert (other.code, other.out) == (0, "2\n")


def test_start_of_a_command_is_refused_and_names_run_command(shop: Shop) -> None:
    answer = shop.ask("start", "import-books")

    assert (answer.code, answer.out) == (2, "")
    assert "`process-manager run-command import-books ARGUMENT` does." in answer.err


def test_w8_a_rerun_beside_an_open_process_of_its_command_ends_with_6(shop: Shop) -> None:
    shop.ask("run-command", "import-books", "service1")
    shop.ask("work")

    answers = shop.ask("rerun-process", 1), shop.ask("rerun-process", 1)

    assert [(answer.code, answer.out) for answer in answers] == [(0, "2\n"), (6, "")]
    assert shop.show(2, "command_key", "rerun_of") == ("import-books-service1", 1)


def test_a_command_runs_again_once_it_has_ended(shop: Shop) -> None:
    shop.ask("run-command", "import-books", "service1")
    shop.ask("work")

    assert shop.ask("run-command", "import-books", "service1").out == "2\n"


@pytest.mark.parametrize("switch", ["import-books", "import-books-service1", "all-commands"])
def test_w8_a_command_that_is_disabled_ends_with_5_and_starts_nothing(shop: Shop, switch: str) -> None:
    shop.ask("disable", switch, "--reason", "the books are closed")
    before = shop.content()

    answer = shop.ask("run-command", "import-books", "service1")

    assert (answer.code, answer.out, answer.err.count("\n")) == (5, "", 1)
    assert f"{switch!r} is disabled by" in answer.err
    assert "the books are closed" in answer.err
    assert shop.content() == before


def test_an_unknown_command_or_argument_ends_with_3_and_names_the_one_that_was_meant(shop: Shop) -> None:
    answers = [shop.ask("run-command", *words) for words in (["import-book", "service1"], ["tidi"], ["letter"])]

    assert [answer.code for answer in answers] == [3, 3, 3]
    assert "Did you mean 'import-books-service1'?" in answers[0].err
    assert "Did you mean 'tidy'?" in answers[1].err


def test_a_started_command_is_written_whole_when_asked(shop: Shop) -> None:
    found = shop.ask("run-command", "import-books", "service1", "-o", "json").json

    assert (found["id"], found["command_key"], found["payload"]) == (
        1,
        "import-books-service1",
        {"argument": "service1"},
    )


def test_w6_status_tells_idle_working_disabled_locked_and_error_apart(shop: Shop) -> None:
    first = int(shop.ask("run-command", "import-books", "service1").out)
    shop.ask("run-command", "tidy")
    shop.ask("work", 2)
    states = [{key: row["state"] for key, row in stand(shop).items()}]

    hold(shop, first, "2999-01-01")
    states.append({key: row["state"] for key, row in stand(shop).items()})
    hold(shop, first, "2026-01-02")
    shop.ask("disable", "import-books-service2", "--reason", "x")
    states.append({key: row["state"] for key, row in stand(shop).items()})

    assert states == [
        {"import-books-service1": "Working", "import-books-service2": "Idle", "tidy": "Error"},
        {"import-books-service1": "Working", "import-books-service2": "Idle", "tidy": "Error"},
        {"import-books-service1": "Locked", "import-books-service2": "Disabled", "tidy": "Error"},
    ]


def test_w6_status_names_label_owner_process_last_execution_and_errors(shop: Shop) -> None:
    shop.ask("run-command", "tidy")
    shop.ask("work")
    hold(shop, int(shop.ask("run-command", "import-books", "service1").out), "2999-01-01")

    found = stand(shop)

    (fault,) = found["tidy"]["errors"]
    assert fault == {"at": fault["at"], "process_id": 1, "step": "sweep", "message": "RuntimeError: the broom is gone"}
    assert found["import-books-service1"] == {
        "key": "import-books-service1", "label": "Import cost invoices to books", "state": "Working",
        "detail": "step 'import'", "owner": "desk:7:x", "since": "2026-01-01T08:00:00Z", "process_id": 2,
        "last_execution": None, "errors": [],
    }  # fmt: skip


def test_status_as_a_table_adds_errors_switches_windows_and_workers(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.ask("run-command", "tidy")
    shop.ask("work")
    monkeypatch.delenv("PROCESS_MANAGER_QUIET")
    shop.ask("disable", "post", "--reason", "on strike")

    answer = shop.ask("status")

    assert answer.code == 0
    assert "Errors of the last 72 hours:" in answer.out
    assert "the broom is gone" in answer.out
    assert "'post' is disabled by" in answer.err
    assert "Quiet windows (Europe/Copenhagen): 23:50-24:00; " in answer.err
    assert answer.err.endswith("Workers alive: none.\n")


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_status_comes_in_every_form(shop: Shop, form: str) -> None:
    answer = shop.ask("status", "-o", form)

    assert answer.code == 0
    assert "import-books-service2" in answer.out


def test_w6_unlock_frees_a_command_whose_worker_is_gone(shop: Shop) -> None:
    shop.ask("run-command", "import-books", "service1")
    hold(shop, 1, "2026-01-02")

    answer = shop.ask("unlock", "import-books", "service1", "--reason", "the host was rebooted")

    assert (answer.code, answer.err) == (0, "'import-books-service1' is free: process 1 is due again.\n")
    assert [row[:2] for row in shop.history(1, "outcome", "message")][-1] == ("unlock", "the host was rebooted")
    shop.ask("work")
    assert shop.show(1, "status") == "succeeded"


def test_w6_unlock_leaves_a_living_worker_what_it_holds(shop: Shop) -> None:
    idle = shop.ask("unlock", "import-books-service1", "--reason", "x")
    shop.ask("run-command", "import-books", "service1")
    due = shop.ask("unlock", "import-books-service1", "--reason", "x")
    hold(shop, 1, "2999-01-01")
    before = shop.content()
    held = shop.ask("unlock", "import-books-service1", "--reason", "x")

    assert [idle.code, due.code, held.code] == [3, 4, 6]
    assert "worker desk:7:x, which is alive" in held.err
    assert shop.content() == before


def test_unlock_wants_a_reason(shop: Shop) -> None:
    answers = [shop.ask("unlock", "tidy"), shop.ask("unlock", "tidy", "--reason", " ")]

    assert [answer.code for answer in answers] == [2, 2]
