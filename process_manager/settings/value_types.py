"""How the value of a setting is read from what a person wrote."""

from __future__ import annotations

import difflib
import ipaddress
import re
import zoneinfo
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from process_manager import durations
from process_manager.actor import Role
from process_manager.errors import IllegalValue


def _problem(problem: str, hint: str) -> PydanticCustomError:
    # The facts are passed as context: a message template would fail on braces in what a person typed.
    return PydanticCustomError("setting", "refused", {"problem": problem, "hint": hint})


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return durations.parse(str(value))
    except IllegalValue as error:
        raise _problem(f"{value!r} {error.facts['problem']}", str(error.facts["hint"])) from None


def between(least: str, most: str) -> AfterValidator:
    """Return what refuses a duration that is shorter than `least` or longer than `most`."""

    def check(value: timedelta) -> timedelta:
        if durations.parse(least) <= value <= durations.parse(most):
            return value
        raise _problem(f"{durations.format(value)} is out of range", f"Give a duration from {least} to {most}.")

    return AfterValidator(check)


def _packages(value: object) -> object:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple):
        return value
    names = tuple(name.strip() if isinstance(name, str) else name for name in names)
    for name in names:
        if isinstance(name, str) and not all(part.isidentifier() for part in name.split(".")):
            raise _problem(f"{name!r} is not a package name", "Give importable names, such as processes,office.flows.")
    if not names:
        raise _problem("no package is named", "Name at least one, such as processes.")
    return names


def _endings(value: object) -> object:
    found = [each for each in value.split(",") if each.strip()] if isinstance(value, str) else value
    if not isinstance(found, list | tuple):
        return value
    endings = tuple(each.strip().lower() if isinstance(each, str) else each for each in found)
    for each in endings:
        if isinstance(each, str) and not re.fullmatch(r"\.[a-z0-9]{1,10}", each):
            raise _problem(f"{each!r} is not how a file name ends", "Give endings with their dot, such as .pdf,.xlsx.")
    return endings


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        likely = difflib.get_close_matches(name, zoneinfo.available_timezones(), n=1) or ["Europe/Copenhagen"]
        raise _problem(f"{name!r} is not a time zone", f"Give an IANA name, such as {likely[0]}.") from None
    return name


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _networks(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(_network(part.strip()) for part in value.split(","))


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        hint = "Give addresses or networks, such as 10.0.0.5 or 10.1.0.0/24,fd00::/64."
        raise _problem(f"{text!r} is no address and no network", hint) from None


def _origins(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = tuple(part.strip() for part in value.split(","))
    for each in found:
        if not _ORIGIN.fullmatch(each):
            raise _problem(f"{each!r} is no origin", "Give what a browser sends, such as https://office.example:8443.")
    return found


_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def _groups(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    for each in found:
        if len(each) > 100:
            raise _problem(
                f"{each[:50]!r}… is no name of a group", "Give names such as economy,chief, or * for every one."
            )
    return found


def _group_roles(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(_group_role(part) for part in value.split(";"))


def _group_role(text: str) -> tuple[str, Role]:
    group, equals, role = (part.strip() for part in text.rpartition("="))
    if not (group and equals) or role not in set(Role):
        hint = f"Write GROUP=ROLE; GROUP=ROLE, where a role is one of {', '.join(Role)}."
        raise _problem(f"{text.strip()!r} gives no group a role", hint)
    return group, Role(role)


def _absolute(path: Path) -> Path:
    """Resolve the path now: a step may change the working folder, for all threads at once."""
    return path.absolute()


def _anchored(url: SecretStr) -> SecretStr:
    """Resolve the path of an SQLite URL now, for the same reason."""
    found = _SQLITE.fullmatch(url.get_secret_value())
    if found is None or found["path"].startswith((":memory:", "file:")) or "?" in str(Path.cwd()):
        return url
    return SecretStr(f"{found['head']}{Path(found['path']).absolute()}{found['query']}")


_SQLITE = re.compile(r"(?P<head>sqlite(?:\+\w+)?:///)(?P<path>[^?]+)(?P<query>.*)", re.DOTALL)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]
GroupRoles = Annotated[tuple[tuple[str, Role], ...], NoDecode, BeforeValidator(_group_roles)]
Groups = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_groups)]
Packages = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_packages)]
Endings = Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(_endings)]
Zone = Annotated[str, AfterValidator(_zone)]
Anchored = Annotated[Path, AfterValidator(_absolute)]
Url = Annotated[SecretStr, AfterValidator(_anchored)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)]
