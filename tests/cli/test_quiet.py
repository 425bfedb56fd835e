"""The coming quiet windows, and what each would hold."""

from datetime import UTC, datetime, timedelta

import pytest
from shop import Shop


def test_w2_the_last_ten_minutes_of_each_day_are_quiet_unless_told_otherwise(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROCESS_MANAGER_QUIET")
    answer = shop.ask("quiet", "--days", 3, "-o", "json")

    engine = [row for row in answer.json if row["of"] == "engine"]
    assert len(engine) in (3, 4)  # a fourth one is open now
    for row in engine:
        start, end = (datetime.fromisoformat(row[name]) for name in ("start", "end"))
        assert end - start == timedelta(minutes=10)
        assert end.astimezone().minute == 0
        assert (row["rule"], row["zone"], row["held"], row["at_end"]) == ("23:50-24:00", "Europe/Copenhagen", 0, 0)


def test_w2_each_window_tells_how_many_processes_it_would_hold(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    soon = (datetime.now(UTC) + timedelta(days=10)).date()
    day = soon.isoformat()
    monkeypatch.setenv("PROCESS_MANAGER_ZONE", "UTC")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", f"{day} 08:00-16:00")
    for time in ("07:59:59.999999", "08:00:00", "15:59:59", "16:00:00", "16:00:01"):
        shop.start("letter", None, "--at", f"{day}T{time}")
    shop.start("nightly", None, "--at", f"{day}T09:00")  # it has windows of its own

    (row,) = shop.ask("quiet", "--days", 20, "-o", "json").json

    assert row == {
        "of": "engine", "start": f"{day}T08:00:00Z", "end": f"{day}T16:00:00Z", "rule": f"{day} 08:00-16:00",
        "zone": "UTC", "held": 2, "at_end": 1,
    }  # fmt: skip


def test_w2_a_window_that_is_open_now_holds_all_that_is_due(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    today = datetime.now(UTC)
    days = [f"{today + timedelta(days=ahead):%Y-%m-%d}" for ahead in (0, 1)]
    monkeypatch.setenv("PROCESS_MANAGER_ZONE", "UTC")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", ";".join(days))
    shop.start("letter")
    shop.start("letter", None, "--at", "2020-01-01")

    first = shop.ask("quiet", "--days", 2, "-o", "json").json[0]

    assert (first["held"], first["at_end"]) == (2, 0)


def test_the_windows_of_a_process_of_its_own_are_named_after_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = datetime.now(UTC) + timedelta(days=3)
    office = shop.folder / "office_night.py"
    office.write_text(
        "from process_manager import Done, Process\n"
        f"class Night(Process):\n    quiet = '{ahead:%Y-%m-%d} 08:00-16:00'\n    STEPS = {{'do': 'do'}}\n"
        "    def do(self, run): return Done('')\n"
    )
    monkeypatch.setenv("PROCESS_MANAGER_PROCESS_PACKAGES", "office_night")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", "none")
    shop.start("night", None, "--at", f"{ahead:%Y-%m-%d}T12:00")

    (row,) = shop.ask("quiet", "-o", "json").json

    assert (row["of"], row["held"]) == ("night 1", 1)


def test_the_table_says_the_rules_and_the_zone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROCESS_MANAGER_QUIET")
    answer = shop.ask("quiet", "--days", 1)

    assert answer.out.split()[:4] == ["of", "start", "end", "rule"]
    assert answer.err == "The windows of the engine are 23:50-24:00, in Europe/Copenhagen.\n"


def test_quiet_hours_that_nobody_understands_are_told_in_one_line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", "always")

    answers = [shop.ask(*words) for words in (["quiet"], ["work"], ["status"])]

    assert [(answer.code, answer.err.count("\n")) for answer in answers] == [(2, 1)] * 3
    assert all("'always' is not understood" in answer.err for answer in answers)
