"""What a worker hears of, gathered for a moment while more is about to come."""

import threading
import time

from process_manager.worker.mailbox import Mailbox


def test_what_is_about_to_come_is_gathered_and_a_call_to_wake_loses_nothing() -> None:
    inbox: Mailbox[int] = Mailbox()
    coming = iter([1, 2, 3])

    def more() -> bool:
        inbox.wake()
        if (number := next(coming, None)) is not None:
            inbox.put(number)
        return number is not None

    assert inbox.gather(5.0, most=50, while_=more) == [1, 2, 3]


def test_nothing_is_waited_for_that_is_not_about_to_come() -> None:
    inbox: Mailbox[int] = Mailbox()
    inbox.put(1)

    assert inbox.gather(60.0, most=50, while_=lambda: False) == []
    assert inbox.gather(60.0, most=0, while_=lambda: True) == []
    assert inbox.drain() == [1]


def test_it_is_gathered_no_longer_than_asked_for() -> None:
    inbox: Mailbox[int] = Mailbox()
    began = time.monotonic()
    threading.Timer(0.01, inbox.put, [1]).start()

    assert inbox.gather(0.2, most=50, while_=lambda: True) == [1]
    assert 0.2 <= time.monotonic() - began < 2


def test_what_is_more_than_one_is_to_take_at_a_time_is_there_for_the_next_call() -> None:
    inbox: Mailbox[int] = Mailbox(most=2)
    for number in range(5):
        inbox.put(number)

    assert inbox.drain() == [0, 1]
    assert inbox.wait(60.0, slice_seconds=60.0, until=lambda: False) == [2, 3, 4]
    assert inbox.drain() == []


def test_what_does_not_count_comes_along_with_what_does() -> None:
    inbox: Mailbox[int] = Mailbox(most=2, counts=lambda number: number > 0)
    for number in (0, 0, 0, 1, 0, 2, 0, 3):
        inbox.put(number)

    assert inbox.drain() == [0, 0, 0, 1, 0, 2]
    assert inbox.drain() == [0, 3]
