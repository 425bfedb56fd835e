"""Moments that a person types, and the zone in which they are read and shown."""

from datetime import datetime

import pytest
from shop import Shop

from process_manager.gates import quiet

SKIPPED, DOUBLED = "2099-03-29T02:30", "2099-10-25T02:30"


def at(shop: Shop, *words: object) -> tuple[str, str]:
    """When the process would run, and what was said."""
    answer = shop.ask("start", "letter", "--at", *words)
    assert answer.code == 0, answer.err
    return shop.show(int(answer.out), "due_at"), answer.err


def test_a_time_that_the_clock_shows_twice_is_the_first_and_that_is_said(shop: Shop) -> None:
    assert at(shop, "2099-10-25T02:30") == (
        "2099-10-25T00:30:00Z",
        "--at 2099-10-25T02:30: the clock in Europe/Copenhagen shows this time twice;"
        " taken is 2099-10-25T02:30:00+02:00, the first of the two.\n",
    )


def test_a_time_that_the_clock_skips_is_when_it_goes_on_and_that_is_said(shop: Shop) -> None:
    assert at(shop, "2099-03-29T02:30") == (
        "2099-03-29T01:00:00Z",
        "--at 2099-03-29T02:30: the clock in Europe/Copenhagen skips this time;"
        " taken is 2099-03-29T03:00:00+02:00, when it goes on.\n",
    )


def test_a_time_that_is_there_once_or_has_an_offset_is_taken_without_a_word(shop: Shop) -> None:
    assert at(shop, "2099-10-25T03:30") == ("2099-10-25T02:30:00Z", "")
    assert at(shop, "2099-10-25T02:30+01:00") == ("2099-10-25T01:30:00Z", "")


def test_what_ends_at_a_time_that_is_there_twice_ends_at_the_last(shop: Shop) -> None:
    answer = shop.ask("disable", "letter", "--reason", "x", "--until", "2099-10-25T02:30")

    assert answer.err.startswith("--until 2099-10-25T02:30: ")
    assert "taken is 2099-10-25T02:30:00+01:00, the last of the two." in answer.err


def test_what_comes_next_is_told_by_the_clock_that_its_moments_are_shown_by(shop: Shop) -> None:
    shop.start("letter", None, "--at", "2099-07-01T12:00")

    shown, told = shop.ask("show", 1).out, shop.ask("show", 1, "-o", "json").json

    lines = dict(line.split(maxsplit=1) for line in shown.splitlines())
    assert lines["due_at"] == "2099-07-01 12:00:00"
    assert lines["next"] == "Step 'write' runs at 2099-07-01 12:00:00 (Europe/Copenhagen)."
    assert (told["due_at"], told["next"]) == ("2099-07-01T10:00:00Z", "Step 'write' runs at 2099-07-01 10:00:00 UTC.")


@pytest.mark.parametrize("words", [["show", 1], ["status"], ["work"], ["doctor", "--quick"]])
def test_the_end_of_a_switch_is_told_by_the_readers_clock(shop: Shop, words: list[object]) -> None:
    shop.start("letter")
    shop.ask("disable", "letter", "--reason", "on holiday", "--until", "2099-07-01T12:00")

    answer = shop.ask(*words)

    assert "until 2099-07-01 12:00 (Europe/Copenhagen): on holiday." in answer.out + answer.err


def test_status_tells_the_end_of_a_switch_by_the_readers_clock_and_for_programs_in_utc(shop: Shop) -> None:
    shop.ask("disable", "tidy", "--reason", "on holiday", "--until", "2099-07-01T12:00")

    shown, told = shop.ask("status").out, shop.ask("status", "-o", "json").json

    assert "until 2099-07-01 12:00 (Europe/Copenhagen): on holiday" in shown
    (detail,) = [row["detail"] for row in told if row["key"] == "tidy"]
    assert detail.endswith("until 2099-07-01 10:00 UTC: on holiday")


@pytest.mark.parametrize("wall", [SKIPPED, DOUBLED])
def test_quiet_windows_and_typed_moments_read_the_clock_in_one_way(shop: Shop, wall: str) -> None:
    day, hour = wall.split("T")
    window = quiet.parse(f"{day} {hour}-12:00", "Europe/Copenhagen").next_window(
        datetime.fromisoformat(f"{day}T00:00Z")
    )

    shop.start("letter", None, "--at", wall)

    assert window is not None
    assert datetime.fromisoformat(shop.show(1, "due_at")) == window.start


def test_a_host_whose_zone_has_no_name_shows_utc_and_refuses_what_would_be_local(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROCESS_MANAGER_ZONE")
    monkeypatch.delenv("PROCESS_MANAGER_QUIET")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    shop.start("letter", None, "--at", "2099-07-01T12:00Z")

    shown = shop.ask("list")
    refused = shop.ask("start", "letter", "--at", "2099-07-01T12:00")
    working, told = shop.ask("work"), shop.ask("config", "show", "-o", "json").json

    assert "2099-07-01 12:00:00 UTC" in shown.out
    assert shown.err == ""
    assert (refused.code, refused.err) == (
        2,
        "Error: --at '2099-07-01T12:00' is local, and this host's zone has no name."
        " Give it an offset (+01:00 or Z), or set PROCESS_MANAGER_ZONE.\n",
    )
    assert (working.code, working.err) == (
        2,
        "Error: The time zone of this host: TZ is 'CET-1CEST,M3.5.0,M10.5.0/3', which is not an IANA name."
        " Set PROCESS_MANAGER_ZONE to one, such as Europe/Copenhagen.\n",
    )
    assert {row["name"]: row["origin"] for row in told}["zone"] == "the host's has no name"
    assert shop.ask("check").code == 2


@pytest.mark.slow
def test_tz_with_a_colon_is_read_alike_by_every_command_and_nobody_complains(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROCESS_MANAGER_ZONE")
    shop.start("letter", None, "--at", "2099-07-01T12:00Z")

    listed = shop.really("list", TZ=":Europe/Copenhagen")
    started = shop.really("start", "letter", "--at", "2099-07-01T12:00", TZ=":Europe/Copenhagen")
    windows = shop.really("quiet", TZ=":Europe/Copenhagen", PROCESS_MANAGER_QUIET="23:50-24:00")

    assert ("2099-07-01 14:00:00" in listed.out, listed.err) == (True, "")
    assert (started.out, started.err) == ("2\n", "")
    assert shop.ask("show", 2, "-o", "json").json["due_at"] == "2099-07-01T10:00:00Z"
    assert windows.err.endswith("in Europe/Copenhagen, the host's own.\n")
