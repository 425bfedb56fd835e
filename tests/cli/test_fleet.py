"""Who works, which versions there are, and who knows them."""

from typing import Any

import pytest
from rig import eventually
from shop import Shop, in_the_step, slow


def versions(shop: Shop) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["name"], row["version"]): row for row in shop.ask("processes", "-o", "json").json}


def of_version_1(shop: Shop, name: str, step: str) -> int:
    """A process that was started when only version 1 was there."""
    process_id = shop.start(name)
    shop.execute("UPDATE processes SET version = 1, step = ? WHERE id = ?", step, process_id)
    return process_id


@pytest.mark.slow
def test_workers_lists_who_is_alive_with_what_each_knows(shop: Shop) -> None:
    assert shop.ask("workers", "-o", "json").json == []

    with shop.spawn("worker", "--channel", "post", "--concurrency", 3) as worker:
        try:
            (found,) = eventually(lambda: shop.ask("workers", "-o", "json").json)
            table = shop.ask("workers").out
            known = versions(shop)["letter", 1]["workers"]
        finally:
            worker.kill()

    assert (found["pid"], found["concurrency"], found["channels"]) == (worker.pid, 3, ["post"])
    assert found.keys() == {"name", "host", "pid", "since", "seen", "concurrency", "channels", "draining", "knows"}
    assert {"name": "letter", "version": 1, "steps": ["write", "send"]} in found["knows"]
    assert {"name": "moved", "version": 1, "steps": ["old", "new"]} in found["knows"]
    assert "letter 1" in table
    assert known == [found["name"]]


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "grace", "ran"), [(5, "30s", "done"), (60, "1s", "released")])
def test_a_worker_that_is_drained_from_afar_ends_well_and_uses_no_attempt(
    shop: Shop, seconds: float, grace: str, ran: str
) -> None:
    slow(shop, seconds)
    with in_the_step(shop, "worker", "--concurrency", 1, lease="3s", grace=grace) as worker:
        held = shop.start("slow", {"folder": str(shop.folder), "seconds": 0})
        (found,) = eventually(lambda: shop.ask("workers", "-o", "json").json)
        first = shop.ask("drain", found["name"], "--reason", "the host is patched")
        again = shop.ask("drain", found["name"])
        drained = [each["draining"] for each in shop.ask("workers", "-o", "json").json]
        _, talk = worker.communicate(timeout=30)

    assert (first.code, again.code, worker.returncode) == (0, 0, 0), talk
    assert "was asked before" in again.err
    assert None not in drained
    assert shop.history(1, "step", "outcome") == [("first", ran)]
    assert shop.show(1, "status", "attempt") == ("pending", 0)
    assert shop.show(held, "status", "attempt") == ("pending", 0)
    assert shop.ask("workers", "-o", "json").json == []
    assert "worker.drained" in talk


def test_a_worker_that_is_not_there_is_not_drained(shop: Shop) -> None:
    shop.execute(
        "INSERT INTO workers (name, host, pid, started_at, seen_at, concurrency, channels, knows)"
        " VALUES ('office-1:812:3fb2', 'h', 1, '2026-01-01 08:00:00', '2026-01-01 08:00:00', 8, '[]', '[]')"
    )

    answer = shop.ask("drain", "office-1:812:3fb3")

    assert answer.code == 3
    assert "Did you mean 'office-1:812:3fb2'?" in answer.err


def test_a_worker_that_was_not_seen_for_a_lease_is_gone(shop: Shop) -> None:
    shop.execute(
        "INSERT INTO workers (name, host, pid, started_at, seen_at, concurrency, channels, knows)"
        " VALUES ('w', 'h', 1, '2026-01-01 08:00:00.000000', '2026-01-01 08:00:00.000000', 8, '[]', '[]')"
    )

    answer = shop.ask("workers")

    assert len(answer.out.splitlines()) == 1
    assert answer.err == "No worker is alive. `process-manager worker` starts one.\n"


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_workers_come_in_every_form(shop: Shop, form: str) -> None:
    assert shop.ask("workers", "-o", form).code == 0


