import os
from datetime import timedelta
from pathlib import Path

import pytest
from rig import NOON

from process_manager.errors import IllegalValue
from process_manager.gates import quiet, switch_files
from process_manager.gates.gate import Closed, Gates, GateSubject
from process_manager.gates.switches import Switch, checked_key, merged

LETTER = GateSubject("letter", "mail", "letter-10")


def switch(key: str, **options: object) -> Switch:
    return Switch(key, "SAP is down", "bodil", NOON, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["all-commands", "process-manager", "letter", "mail", "letter-10"])
def test_a_switch_closes_what_it_names(key: str) -> None:
    gates = Gates({key: switch(key)})

    closed = gates.closed(LETTER, quiet.NONE, NOON)

    assert closed == Closed(None, switch(key))
    assert closed.reason() == f"{key!r} is disabled by bodil (database): SAP is down"


def test_a_switch_leaves_what_it_does_not_name() -> None:
    gates = Gates({"invoice": switch("invoice"), "letter-7": switch("letter-7")})

    assert gates.closed(LETTER, quiet.NONE, NOON) is None


def test_a_switch_with_an_end_holds_until_that_moment() -> None:
    gates = Gates({"letter": switch("letter", until=NOON + timedelta(hours=1))})

    assert gates.closed(LETTER, quiet.NONE, NOON + timedelta(minutes=59)) is not None
    assert gates.closed(LETTER, quiet.NONE, NOON + timedelta(hours=1)) is None


def test_a_window_closes_until_its_end() -> None:
    windows = quiet.parse("12:00-13:00", "UTC")

    closed = Gates().closed(LETTER, windows, NOON)

    assert closed == Closed(NOON + timedelta(hours=1))
    assert closed.reason() == "a quiet window lasts until 2026-11-23 13:00 UTC"
    assert closed.reason("Europe/Copenhagen") == "a quiet window lasts until 2026-11-23 14:00 (Europe/Copenhagen)"


def test_what_a_person_switched_off_is_told_before_a_window() -> None:
    closed = Gates({"letter": switch("letter")}).closed(LETTER, quiet.parse("12:00-13:00", "UTC"), NOON)

    assert closed is not None
    assert closed.switch == switch("letter")


def test_switches_whose_end_has_come_are_left_out() -> None:
    ended = switch("letter", until=NOON)

    assert merged([ended, switch("mail")], NOON) == {"mail": switch("mail")}


@pytest.mark.parametrize("key", ["", "A", "a.b", "a/b", "æ", "a" * 65, "con", "lpt1", "../x"])
def test_a_key_that_is_no_file_name_everywhere_is_refused(key: str) -> None:
    with pytest.raises(IllegalValue):
        checked_key(key)


def test_a_switch_file_disables_its_key_with_what_is_written_in_it(tmp_path: Path) -> None:
    (tmp_path / "letter.disabled").write_text("SAP is updated\n", encoding="utf-8")

    (found,) = switch_files.thrown(tmp_path)

    assert (found.key, found.reason, found.where) == ("letter", "SAP is updated", "letter.disabled")


def test_an_empty_switch_file_disables_too(tmp_path: Path) -> None:
    (tmp_path / "all-commands.disabled").touch()

    assert [each.key for each in switch_files.thrown(tmp_path)] == ["all-commands"]


@pytest.mark.parametrize("name", ["Letter Ø.disabled", "all-commands.disabled.txt", "LETTER.DISABLED"])
def test_files_that_only_look_like_switches_are_strange_and_disable_nothing(tmp_path: Path, name: str) -> None:
    strange = tmp_path / name
    strange.touch()

    assert switch_files.thrown(tmp_path) == []
    assert switch_files.strange(tmp_path) == [strange]


def test_no_folder_is_no_switch(tmp_path: Path) -> None:
    assert switch_files.thrown(tmp_path / "nowhere") == []


def test_a_folder_that_cannot_be_read_disables_everything(tmp_path: Path) -> None:
    no_folder = tmp_path / "locks"
    no_folder.touch()

    (found,) = switch_files.thrown(no_folder)

    assert (found.key, found.by) == ("all-commands", "this worker")
    assert "cannot be read" in found.reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a named pipe of this kind is a thing of POSIX")
def test_a_switch_that_is_no_file_disables_too_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "letter.disabled")

    assert [(each.key, each.reason) for each in switch_files.thrown(tmp_path)] == [("letter", "")]
