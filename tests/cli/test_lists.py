"""Finding processes, and reading what happened to one and what comes next."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from shop import Shop


def ids(shop: Shop, *options: object) -> list[int]:
    return [row["id"] for row in shop.ask("list", "-o", "json", *options).json]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--name", "letter", "--version", 1], [11, 10, 8, 7, 6, 1]),
        (["--step", "try"], [2]),
        (["--status", "failed", "--status", "rejected"], [4, 2]),
        (["--order-key", "lane"], [8, 7]),
        (["--error", "ON FIRE"], [2]),
        (["--error", "fail(self"], []),
        (["--error", "raise RuntimeError"], [2]),
        (["--error", "debtor is dead"], [4]),
        (["--error", "printed"], []),
        (["--error", "%"], []),
        (["--error", "written"], []),  # a message, but no error
        (["--created-since", "2999-01-01"], []),
        (["--created-until", "2000-01-01"], []),
        (["--updated-since", "2000-01-01", "--name", "broken"], [2]),
        (["--updated-until", "2999-01-01T08:00+01:00", "--name", "broken"], [2]),
        (["--older-than", "1h"], []),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_a_list_is_filtered_by_each_option(busy: Shop, options: list[object], found: list[int]) -> None:
    busy.execute("UPDATE processes SET name = 'letter' WHERE name = 'slow'")

    assert ids(busy, *options) == found
    assert busy.ask("list", "--count", *options).out == f"{len(found)}\n"


def test_moments_bound_a_list_half_open(shop: Shop) -> None:
    for hour in (7, 8, 9):
        process_id = shop.start("letter")
        moment = f"2026-11-22 0{hour}:00:00.000000"
        shop.execute("UPDATE processes SET created_at = ?, updated_at = ? WHERE id = ?", moment, moment, process_id)

    assert ids(shop, "--created-since", "2026-11-22T09:00") == [3, 2]  # Copenhagen is an hour ahead
    assert ids(shop, "--created-until", "2026-11-22T09:00") == [1]
    assert ids(shop, "--updated-since", "2026-11-22T08:00Z", "--updated-until", "2026-11-22T09:00Z") == [2]


def test_old_enough_is_what_was_not_changed_for_so_long(shop: Shop) -> None:
    shop.start("letter")
    shop.start("letter")
    before = (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
    shop.execute("UPDATE processes SET updated_at = ? WHERE id = 1", before)

    assert ids(shop, "--older-than", "1h") == [1]
    assert ids(shop, "--older-than", "1h", "--updated-since", "2999-01-01") == []


def test_pages_follow_each_other_without_a_gap_by_the_command_that_each_names(shop: Shop) -> None:
    for _ in range(5):
        shop.start("letter", None, "--reference", "R 1")
    shop.start("skipped")
    words = ["list", "--reference", "R 1", "--status", "pending", "--status", "failed", "--limit", "2", "-o", "json"]
    seen: list[int] = []

    while True:
        answer = shop.ask(*words)
        seen += [row["id"] for row in answer.json]
        if not answer.err:
            break
        assert answer.err.startswith("There are more: process-manager list --")
        words = shop.typed(answer.err.split("process-manager ")[1])

    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--version", "0"], "--version"),
        (["--created-since", "soon"], "--created-since 'soon' is no moment"),
        (["--older-than", "1"], "'1' is not a duration"),
        (["--older-than", "9999999d"], "--older-than '9999999d' is too long"),
    ],
)
def test_a_filter_that_is_typed_wrong_is_told_in_one_line(shop: Shop, options: list[str], said: str) -> None:
    answer = shop.ask("list", *options)

    assert said in answer.err
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)


# The ids are those of the fixture `busy`, with what comes next.
NEXT = [
    (2, "It needs a person: its attempts are used up, or more would not help."),
    (3, "Step 'rest' runs at 2"),
    (4, "It has ended: a business rule rejected it"),
    (6, "It has ended: every step is done."),
    (7, "It is due, but no worker is running"),
    (8, "It waits for process 7, ahead of it in lane 'lane'."),
    (11, "Worker bench is running step 'first'."),
]


@pytest.mark.parametrize(("process_id", "said"), NEXT)
def test_show_says_what_comes_next(busy: Shop, process_id: int, said: str) -> None:
    assert busy.show(process_id, "next").startswith(said)
    assert re.search(rf"^next +{re.escape(said)}", busy.ask("show", process_id).out, re.MULTILINE)


def test_show_names_the_switch_that_holds_a_process(shop: Shop) -> None:
    shop.start("letter")
    shop.ask("disable", "letter", "--reason", "the printer is broken")

    assert "'letter' is disabled by" in shop.show(1, "next")
    assert "the printer is broken" in shop.show(1, "next")


def test_show_works_where_no_process_class_can_be_loaded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.start("letter")
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "office_of_nobody")

    answer = shop.ask("show", 1, "-o", "json")

    assert (answer.code, answer.json["status"]) == (0, "pending")
    assert answer.json["payload"] == {
        "***": "It is not shown: version 1 of 'letter' is not known here, so nobody can tell what is personal."
    }
    assert "What comes next is told without quiet windows: There is no process package" in answer.err
    assert answer.err.startswith("Nothing personal can be told apart, so payloads are not shown: There is no process")


def test_a_history_folds_what_it_carries_and_unfolds_it_when_asked(shop: Shop) -> None:
    shop.start("letter")
    shop.ask("work")

    folded, full = shop.ask("history", 1).out, shop.ask("history", 1, "--full").out

    assert folded.splitlines()[0].split() == [
        "seq", "round", "step", "attempt", "outcome", "message", "started_at", "took", "who", "more",
    ]  # fmt: skip
    assert "1 exchange, 1 log line, payload" in folded
    assert "printer" not in folded
    assert full.startswith(folded)
    assert full.removeprefix(folded) == (
        '\n1 write done\n  exchange with printer\n    request: {"invoice": 7}\n    response: {"pages": 2}\n'
        '  log {"message": "paper.taken", "sheets": 2}\n  payload {"pages": 2}\n'
    )


def test_a_history_unfolds_a_traceback_without_what_steers_a_terminal(shop: Shop) -> None:
    shop.start("broken")
    shop.ask("work")

    folded, full = shop.ask("history", 1).out, shop.ask("history", 1, "--full").out

    assert "traceback" in folded
    assert "Traceback (most recent call last):" in full
    assert "\x1b" not in full


def test_a_history_tells_how_long_each_run_took_and_how_far_a_running_one_is(busy: Shop) -> None:
    busy.execute(
        "INSERT INTO evidence (process_id, seq, number, kind, made_at, body) VALUES"
        ' (11, 1, 0, \'progress\', \'2026-11-22 08:00:00.000000\', \'{"done": 3, "total": 9, "message": "rows"}\')'
    )
    busy.execute(
        "UPDATE process_steps SET started_at = '2026-11-22 08:00:00.000000', finished_at = '2026-11-22 09:30:05.000000'"
        " WHERE process_id = 2"
    )

    running, ended = busy.ask("history", 11).out, busy.ask("history", 2)

    assert "3 of 9 rows" in running.splitlines()[1]
    assert "1h30m" in ended.out
    assert busy.history(2, "seconds") == [(5405.0,)]
