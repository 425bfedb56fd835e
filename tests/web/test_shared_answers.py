"""An answer that costs much is made once for all who ask at the same time."""

from __future__ import annotations

import threading

import pytest

from process_manager.web.shared_answers import MOST, SharedAnswers


def test_who_asks_meanwhile_waits_for_the_one_that_is_made() -> None:
    shared, made, begun, go = SharedAnswers(), list[int](), threading.Event(), threading.Event()

    def slow() -> int:
        made.append(len(made))
        begun.set()
        assert go.wait(10)
        return 7

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(shared.get("it", slow))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    go.set()
    for thread in threads:
        thread.join(10)

    assert (found, made) == ([7] * 8, [0])


def test_an_answer_that_could_not_be_made_is_not_kept() -> None:
    shared = SharedAnswers()
    with pytest.raises(ZeroDivisionError):
        shared.get("it", lambda: 1 // 0)

    assert shared.get("it", lambda: 7) == 7


def test_it_is_made_anew_when_it_is_old_and_when_something_was_done() -> None:
    numbers = iter(range(9))
    at_once, later = SharedAnswers(lasts=0), SharedAnswers()

    assert [at_once.get("it", lambda: next(numbers)) for _ in range(2)] == [0, 1]
    assert [later.get("it", lambda: next(numbers)) for _ in range(2)] == [2, 2]
    later.forget()
    assert later.get("it", lambda: next(numbers)) == 3


def test_another_key_has_another_answer_and_so_many_are_kept() -> None:
    shared = SharedAnswers()
    for each in range(MOST + 1):
        shared.get(each, lambda: "first")

    assert shared.get(MOST, lambda: "second") == "first"
    assert shared.get(0, lambda: "second") == "second"