def test_e5_a_version_that_nobody_knows_is_shown_as_waiting(shop: Shop) -> None:
    of_version_1(shop, "gone", "look")

    found, table = versions(shop)["gone", 1], shop.ask("processes").out

    assert (found["known"], found["live"], found["workers"], found["waits"]) == (False, 1, [], True)
    assert table.count("waits for a worker that knows it") == 1
    assert shop.ask("work").code == 0
    assert shop.show(1, "status", "attempt") == ("pending", 0)
    assert shop.history(1, "seq") == []


def test_e5_a_version_with_an_upgrade_is_shown_with_the_one_it_goes_on_with(shop: Shop) -> None:
    of_version_1(shop, "moved", "old")

    found = versions(shop)["moved", 1]

    assert (found["known"], found["becomes"], found["waits"]) == (False, 2, False)
    assert "goes on with version 2" in shop.ask("processes").out


def test_e5_work_on_one_process_of_an_older_version_goes_on_with_the_newer(shop: Shop) -> None:
    of_version_1(shop, "moved", "old")

    answer = shop.ask("work", 1)

    assert answer.code == 0, answer.err
    assert shop.show(1, "status", "version", "message") == ("succeeded", 2, "went on")


def test_e6_work_on_a_process_whose_step_is_gone_is_refused_and_rewinds_nothing(shop: Shop) -> None:
    shop.start("letter")
    shop.execute("UPDATE processes SET step = 'stamp' WHERE id = 1")

    answer = shop.ask("work", 1)

    assert answer.code == 4
    assert "it waits for a worker that knows step 'stamp' of version 1 of 'letter'" in answer.err
    assert shop.show(1, "status", "step", "attempt") == ("pending", "stamp", 0)
    assert shop.history(1, "seq") == []


STAMP = "a worker that knows step 'stamp' of version 1 of 'letter'"


@pytest.mark.slow
def test_e6_a_step_that_was_renamed_without_a_new_version_is_told_by_show_and_processes_workers_or_not(
    shop: Shop,
) -> None:
    shop.start("letter")
    shop.start("letter")
    shop.execute("UPDATE processes SET step = 'stamp' WHERE id = 1")

    without = versions(shop)["letter", 1], shop.ask("processes").out, shop.show(1, "next")
    with shop.spawn("worker", "--channel", "post") as other:
        eventually(lambda: bool(shop.ask("workers", "-o", "json").json))
        elsewhere = versions(shop)["letter", 1]["waits_for"], shop.show(1, "next")
        other.kill()
    shop.execute("DELETE FROM workers")
    with shop.spawn("worker") as worker:
        eventually(lambda: shop.show(2, "status") == "succeeded")
        alive = versions(shop)["letter", 1], shop.ask("processes").out, shop.show(1, "next")
        worker.kill()

    for found, table, said in (without, alive):
        assert (found["known"], found["waits"], found["waits_for"]) == (True, True, [STAMP])
        assert table.count("waits for a worker that knows step 'stamp' of it") == 1
        assert said == f"It waits for {STAMP}."
    channel = "a worker of channel 'default'"
    assert elsewhere == ([channel], f"It waits for {channel}.")


def test_work_says_what_is_due_and_not_known_here(shop: Shop) -> None:
    shop.start("letter")
    shop.execute("UPDATE processes SET step = 'stamp' WHERE id = 1")

    answer, of_another = shop.ask("work"), shop.ask("work", "--channel", "post")

    assert (answer.code, answer.err.splitlines()[-2:]) == (
        0,
        ["Nothing was due that this host knows.", f"What is due waits for {STAMP}."],
    )
    assert of_another.err.splitlines()[-1] == "Nothing was due."


@pytest.mark.slow
def test_what_only_this_host_knows_is_said_to_run_by_work(shop: Shop) -> None:
    shop.start("letter")
    with shop.spawn("worker", PROCESS_MANAGER_PROCESS_PACKAGES="processes") as worker:
        eventually(lambda: bool(shop.ask("workers", "-o", "json").json))
        said = shop.show(1, "next")
        worker.kill()

    assert said == ("It waits for a worker that knows version 1 of 'letter'. This host does: `work 1` runs it here.")
    assert shop.ask("work", 1).code == 0


def test_processes_show_the_label_of_what_has_one(shop: Shop) -> None:
    assert versions(shop)["tidy", 1]["label"] == "Tidy up"
