"""The settings: from the caller, the environment, `.env` and `process_manager.toml`, in this order."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
import zoneinfo
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from process_manager import durations, env_file, time_zone
from process_manager.errors import IllegalValue, SettingsError
from process_manager.redaction import redact_text

PREFIX = "PROCESS_MANAGER_"
ENV_FILE = Path(".env")
TOML_FILE = Path("process_manager.toml")
_TEST_PREFIX = PREFIX + "TEST_"  # the servers of the test suite: ignored, but not an error


def _problem(problem: str, cure: str) -> PydanticCustomError:
    # The facts are passed as context: a message template would fail on braces in what a person typed.
    return PydanticCustomError("setting", "refused", {"problem": problem, "cure": cure})


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return durations.parse(str(value))
    except IllegalValue as error:
        raise _problem(f"{value!r} {error.facts['problem']}", str(error.facts["cure"])) from None


def _between(least: str, most: str) -> AfterValidator:
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


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        likely = difflib.get_close_matches(name, zoneinfo.available_timezones(), n=1) or ["Europe/Copenhagen"]
        raise _problem(f"{name!r} is not a time zone", f"Give an IANA name, such as {likely[0]}.") from None
    return name


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


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

Anchored = Annotated[Path, AfterValidator(_absolute)]
Url = Annotated[SecretStr, AfterValidator(_anchored)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)]


class Settings(BaseSettings):
    """Every setting of an installation, read once and never changed."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="ignore",  # `load` refuses unknown names itself and says where they are
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: Url = Field(
        SecretStr("sqlite:///process-manager.db"),
        min_length=1,
        validate_default=True,
        description="The engine's own database, as an SQLAlchemy URL.",
    )
    process_packages: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_packages)] = Field(
        ("processes",), description="The packages in which process classes are found, separated by commas."
    )
    locks_folder: Anchored = Field(
        Path("locks"), validate_default=True, description="The folder of the .disabled switch files."
    )
    lease: Annotated[Duration, _between("1s", "1h")] = Field(
        timedelta(seconds=90), description="How long a claim holds unless it is renewed, from 1s to 1h."
    )
    time_box: Annotated[Duration, _between("1s", "7d")] = Field(
        timedelta(minutes=5), description="How long one `work` run may start steps, from 1s to 7d."
    )
    grace: Annotated[Duration, _between("0s", "1d")] = Field(
        timedelta(seconds=30), description="How long a drain waits for running steps, from 0s to 1d."
    )
    clock: Literal["database", "host"] = Field(
        "database", description="Whose clock is read: the database's, which all hosts share, or this host's own."
    )
    concurrency: int = Field(8, ge=1, le=500, description="How many steps one worker runs at once, from 1 to 500.")
    zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        None, description="The office's time zone as an IANA name; the host's own when unset."
    )
    quiet: str | None = Field(
        None,
        min_length=1,
        description="The hours in which no step starts: 23:50-24:00 (the default); sat,sun; holidays DK. Or none.",
    )
    retry: str = Field(
        "classic",
        min_length=1,
        description="How a step is retried by default: classic, every 1m x10, exponential 1s..10m x8 or never.",
    )
    logging_config: Anchored | None = Field(None, description="A logging.yaml of your own instead of the shipped one.")
    log_level: Level | None = Field(
        None, description="The least level that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL."
    )
    log_format: Literal["console", "json"] = Field("console", description="How a log line is written: console or json.")
    fakturering_url: Url | None = Field(
        None, min_length=1, description="The database with the invoice rows, as an SQLAlchemy URL."
    )
    openorchestrator_url: Url | None = Field(
        None, min_length=1, description="The OpenOrchestrator database with the queues, as an SQLAlchemy URL."
    )
    debug: bool = Field(False, description="Whether an error shows its traceback: true or false.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  not used: it expands ${NAME} in single quotes
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the framework passes it by name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources in their order of precedence."""
        lines = {_field("dotenv", key): value for key, value in _read_dotenv()}
        files = (InitSettingsSource(settings_cls, found) for found in (lines, _read_toml()))
        return init_settings, env_settings, *files

    def zone_name(self) -> str:
        """Return the zone of moments without one, as set or the host's; SettingsError if that has no name."""
        return self.zone or time_zone.of_host(os.environ.get("TZ"))


def load(**overrides: object) -> Settings:
    """Return the settings in force: from the caller, the environment, `.env` and `process_manager.toml`, in this order.

    Args:
        overrides: What the caller sets, by the name of the setting; None leaves it to the others.

    Returns:
        The settings, which never change.

    Raises:
        SettingsError: A setting is unknown or wrong; the error says where it stands and what to do.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    found = {source: dict(pairs) for source, pairs in _sources(given)}
    for source, pairs in found.items():
        _check_keys(source, pairs)
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        raise _explain(error, found) from None


def origins() -> dict[str, str]:
    """Return where each setting comes from.

    Returns:
        By the name of the setting: a variable, a line of `.env` or of `process_manager.toml`, or `default`.
    """
    found = dict.fromkeys(Settings.model_fields, "default")
    for source, pairs in reversed(list(_sources({}))):
        found.update({_field(source, key): _where(source, key) for key, _value in pairs if _is_ours(source, key)})
    return found


def _is_ours(source: str, key: str) -> bool:
    return _field(source, key) in Settings.model_fields


def _sources(given: dict[str, object]) -> Iterator[tuple[str, Iterator[tuple[str, object]]]]:
    """Yield each source with the keys it sets, by the name a person would look for, in their order of precedence."""
    yield "call", iter(given.items())
    yield "env", ((key.upper(), value) for key, value in os.environ.items() if key.upper().startswith(PREFIX))
    yield "dotenv", _read_dotenv()
    yield "toml", iter(_read_toml().items())


def _read_dotenv() -> Iterator[tuple[str, object]]:
    for key, value in env_file.read(_read(ENV_FILE), os.environ, shown=ENV_FILE):
        if key.upper().startswith(PREFIX):
            yield key.upper(), value


def _read_toml() -> dict[str, Any]:
    try:
        return tomllib.loads(_read(TOML_FILE))
    except tomllib.TOMLDecodeError as error:
        problem = f"is not valid TOML: {error}"
        raise SettingsError(where=TOML_FILE, problem=problem, cure='Write lines such as lease = "90s".') from None


def _read(path: Path) -> str:
    if not path.is_file():
        return ""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(where=path, problem="is not UTF-8", cure="Save it as UTF-8.") from None
    except OSError as error:
        cure = "Let the account that runs this read it, or remove it."
        raise SettingsError(where=path, problem=f"cannot be read: {error.strerror}", cure=cure) from None


def _check_keys(source: str, pairs: dict[str, object]) -> None:
    for key, value in pairs.items():
        name = _field(source, key)
        if name not in Settings.model_fields and not (source == "env" and key.startswith(_TEST_PREFIX)):
            raise SettingsError(where=_where(source, key), problem="is not a setting", cure=_suggest(source, name))
        if value is None or (isinstance(value, str) and not value.strip()):
            raise SettingsError(where=_where(source, key), problem="is empty", cure="Remove it or give it a value.")


def _field(source: str, key: str) -> str:
    return key.removeprefix(PREFIX).lower() if source in ("env", "dotenv") else key


def _where(source: str, key: str) -> str:
    in_file = {"dotenv": f"{ENV_FILE}, {key}", "toml": f"{TOML_FILE}, {key}"}
    return in_file.get(source, key)


def _suggest(source: str, name: str) -> str:
    spelled = name.lower().replace("-", "_").removeprefix(PREFIX.lower())
    likely = difflib.get_close_matches(spelled, Settings.model_fields, n=1)
    prefix = PREFIX if source in ("env", "dotenv") else ""
    if likely:
        return f"Did you mean {prefix + likely[0].upper() if prefix else likely[0]}?"
    return f"The settings are {', '.join(Settings.model_fields)}."


def _explain(error: ValidationError, found: dict[str, dict[str, object]]) -> SettingsError:
    """Return the first problem that pydantic found, with the place it comes from."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0])
    where = next(
        (_where(source, key) for source, pairs in found.items() for key in pairs if _field(source, key) == name), name
    )
    facts = first.get("ctx", {})
    problem = str(facts.get("problem") or f"is refused: {first['msg'][0].lower()}{first['msg'][1:]}")
    cure = str(facts.get("cure") or Settings.model_fields[name].description)
    return SettingsError(where=where, problem=redact_text(problem), cure=cure)  # pydantic's text repeats the value
