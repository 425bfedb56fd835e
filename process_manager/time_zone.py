"""The time zone of this host, read in one way: the one that its clock goes by, under its IANA name."""

from __future__ import annotations

import re
import sys
import zoneinfo
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

from process_manager.errors import SettingsError

ETC: Final = Path("/etc")

_CURE: Final = "Set PROCESS_MANAGER_ZONE to one, such as Europe/Copenhagen."
_IS_UTC: Final = re.compile(r"<?(?:UTC|GMT|Z)>?[+-]?0{1,2}", re.IGNORECASE)
_OF_THE_HOST: Final = ("localtime", "posixrules", "Factory")
"""Names in a folder of zones that say nothing."""


def of_host(variable: str | None, etc: Path = ETC) -> str:
    """The name, given what TZ says, None when it is not set; raises SettingsError for a zone that has none."""
    if variable is not None and variable.strip():
        return _of_variable(variable.strip().removeprefix(":"), etc)
    if sys.platform == "win32":
        return _of_windows()
    return "UTC" if variable is not None else _of_files(etc)  # an empty TZ is UTC, as the C library reads it


def differs(name: str, etc: Path = ETC) -> str | None:
    """What /etc/timezone says instead, which nothing goes by; None where it agrees or is not there."""
    said, file = _said(etc), etc / "localtime"
    goes_by_the_file = file.is_file() and file.read_bytes() == _content(name)  # and not by TZ
    return said if said and goes_by_the_file and _content(said) != _content(name) else None


def _of_variable(text: str, etc: Path) -> str:
    if text == str(etc / "localtime"):
        return _of_files(etc)
    name = _behind_zoneinfo(text) if text.startswith("/") else text
    if _is_known(name):
        return name
    if _IS_UTC.fullmatch(text):
        return "UTC"
    raise SettingsError(where="The time zone of this host", problem=f"TZ is {text!r}, no IANA name", cure=_CURE)


def _of_files(etc: Path) -> str:
    """By the name of the file that /etc/localtime links to, or of one with the same in it; UTC when it is not there."""
    path = etc / "localtime"
    for _ in range(10):
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
        if _is_known(name := _behind_zoneinfo(path.as_posix())):
            return name
    return _alike(path, etc) if path.is_file() else "UTC"


def _alike(file: Path, etc: Path) -> str:
    """The zone with the content of this copy: the one that /etc/timezone names, or else the first."""
    content = file.read_bytes()
    cities = sorted(zoneinfo.available_timezones(), key=lambda name: ("/" not in name, name))
    for name in [_said(etc) or "UTC", *cities]:
        if _content(name) == content:
            return name
    raise SettingsError(where="The time zone of this host", problem=f"{file} is a zone without a name", cure=_CURE)


def _said(etc: Path) -> str | None:
    file = etc / "timezone"
    name = file.read_text("utf-8", errors="replace").strip() if file.is_file() else ""
    return name if _is_known(name) else None


def _content(name: str) -> bytes | None:
    """What the file of a zone holds."""
    return next((file.read_bytes() for file in _files(name) if file.is_file()), None)


def _files(name: str) -> Iterator[Path]:
    yield from (Path(folder) / name for folder in zoneinfo.TZPATH)
    yield Path(str(resources.files("tzdata") / "zoneinfo" / name))


def _behind_zoneinfo(path: str) -> str:
    """The name in the path of a zone's file: `/usr/share/zoneinfo/Europe/Copenhagen`."""
    return re.sub(r"^(?:posix|right)/", "", path.rpartition("zoneinfo/")[2])


def _is_known(name: str) -> bool:
    if not name or name in _OF_THE_HOST:
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError: a folder of zones, such as Europe
        return False
    return True


def _of_windows() -> str:
    """What the registry says; Microsoft's names are those of other people's zones in IANA's list."""
    import tzlocal

    try:
        return str(tzlocal.get_localzone_name())
    except LookupError as problem:
        raise SettingsError(
            where="The time zone of this host", problem=f"Windows calls it {problem}, no IANA name", cure=_CURE
        ) from None
