"""Every call ends with the exit code that says how it went, and trouble is told in one line."""

import re

import pytest
from shop import Shop

# What is asked, the exit code, and what the answer has to say. The ids are those of the fixture `busy`.
ENDINGS = [
    (["list"], 0, ""),
    (["work"], 0, ""),
    (["work", "2"], 4, "Process 2 has failed: .*restart-process 2"),
    (["work", "3"], 0, "Process 3 has succeeded: the shop was open"),
    (["work", "4"], 4, "Process 4 was rejected: .*restart-process 4.*rerun-process 4"),
    (["work", "5"], 4, "Process 5 was skipped: it has ended.*rerun-process 5"),
    (["work", "6"], 4, "Process 6 has succeeded: it has ended.*rerun-process 6"),
    (["work", "8"], 6, "Process 8 is held by process 7, which is ahead of it in its lane.*show 7"),
    (["work", "9"], 4, "Process 9 is pending: it waits for a worker that knows version 1 of 'gone'"),
    (["work", "10"], 4, "Process 10 was abandoned: .*rerun-process 10"),
    (["work", "11"], 6, "Process 11 is held by worker bench, whose lease holds until"),
    (["work", "99"], 3, "There is no process with id 99"),
    (["show", "99"], 3, "There is no process with id 99"),
    (["history", "99"], 3, "There is no process with id 99"),
    (["restart-process", "99"], 3, "There is no process with id 99"),
    (["abandon-process", "99", "--reason", "x"], 3, "There is no process with id 99"),
    (["rerun-process", "99"], 3, "There is no process with id 99"),
    (["restart-process", "2"], 0, "Process 2 is due again"),
    (["restart-process", "4"], 0, "Process 4 is due again"),
    (["restart-process", "6"], 4, "Process 6 has succeeded: .*rerun-process 6"),
    (["restart-process", "7"], 4, "Process 7 is pending: .*work 7"),
    (["restart-process", "8"], 6, "held by process 7"),
    (["restart-process", "10"], 4, "Process 10 was abandoned: .*rerun-process 10"),
    (["restart-process", "11"], 6, "held by worker bench.*abandon-process 11"),
    (["restart-process", "2", "--from-step", "nowhere"], 2, "cannot start at 'nowhere'. It can start at: try"),
    (["abandon-process", "2", "--reason", "x"], 0, "Process 2 is abandoned"),
    (["abandon-process", "11", "--reason", "x"], 0, "Process 11 is abandoned"),
    (["abandon-process", "10", "--reason", "x"], 4, "Process 10 was abandoned: it has ended"),
    (["rerun-process", "6"], 0, ""),
    (["rerun-process", "2"], 4, "Process 2 has failed: .*restart-process 2"),
    (["processes"], 0, ""),
    (["diagram"], 0, ""),
    (["diagram", "letters"], 3, "Did you mean 'letter'"),
    (["db", "current"], 0, ""),
    (["db", "upgrade"], 0, "has schema"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), ENDINGS, ids=[" ".join(row[0]) for row in ENDINGS])
def test_w8_each_ending_has_its_exit_code(busy: Shop, arguments: list[str], code: int, said: str) -> None:
    before = busy.content()

    answer = busy.ask(*arguments)

    assert (answer.code, answer.err) == (code, answer.err)
    assert re.search(said, answer.err), answer.err
    if code:
        assert answer.out == ""
        assert answer.err.count("\n") == 1
        assert busy.content() == before


def test_w8_work_on_a_process_that_then_fails_ends_with_1(shop: Shop) -> None:
    process_id = shop.start("broken")

    answer = shop.ask("work", process_id)

    assert answer.code == 1
    assert "Process 1 has failed: RuntimeError: the printer is" in answer.err


def test_w8_work_on_a_process_that_is_put_off_ends_with_0(shop: Shop) -> None:
    first = shop.start("retrying")

    codes = [shop.ask("work", first).code, shop.ask("work", first).code]

    assert codes == [0, 0]  # the second although its moment is an hour away
    assert shop.history(first, "outcome") == [("retry",), ("done",)]


def test_w8_work_ends_with_0_whatever_its_processes_answered(shop: Shop) -> None:
    shop.start("broken")

    answer = shop.ask("work")

    assert (answer.code, shop.show(1, "status")) == (0, "failed")
    assert answer.err.endswith("1 step run: 1 retry. 1 process: 1 failed.\n")
