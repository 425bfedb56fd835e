"""The time zone of this host under its IANA name, found in one way everywhere, and moments on the clock of a zone."""

from __future__ import annotations

import re
import sys
import zoneinfo
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Final

from process_manager.errors import SettingsError

ETC: Final = Path("/etc")

_HINT: Final = "Set PROCESS_MANAGER_ZONE to one, such as Europe/Copenhagen."
_IS_UTC: Final = re.compile(r"<?(?:UTC|GMT|Z)>?[+-]?0{1,2}", re.IGNORECASE)
_NO_NAMES: Final = ("localtime", "posixrules", "Factory")
"""Files in a zone folder that are not names of zones."""

TO_THE_MINUTE: Final = "%Y-%m-%d %H:%M"
TO_THE_SECOND: Final = "%Y-%m-%d %H:%M:%S"


def on_clock(moment: datetime, zone: str | None, form: str = TO_THE_SECOND) -> str:
    """Return what the clock of a zone shows at a moment, without the name of the zone.

    Without a zone it is UTC, which is named, as it is at the ends of time, where the zone would need the year 10000.
    """
    if zone is not None:
        with suppress(OverflowError, ValueError):
            return moment.astimezone(zoneinfo.ZoneInfo(zone)).strftime(form)
    return moment.astimezone(UTC).strftime(f"{form} UTC")


def told(moment: datetime, zone: str | None, form: str = TO_THE_SECOND) -> str:
    """Return the same for a sentence, with the name of the zone: 2026-11-23 13:00:00 (Europe/Copenhagen)."""
    shown = on_clock(moment, None if zone == "UTC" else zone, form)
    return shown if shown.endswith(" UTC") else f"{shown} ({zone})"


def of_host(variable: str | None, etc: Path = ETC) -> str:
    """Return the name of this host's zone.

    Args:
        variable: The value of TZ; None when it is not set.
        etc: The folder with `localtime` and `timezone`.

    Raises:
        SettingsError: The zone has no IANA name.
    """
    if variable is not None and variable.strip():
        return _of_variable(variable.strip().removeprefix(":"), etc)
    if sys.platform == "win32":
        return _of_windows()
    return "UTC" if variable is not None else _of_files(etc)  # an empty TZ is UTC, as the C library reads it


def differs(name: str, etc: Path = ETC) -> str | None:
    """Return a different zone that /etc/timezone names and nothing uses; None where it agrees or does not exist."""
    named, file = _named_in_file(etc), etc / "localtime"
    uses_file = file.is_file() and file.read_bytes() == _content(name)  # and not TZ
    return named if named and uses_file and _content(named) != _content(name) else None


def _of_variable(text: str, etc: Path) -> str:
    if text == str(etc / "localtime"):
        return _of_files(etc)
    name = _name_in_path(text) if text.startswith("/") else text
    if _is_known(name):
        return name
    if _IS_UTC.fullmatch(text):
        return "UTC"
    raise SettingsError(
        where="The time zone of this host", problem=f"TZ is {text!r}, which is not an IANA name", hint=_HINT
    )


def _of_files(etc: Path) -> str:
    """Return the zone that /etc/localtime links to, or one with the same content; UTC when there is no such file."""
    path = etc / "localtime"
    for _ in range(10):
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
        if _is_known(name := _name_in_path(path.as_posix())):
            return name
    return _alike(path, etc) if path.is_file() else "UTC"


def _alike(file: Path, etc: Path) -> str:
    """Return the zone with the content of this copy: the one that /etc/timezone names, or else the first."""
    content = file.read_bytes()
    cities = sorted(zoneinfo.available_timezones(), key=lambda name: ("/" not in name, name))
    for name in [_named_in_file(etc) or "UTC", *cities]:
        if _content(name) == content:
            return name
    raise SettingsError(
        where="The time zone of this host", problem=f"{file} is a zone without an IANA name", hint=_HINT
    )


def _named_in_file(etc: Path) -> str | None:
    file = etc / "timezone"
    name = file.read_text("utf-8", errors="replace").strip() if file.is_file() else ""
    return name if _is_known(name) else None


def _content(name: str) -> bytes | None:
    """Return the content of a zone's file."""
    return next((file.read_bytes() for file in _files(name) if file.is_file()), None)


def _files(name: str) -> Iterator[Path]:
    yield from (Path(folder) / name for folder in zoneinfo.TZPATH)
    yield Path(str(resources.files("tzdata") / "zoneinfo" / name))


def _name_in_path(path: str) -> str:
    """Return the name in the path of a zone's file: `/usr/share/zoneinfo/Europe/Copenhagen`."""
    return re.sub(r"^(?:posix|right)/", "", path.rpartition("zoneinfo/")[2])


def _is_known(name: str) -> bool:
    if not name or name in _NO_NAMES:
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError: a folder of zones, such as Europe
        return False
    return True


def _of_windows() -> str:
    """Return the zone in the registry, translated from Microsoft's names to IANA's."""
    import tzlocal

    try:
        return str(tzlocal.get_localzone_name())
    except LookupError as problem:
        raise SettingsError(
            where="The time zone of this host",
            problem=f"Windows calls it {problem}, which has no IANA name",
            hint=_HINT,
        ) from None
