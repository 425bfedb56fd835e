"""What a worker hears of, gathered for a moment while more is about to come."""

import threading
import time

from process_manager.worker.mailbox import Mailbox


def test_what_is_about_to_come_is_gathered_and_a_call_to_wake_loses_nothing() -> None:
    mailbox: Mailbox[int] = Mailbox()
    coming = iter([1, 2, 3])

    def more() -> bool:
        mailbox.wake()
        if (number := next(coming, None)) is not None:
            mailbox.put(number)
        return number is not None

    assert mailbox.gather(5.0, most=50, while_=more) == [1, 2, 3]


def test_nothing_is_waited_for_that_is_not_about_to_come() -> None:
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put(1)

    assert mailbox.gather(60.0, most=50, while_=lambda: False) == []
    assert mailbox.gather(60.0, most=0, while_=lambda: True) == []
    assert mailbox.drain() == [1]


def test_it_is_gathered_no_longer_than_asked_for() -> None:
    mailbox: Mailbox[int] = Mailbox()
    began = time.monotonic()
    threading.Timer(0.01, mailbox.put, [1]).start()

    assert mailbox.gather(0.2, most=50, while_=lambda: True) == [1]
    assert 0.2 <= time.monotonic() - began < 2


def test_what_is_more_than_one_is_to_take_at_a_time_is_there_for_the_next_call() -> None:
    mailbox: Mailbox[int] = Mailbox(most=2)
    for number in range(5):
        mailbox.put(number)

    assert mailbox.drain() == [0, 1]
    assert mailbox.wait(60.0, slice_seconds=60.0, until=lambda: False) == [2, 3, 4]
    assert mailbox.drain() == []


def test_what_does_not_count_comes_along_with_what_does() -> None:
    mailbox: Mailbox[int] = Mailbox(most=2, counts=lambda number: number > 0)
    for number in (0, 0, 0, 1, 0, 2, 0, 3):
        mailbox.put(number)

    assert mailbox.drain() == [0, 0, 0, 1, 0, 2]
    assert mailbox.drain() == [0, 3]
