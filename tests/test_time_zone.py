"""The zone of this host: one reader, whose answer has a name or is refused."""

import os
import subprocess
import sys
import zoneinfo
from datetime import UTC, datetime
from pathlib import Path

import pytest

from process_manager import time_zone
from process_manager.errors import SettingsError
from process_manager.settings import Settings

POSIX = "CET-1CEST,M3.5.0,M10.5.0/3"
FILES = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps its zone in the registry")


def etc(folder: Path, *, link: str | None = None, copy: str | None = None, said: str | None = None) -> Path:
    """A folder as /etc, with a localtime that links to a zone or is a copy of one."""
    if link is not None:
        (folder / "localtime").symlink_to(link)
    if copy is not None:
        (folder / "localtime").write_bytes(time_zone._content(copy) or b"")
    if said is not None:
        (folder / "timezone").write_text(f"{said}\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("Europe/Copenhagen", "Europe/Copenhagen"),
        (":Europe/Copenhagen", "Europe/Copenhagen"),
        ("/usr/share/zoneinfo/Europe/Copenhagen", "Europe/Copenhagen"),
        (":/usr/share/zoneinfo/posix/Europe/Copenhagen", "Europe/Copenhagen"),
        ("EST5EDT", "EST5EDT"),
        ("UTC0", "UTC"),
        ("<UTC>-00", "UTC"),
    ],
)
def test_tz_names_the_zone_in_each_way_that_a_name_may_stand_there(variable: str, name: str) -> None:
    assert time_zone.of_host(variable) == name


@pytest.mark.parametrize("variable", [POSIX, f":{POSIX}", "CET-1CEST", "Europe", "Nowhere/City", "/etc/passwd"])
def test_a_zone_without_a_name_is_refused_with_a_hint(variable: str) -> None:
    with pytest.raises(SettingsError) as refused:
        time_zone.of_host(variable)

    assert str(refused.value) == (
        f"The time zone of this host: TZ is {variable.removeprefix(':')!r}, which is not an IANA name."
        " Set PROCESS_MANAGER_ZONE to one, such as Europe/Copenhagen."
    )


@FILES
def test_an_empty_tz_or_no_localtime_at_all_is_utc_as_the_c_library_reads_it(tmp_path: Path) -> None:
    assert (time_zone.of_host("", tmp_path), time_zone.of_host(None, tmp_path)) == ("UTC", "UTC")


@FILES
@pytest.mark.parametrize(
    "link", ["/usr/share/zoneinfo/Europe/Copenhagen", "../usr/share/zoneinfo/Europe/Copenhagen", "first"]
)
def test_localtime_names_the_zone_by_its_link_whatever_timezone_says(tmp_path: Path, link: str) -> None:
    (tmp_path / "first").symlink_to("/etc/zoneinfo/Europe/Copenhagen")

    assert time_zone.of_host(None, etc(tmp_path, link=link, said="America/Bogota")) == "Europe/Copenhagen"


@FILES
def test_a_localtime_that_is_a_copy_is_found_by_what_is_in_it(tmp_path: Path) -> None:
    bogota, chatham = (tmp_path / name for name in ("bogota", "chatham"))
    bogota.mkdir()
    chatham.mkdir()

    assert (
        time_zone.of_host(None, etc(bogota, copy="Europe/Copenhagen", said="Europe/Copenhagen")) == "Europe/Copenhagen"
    )
    found = time_zone.of_host(None, etc(chatham, copy="Pacific/Chatham", said="America/Bogota"))
    assert time_zone._content(found) == time_zone._content("Pacific/Chatham")
    assert time_zone.differs(found, chatham) == "America/Bogota"
    assert time_zone.differs("Europe/Copenhagen", bogota) is None


@FILES
def test_a_copy_of_no_zone_that_is_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "localtime").write_bytes(b"TZif of our own")

    with pytest.raises(SettingsError, match="is a zone without an IANA name"):
        time_zone.of_host(None, tmp_path)


ASKED = """
import os, sys, time
from datetime import datetime
from process_manager.settings import Settings
from zoneinfo import ZoneInfo
at = datetime(2026, 7, 1, 12)
print(at.astimezone().utcoffset() == at.replace(tzinfo=ZoneInfo(Settings().zone_name())).utcoffset())
"""


@pytest.mark.slow
@FILES
@pytest.mark.parametrize("variable", [None, "", ":Europe/Copenhagen", "America/Bogota", "UTC0"])
def test_it_is_the_zone_by_which_the_clock_of_this_host_goes(variable: str | None, tmp_path: Path) -> None:
    given = {} if variable is None else {"TZ": variable}
    environment = {name: value for name, value in os.environ.items() if name != "TZ"}

    asked = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=tmp_path, env={**environment, **given,
        "PYTHONPATH": str(Path(__file__).parent.parent)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (asked.stdout, asked.stderr) == ("True\n", "")


def test_a_zone_that_is_set_is_asked_of_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", POSIX)

    assert Settings(zone="Europe/Copenhagen").zone_name() == "Europe/Copenhagen"


@pytest.mark.skipif(sys.platform != "win32", reason="the registry is there only")
def test_windows_has_a_zone_with_a_name() -> None:
    assert (
        zoneinfo.ZoneInfo(time_zone.of_host(None)).utcoffset(datetime.now(UTC))
        == datetime.now().astimezone().utcoffset()
    )


@pytest.mark.parametrize(
    ("zone", "shown", "told"),
    [
        ("Europe/Copenhagen", "2026-11-23 13:00:00", "2026-11-23 13:00:00 (Europe/Copenhagen)"),
        ("UTC", "2026-11-23 12:00:00", "2026-11-23 12:00:00 UTC"),
        (None, "2026-11-23 12:00:00 UTC", "2026-11-23 12:00:00 UTC"),
    ],
)
def test_a_moment_is_shown_on_the_clock_of_a_zone_and_in_a_sentence_with_its_name(
    zone: str | None, shown: str, told: str
) -> None:
    moment = datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert (time_zone.on_clock(moment, zone), time_zone.told(moment, zone)) == (shown, told)


def test_a_moment_whose_zone_would_need_the_year_10000_is_shown_in_utc() -> None:
    last = datetime.max.replace(tzinfo=UTC)

    assert time_zone.told(last, "Europe/Copenhagen") == "9999-12-31 23:59:59 UTC"
