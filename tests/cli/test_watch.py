"""Watching processes until they have come to rest."""

import re
import signal
import sys

import pytest
from rig import eventually
from shop import Shop

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and pseudo terminals are a thing of POSIX")


def without_moments(text: str) -> list[str]:
    return [re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", "", line) for line in text.splitlines()]


def test_watching_what_has_ended_tells_how_and_ends(shop: Shop) -> None:
    shop.start("letter")
    shop.start("skipped")
    shop.ask("work")

    answer = shop.ask("watch", 2, 1, 2)

    assert (answer.code, answer.err) == (0, "")
    assert without_moments(answer.out) == [
        "process 2 skipped skipped at look, attempt 1: it is paid",
        "process 1 letter succeeded: sent",
    ]


@pytest.mark.parametrize("status", ["failed", "uncertain", "quarantined"])
def test_watching_ends_with_1_if_one_of_them_needs_a_person(shop: Shop, status: str) -> None:
    shop.start("broken")
    shop.start("letter")
    shop.ask("work")
    shop.execute("UPDATE processes SET status = ? WHERE id = 1", status)

    answer = shop.ask("watch", 1, 2)

    assert (answer.code, answer.err) == (1, "")
    assert f"process 1 broken {status} at try" in answer.out


def test_watching_what_is_not_there_ends_with_3(shop: Shop) -> None:
    shop.start("letter")

    answer = shop.ask("watch", 1, 99)

    assert (answer.code, answer.out) == (3, "")
    assert "There is no process with id 99" in answer.err


@pytest.mark.slow
def test_each_change_is_a_line_until_all_have_come_to_rest(shop: Shop) -> None:
    shop.start("slow", {"folder": str(shop.folder), "seconds": 0.8})

    with shop.spawn("watch", 1) as watch:
        assert watch.stdout
        first = watch.stdout.readline()
        shop.ask("work")
        out, err = watch.communicate(timeout=20)

    told = without_moments(first + out)
    assert (watch.returncode, err) == (0, "")
    assert told[0] == "process 1 slow pending at first, attempt 0"
    assert told[-1] == "process 1 slow succeeded: took its time"
    assert "process 1 slow running at first, attempt 1" in told
    assert len(told) == len(set(told))


@pytest.mark.slow
@POSIX
def test_ctrl_c_ends_the_watch_and_leaves_the_process(shop: Shop) -> None:
    shop.start("letter", None, "--at", "2999-01-01")

    with shop.spawn("watch", 1) as watch:
        assert watch.stdout
        watch.stdout.readline()
        watch.send_signal(signal.SIGINT)
        _, err = watch.communicate(timeout=10)

    assert (watch.returncode, err) == (130, "Stopped.\n")
    assert shop.show(1, "status") == "waiting"


@pytest.mark.slow
@POSIX
def test_on_a_terminal_the_lines_are_rewritten(shop: Shop) -> None:
    shop.start("letter")
    shop.ask("work")

    code, said = shop.on_a_terminal("watch", 1)

    assert code == 0
    assert "status" in said
    assert "succeeded" in said


@pytest.mark.slow
def test_the_progress_of_a_running_step_is_told(busy: Shop) -> None:
    busy.execute(
        "INSERT INTO evidence (process_id, seq, number, kind, made_at, body) VALUES"
        ' (11, 1, 0, \'progress\', \'2026-11-22 08:00:00.000000\', \'{"done": 3, "total": 9, "message": "rows"}\')'
    )

    with busy.spawn("watch", 11) as watch:
        assert watch.stdout
        line = eventually(watch.stdout.readline)
        watch.kill()

    assert without_moments(line) == ["process 11 slow running at first, attempt 1: 3 of 9 rows"]
