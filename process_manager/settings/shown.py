"""The settings in force for a reader: each value as it would be written, secrets masked, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pydantic import SecretStr

from process_manager import durations
from process_manager.redaction import MASK, safe_url
from process_manager.settings.in_force import origins
from process_manager.settings.model import Settings

GIVEN: Final = "given at the start"
"""The origin of what the command line, or the program that serves the pages, says."""


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """A setting for a reader."""

    name: str
    value: Any
    origin: str
    meaning: str


def shown(settings: Settings, *, zone: str | None, quiet: str) -> list[ShownSetting]:
    """Return every setting.

    Args:
        settings: The settings in force.
        zone: The zone that holds where none is set; None where the host's has no name.
        quiet: The quiet windows that hold where none are set.
    """
    unset = {
        "zone": (zone, "default: the host's" if zone else "the host's has no name"),
        "quiet": (quiet, "default"),
    }
    found = origins() if settings.reads_sources else dict.fromkeys(type(settings).model_fields, "default")
    found |= dict.fromkeys(settings.given, GIVEN)
    return [
        ShownSetting(name, *_told(name, getattr(settings, name), found[name], unset), str(field.description))
        for name, field in type(settings).model_fields.items()
    ]


def _told(name: str, value: Any, origin: str, unset: Mapping[str, tuple[str | None, str]]) -> tuple[Any, str]:
    return unset[name] if value is None and name in unset else (_written(value), origin)


def _written(value: Any) -> Any:
    """Return the value as it would be written, secrets masked."""
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        return safe_url(text) if "://" in text else MASK
    if isinstance(value, timedelta):
        return durations.format(value)
    if isinstance(value, tuple):
        return ["=".join(each) if isinstance(each, tuple) else str(each) for each in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
