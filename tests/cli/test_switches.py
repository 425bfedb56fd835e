"""What is disabled starts nothing, and everybody can see why."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rig import eventually
from shop import Shop


def touch(key: str) -> Path:
    Path("locks").mkdir(exist_ok=True)
    file = Path("locks", f"{key}.disabled")
    file.touch()
    return file


def test_w3_what_is_disabled_is_not_run_and_what_is_enabled_is(shop: Shop) -> None:
    shop.start("letter")
    shop.start("skipped")

    disabled = shop.ask("disable", "letter", "--reason", "the printer is broken")
    shop.ask("work")
    before = shop.show(1, "status"), shop.show(2, "status")
    enabled = shop.ask("enable", "letter")
    shop.ask("work")

    assert (disabled.code, disabled.out, enabled.code, enabled.out) == (0, "", 0, "")
    assert disabled.err == "'letter' is disabled: no step of it starts, seen by every worker within 5 seconds.\n"
    assert enabled.err == "'letter' is enabled: taken out of database.\n"
    assert before == ("pending", "skipped")
    assert shop.show(1, "status") == "succeeded"


@pytest.mark.parametrize("key", ["all-commands", "process-manager", "letter"])
def test_w3_a_switch_file_disables_as_the_database_does_and_enable_removes_it(shop: Shop, key: str) -> None:
    shop.start("letter")
    file = touch(key)

    before = shop.ask("work").code, shop.show(1, "status")
    answer = shop.ask("enable", *(["--all"] if key == "all-commands" else [key]))

    assert before[1] == "pending"
    assert (answer.code, file.exists()) == (0, False)
    assert str(file) in answer.err
    assert (shop.ask("work").code, shop.show(1, "status")) == (0, "succeeded")


@pytest.mark.slow
def test_w3_a_running_worker_sees_a_switch_file_before_its_next_step(shop: Shop) -> None:
    shop.start("slow", {"folder": str(shop.folder), "seconds": 1})

    with shop.spawn("worker") as worker:
        try:
            eventually((shop.folder / "begun").exists)
            touch("all-commands")
            eventually(lambda: shop.show(1, "step", "status") == ("second", "pending"))
        finally:
            worker.kill()

    assert shop.history(1, "step", "outcome") == [("first", "done")]


def test_w8_work_ends_with_5_if_all_was_switched_off_and_something_was_due(shop: Shop) -> None:
    nothing_due = shop.ask("disable", "--all", "--reason", "audit").code, shop.ask("work").code
    shop.start("letter")

    answer = shop.ask("work")

    assert nothing_due == (0, 0)
    assert (answer.code, answer.out) == (5, "")
    last = answer.err.splitlines()[-1]
    assert last.startswith("Something is due, but nothing was started, because 'all-commands' is disabled by ")
    assert last.endswith("(database): audit.")


@pytest.mark.parametrize("words", [["work"], ["work", "--channel", "robots"]])
def test_w8_work_on_a_channel_that_is_disabled_ends_with_5_and_names_it(shop: Shop, words: list[str]) -> None:
    shop.start("letter", None, "--channel", "robots")
    shop.ask("disable", "robots", "--reason", "on strike")

    answer = shop.ask(*words)

    assert (answer.code, answer.out) == (5, "")
    assert "but nothing was started, because 'robots' is disabled by " in answer.err.splitlines()[-1]


def test_w8_work_on_a_command_of_which_one_argument_is_disabled_ends_with_5_and_names_it(shop: Shop) -> None:
    shop.ask("run-command", "import-books", "service1")
    shop.ask("disable", "import-books-service1", "--reason", "closed")
    shop.ask("disable", "robots", "--reason", "on strike")

    held, elsewhere = shop.ask("work"), shop.ask("work", "--channel", "post")
    shop.ask("run-command", "import-books", "service2")
    other = shop.ask("work")

    assert [held.code, elsewhere.code, other.code] == [5, 0, 0]
    assert "but nothing was started, because 'import-books-service1' is disabled by " in held.err
    assert "'robots'" not in elsewhere.err
    assert "1 step run: 1 done" in other.err


def test_w8_work_on_one_process_that_is_switched_off_ends_with_5_and_says_by_what(shop: Shop) -> None:
    shop.start("letter", None, "--channel", "post")
    shop.ask("disable", "post", "--reason", "on strike")

    answer = shop.ask("work", 1)

    assert (answer.code, answer.out) == (5, "")
    assert "Process 1 may not start now, because 'post' is disabled by " in answer.err
    assert "on strike" in answer.err
    assert shop.show(1, "status", "attempt") == ("pending", 0)
    assert shop.history(1, "seq") == []


def quiet_now() -> str:
    """Windows that are open now, whatever the hour: today and tomorrow."""
    today = datetime.now(ZoneInfo("Europe/Copenhagen"))
    return ";".join(f"{today + timedelta(days=days):%Y-%m-%d}" for days in (0, 1))


PLAIN = """
from process_manager import Done, Process

