"""Where settings are written: the environment, `.env` and `process_manager.toml`."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from process_manager import env_file
from process_manager.errors import SettingsError

PREFIX = "PROCESS_MANAGER_"
ENV_FILE = Path(".env")
TOML_FILE = Path("process_manager.toml")


def pairs(given: dict[str, object]) -> Iterator[tuple[str, Iterator[tuple[str, object]]]]:
    """Yield each source with the keys it sets, by the name a person would look for, in their order of precedence."""
    yield "call", iter(given.items())
    yield "env", ((key.upper(), value) for key, value in os.environ.items() if key.upper().startswith(PREFIX))
    yield "dotenv", read_dotenv()
    yield "toml", iter(read_toml().items())


def read_dotenv() -> Iterator[tuple[str, object]]:
    """Yield the names of `.env` that are ours, each with its value."""
    for key, value in env_file.read(_read(ENV_FILE), os.environ, shown=ENV_FILE):
        if key.upper().startswith(PREFIX):
            yield key.upper(), value


def read_toml() -> dict[str, Any]:
    """Return what `process_manager.toml` holds."""
    try:
        return tomllib.loads(_read(TOML_FILE))
    except tomllib.TOMLDecodeError as error:
        problem = f"is not valid TOML: {error}"
        raise SettingsError(where=TOML_FILE, problem=problem, hint='Write lines such as lease = "90s".') from None


def _read(path: Path) -> str:
    if not path.is_file():
        return ""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(where=path, problem="is not UTF-8", hint="Save it as UTF-8.") from None
    except OSError as error:
        hint = "Let the account that runs this read it, or remove it."
        raise SettingsError(where=path, problem=f"cannot be read: {error.strerror}", hint=hint) from None


def field(source: str, key: str) -> str:
    """Return the name of the setting that a key of this source means."""
    return key.removeprefix(PREFIX).lower() if source in ("env", "dotenv") else key


def where(source: str, key: str) -> str:
    """Return where the key stands, as a person would look for it."""
    in_file = {"dotenv": f"{ENV_FILE}, {key}", "toml": f"{TOML_FILE}, {key}"}
    return in_file.get(source, key)
