"""The text of `.env.example`: every setting with its meaning and its default, commented out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from process_manager.settings import Settings

HEAD: Final = """\
# The settings of process-manager, written by `process-manager config example`.
# Copy this file to .env in the folder where commands are started, and remove the # in front of what you change.
# A variable of the environment comes before .env, and .env before process_manager.toml.
"""


def text(model: type[Settings]) -> str:
    """Return the file, made from the class of the settings."""
    from process_manager.settings import PREFIX

    fields = model.model_fields.items()
    return "\n".join([HEAD, *("\n".join(_lines(name, field, PREFIX)) + "\n" for name, field in fields)])


def _lines(name: str, field: FieldInfo, prefix: str) -> Iterator[str]:
    yield f"# {field.description}"
    if field.default is None:
        yield "# Not set by default; for example:"
    value = field.default if field.default is not None else (field.examples or [""])[0]
    yield f"#{prefix}{name.upper()}={written(value)}"


def written(value: object) -> str:
    """Return the value of a setting as a person writes it."""
    from pydantic import SecretStr

    from process_manager import durations

    if isinstance(value, SecretStr):
        return value.get_secret_value()  # a default, which is no secret
    if isinstance(value, timedelta):
        return durations.format(value)
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value.as_posix() if isinstance(value, Path) else str(value)