class Plain(Process):
    STEPS = {"do": "do"}
    def do(self, run):
        return Done("done")
"""


def test_w8_work_in_a_quiet_window_ends_with_5_and_says_until_when(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("office_plain.py").write_text(PLAIN)
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "office_plain")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", quiet_now())
    shop.start("plain")

    answers = [shop.ask("work"), shop.ask("work", 1)]

    assert [answer.code for answer in answers] == [5, 5]
    assert all("a quiet window lasts until 2" in answer.err for answer in answers)
    assert shop.show(1, "status") == "pending"


def test_w8_work_ends_with_5_if_all_that_was_due_was_closed_though_another_process_may_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.start("letter")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", quiet_now())

    answer = shop.ask("work")

    said = answer.err.splitlines()[-1]
    assert answer.code == 5
    assert said.startswith("Something is due, but nothing was started, because a quiet window lasts until 2")


def test_a_switch_with_an_end_ends_by_itself(shop: Shop) -> None:
    shop.start("letter")
    soon = datetime.now(UTC) + timedelta(seconds=1)

    thrown = shop.ask("disable", "letter", "--reason", "a moment", "--until", soon.isoformat())
    during = shop.ask("work").code, shop.show(1, "status")
    eventually(lambda: datetime.now(UTC) > soon)
    shop.ask("work")

    assert thrown.code == 0
    assert during[1] == "pending"
    assert shop.show(1, "status") == "succeeded"


def test_disabling_what_nothing_here_is_called_is_done_and_told(shop: Shop) -> None:
    answer = shop.ask("disable", "leter", "--reason", "x")

    assert answer.code == 0
    assert answer.err.splitlines()[-1] == (
        "No process, command or channel that is known here has the key 'leter'. Did you mean 'letter'?"
    )


def test_enabling_what_is_not_disabled_ends_with_3(shop: Shop) -> None:
    answer = shop.ask("enable", "letter")

    assert (answer.code, answer.err) == (
        3,
        "Error: 'letter' is not disabled. `process-manager status` shows what is.\n",
    )


def test_a_switch_file_that_cannot_be_removed_is_told_with_what_is_done(shop: Shop) -> None:
    shop.ask("disable", "letter", "--reason", "x")
    (shop.folder / "locks" / "letter.disabled").mkdir(parents=True)

    first, again = shop.ask("enable", "letter"), shop.ask("enable", "letter")

    assert (first.code, again.code) == (2, 2)
    done, problem = first.err.splitlines()
    assert done == "'letter' is taken out of the database, and stays disabled on this host."
    assert "letter.disabled cannot be removed" in problem
    assert again.err == f"{problem}\n"


# What is typed, and what the one line says.
MISTAKES = [
    (["disable"], "Missing option '--reason'"),
    (["disable", "--reason", "x"], "Give a KEY, or --all."),
    (["disable", "letter", "--all", "--reason", "x"], "Give a KEY or --all, not both."),
    (["disable", "letter", "--reason", " "], "--reason is empty"),
    (["disable", "Letter", "--reason", "x"], "Key 'Letter' is not 1 to 64 of a-z, 0-9, _ and -"),
    (["disable", "nul", "--reason", "x"], "Key 'nul' is a device on Windows"),
    (["disable", "letter", "--reason", "x", "--until", "soon"], "--until 'soon' is no moment"),
    (["disable", "letter", "--reason", "x", "--until", "2020-01-01"], "is not ahead"),
    (["enable"], "Give a KEY, or --all."),
    (["enable", "../x"], "Key '../x' is not 1 to 64"),
]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES, ids=[" ".join(row[0]) for row in MISTAKES])
def test_a_switch_that_is_typed_wrong_is_told_in_one_line_and_changes_nothing(
    shop: Shop, arguments: list[str], said: str
) -> None:
    before = shop.content()

    answer = shop.ask(*arguments)

    assert said in answer.err
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert shop.content() == before
