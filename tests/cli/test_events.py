"""Events from the command line: signalled, withdrawn, listed, and told of the processes that wait."""

import pytest
from shop import Shop

pytestmark = pytest.mark.slow


@pytest.fixture
def waiting(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> int:
    """A process that waits for `paid:1`."""
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "event_steps")
    process_id = shop.start("waits", {"event": "paid:1"})
    assert shop.ask("work", process_id).code == 0
    return process_id


def test_an_event_wakes_what_waits_for_it_and_the_history_says_so(shop: Shop, waiting: int) -> None:
    assert "It waits for the event 'paid:1'." in shop.ask("show", waiting).out

    first = shop.ask("signal", "paid:1", "--payload", '{"amount": 7}', "--reason", "paid by hand")
    again = shop.ask("signal", "paid:1")
    shop.ask("work", waiting)

    assert (first.code, first.err) == (0, "'paid:1' stands now: 1 process made due.\n")
    assert again.err == "'paid:1' stands already, since signal 1 of it: nothing has changed.\n"
    assert shop.history(waiting, "outcome", "event", "event_number") == [
        ("wait", None, None), ("done", "paid:1", 1), ("done", None, None),
    ]  # fmt: skip
    assert "(woken by paid:1) woken" in shop.ask("history", waiting).out


def test_events_are_listed_and_shown_with_what_waits(shop: Shop, waiting: int) -> None:
    shop.ask("signal", "paid:2")
    withdrawn = [shop.ask("withdraw", "paid:2").err for _ in range(2)]

    listed = shop.ask("events", "-o", "json").json
    shown = shop.ask("events", "paid:1", "-o", "json").json

    assert withdrawn == ["'paid:2' stands no longer.\n", "'paid:2' did not stand: nothing has changed.\n"]
    assert [(each["key"], each["stands"], each["number"], each["waiting"]) for each in listed] == [
        ("paid:1", False, 0, 1), ("paid:2", False, 1, 0),
    ]  # fmt: skip
    assert shown["process_ids"] == [waiting]
    assert shop.ask("events", "never").code == 3


def test_what_no_event_can_be_called_or_carry_is_refused(shop: Shop) -> None:
    assert shop.ask("signal", " ").code == 2
    assert shop.ask("signal", "paid:1", "--payload", "[1]").code == 2
    assert shop.ask("events").err == "There are no events.\n"
