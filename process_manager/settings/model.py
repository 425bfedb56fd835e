"""The settings of the engine, and what settings of a package are."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from process_manager import time_zone
from process_manager.actor import Role
from process_manager.settings import sources
from process_manager.settings.sources import PREFIX
from process_manager.settings.value_types import (
    Anchored,
    Duration,
    Endings,
    GroupRoles,
    Groups,
    Level,
    Networks,
    Origins,
    Packages,
    Url,
    Zone,
    between,
)


class Settings(BaseSettings):
    """Every setting of the engine, read once and never changed."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="ignore",  # `load` refuses unknown names itself, and says where they are
        frozen=True,
        hide_input_in_errors=True,
    )

    reads_sources: ClassVar[bool] = True
    """Whether the environment and the files say what its caller does not."""

    _given: frozenset[str] = PrivateAttr(frozenset())

    database_url: Url = Field(
        SecretStr("sqlite:///process-manager.db"),
        min_length=1,
        validate_default=True,
        description="The engine's own database, as an SQLAlchemy URL.",
    )
    process_packages: Packages = Field(
        ("processes",), description="The packages in which process classes are found, separated by commas."
    )
    locks_folder: Anchored = Field(
        Path("locks"), validate_default=True, description="The folder of the .disabled switch files."
    )
    lease: Annotated[Duration, between("1s", "1h")] = Field(
        timedelta(seconds=90), description="How long a claim holds unless it is renewed, from 1s to 1h."
    )
    time_box: Annotated[Duration, between("1s", "7d")] = Field(
        timedelta(minutes=5), description="How long one `work` run may start steps, from 1s to 7d."
    )
    grace: Annotated[Duration, between("0s", "1d")] = Field(
        timedelta(seconds=30), description="How long a drain waits for running steps, from 0s to 1d."
    )
    clock: Literal["database", "host"] = Field(
        "database", description="Whose clock is read: the database's, which all hosts share, or this host's own."
    )
    concurrency: int = Field(8, ge=1, le=500, description="How many steps one worker runs at once, from 1 to 500.")
    zone: Zone | None = Field(
        None,
        examples=["Europe/Copenhagen"],
        description="The office's time zone as an IANA name; the host's own when unset.",
    )
    quiet: str | None = Field(
        None,
        min_length=1,
        examples=["23:50-24:00"],
        description="The hours in which no step starts: 23:50-24:00 (the default); sat,sun; holidays DK. Or none.",
    )
    retry: str = Field(
        "classic",
        min_length=1,
        description="How a step is retried by default: classic, every 1m x10, exponential 1s..10m x8 or never.",
    )
    logging_config: Anchored | None = Field(
        None, examples=["logging.yaml"], description="A logging.yaml of your own instead of the shipped one."
    )
    log_level: Level | None = Field(
        None,
        examples=["INFO"],
        description="The least level that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL.",
    )
    log_format: Literal["console", "json"] = Field("console", description="How a log line is written: console or json.")
    console_role: Role = Field(
        Role.OPERATOR,
        description="What those who type commands here may do: viewer, caseworker, operator or admin.",
    )
    console_groups: Groups = Field(
        ("*",),
        examples=["economy,chief"],
        description="The groups whose tasks those who type commands here answer, separated by commas; * is every one.",
    )
    reasons_required: str | None = Field(
        None,
        min_length=1,
        examples=["restart, fakturering:*"],
        description="Which acts need a reason, of which processes: restart, fakturering:skip-step. * is any.",
    )
    upload_limit: int = Field(16, ge=1, le=2000, description="How many megabytes a file may have that is uploaded.")
    upload_types: Endings = Field(
        None,
        examples=[".pdf,.xlsx"],
        description="How names of uploaded files must end, separated by commas; in any way when unset.",
    )
    upload_keep: Annotated[Duration, between("1h", "30d")] = Field(
        timedelta(days=1), description="How long an uploaded file is kept whose process was never started."
    )
    batch_keep: Annotated[Duration, between("1d", "3650d")] = Field(
        timedelta(days=90), description="How long a batch is kept after it ended, with what became of each process."
    )
    event_keep: Annotated[Duration, between("1h", "3650d")] | None = Field(
        None,
        examples=["365d"],
        description="How long an event is kept, and stands, for which nothing waits; for ever when unset.",
    )
    files_folder: Anchored | None = Field(
        None,
        examples=["files"],
        description="A folder of uploaded files that every host sees; they are in the database when unset.",
    )
    web_host: str = Field("127.0.0.1", min_length=1, description="The address on which `web` listens.")
    web_port: int = Field(8000, ge=0, le=65535, description="The port on which `web` listens; 0 takes a free one.")
    web_certificate: Anchored | None = Field(
        None, examples=["cert.pem"], description="The certificate with which `web` speaks HTTPS, as a PEM file."
    )
    web_key: Anchored | None = Field(
        None, examples=["key.pem"], description="The private key of that certificate, as a PEM file without password."
    )
    web_origins: Origins | None = Field(
        None,
        examples=["https://intranet.office.example"],
        description="Sites whose scripts may ask the HTTP API with a token, by their origins, separated by commas.",
    )
    web_proxy: Networks | None = Field(
        None,
        examples=["10.0.0.5"],
        description="The addresses or networks of the proxy in front of `web`, separated by commas.",
    )
    web_proxy_secret: SecretStr | None = Field(
        None,
        min_length=32,
        examples=["a-long-text-that-nobody-guesses-8d1f"],
        description="What that proxy sends as X-Process-Manager-Proxy with each request.",
    )
    web_proxy_secret_file: Anchored | None = Field(
        None, examples=["proxy-secret"], description="A file that holds this secret instead."
    )
    web_proxy_sign_on: bool = Field(
        False, description="Whether that proxy says who asks, as X-Process-Manager-User: true or false."
    )
    web_proxy_roles: GroupRoles | None = Field(
        None,
        examples=["OFFICE\\Drift=operator; OFFICE\\Sager=caseworker"],
        description="The roles of groups in X-Process-Manager-Groups: GROUP=ROLE; GROUP=ROLE. Unset: those of users.",
    )
    debug: bool = Field(False, description="Whether an error shows its traceback: true or false.")

    def __init__(self, **given: Any) -> None:
        """Read the settings; what is given goes before all that is read."""
        super().__init__(**given)
        self._given = frozenset(given)

    @property
    def given(self) -> frozenset[str]:
        """The names of the settings that its caller said."""
        return self._given

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
        lines = {sources.field("dotenv", key): value for key, value in sources.read_dotenv()}
        files = (InitSettingsSource(settings_cls, found) for found in (lines, sources.read_toml()))
        return init_settings, env_settings, *files

    def zone_name(self) -> str:
        """Return the zone of moments without one, as set or the host's; SettingsError if that has no name."""
        return self.zone or time_zone.of_host(os.environ.get("TZ"))


class PackageSettings(BaseModel):
    """Settings that a package declares: a subclass in a module of it whose name ends in `_settings`.

    Each field has a description, and either a default or `examples`. It is read and written as those of the engine are.
    """

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the part of the settings that this class declares; its defaults where they were read without it."""
        return settings if isinstance(settings, cls) else cls()
