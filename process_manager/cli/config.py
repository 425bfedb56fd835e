"""`config show`: the settings in force."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, write_rows
from process_manager.cli.session import Session

if TYPE_CHECKING:
    from process_manager.settings import Settings

_COLUMNS: Final = ("name", "value", "origin", "meaning")


@click.group(epilog="\b\nExample:\n  process-manager config show")
def config() -> None:
    """Read the settings."""


@config.command(cls=CliCommand, example="config show")
@output_option
@click.pass_obj
def show(session: Session, form: str) -> None:
    """Show each setting, its value in force, and where that comes from.

    Passwords are masked.
    """
    from process_manager import settings

    found = session.settings
    origins = settings.origins()
    rows = [
        {
            "name": name,
            "value": _shown(getattr(found, name), form),
            "origin": origins[name],
            "meaning": field.description,
        }
        for name, field in type(found).model_fields.items()
    ]
    _explain_unset(rows, session)
    write_rows(rows, Look(form, _COLUMNS if form != "table" else _COLUMNS[:3]))


@config.command(cls=CliCommand, example="config example > .env")
@click.pass_obj
def example(session: Session) -> None:
    """Write a `.env` with every setting, commented out.

    Each with its meaning and its default.
    """
    from process_manager.cli import env_example

    click.echo(env_example.text(_model(session)), nl=False)


def _model(session: Session) -> type[Settings]:
    """Return the class of the settings in force; that of the shipped ones where they cannot be read."""
    from process_manager import settings
    from process_manager.errors import SettingsError

    try:
        return type(session.settings)
    except SettingsError:
        return settings.model_of()


def _shown(value: Any, form: str) -> Any:
    """Return the value as it would be written, secrets masked."""
    from pydantic import SecretStr

    from process_manager import durations
    from process_manager.redaction import safe_url

    if isinstance(value, SecretStr):
        return safe_url(value.get_secret_value())
    if isinstance(value, timedelta):
        return durations.format(value)
    if isinstance(value, tuple):
        return ",".join(value) if form == "table" else list(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _explain_unset(rows: list[dict[str, Any]], session: Session) -> None:
    """Say what is in force where nothing is set."""
    from process_manager.gates.quiet import DEFAULT

    unset = {
        "zone": (session.zone, "default: the host's" if session.zone else "the host's has no name"),
        "quiet": (DEFAULT, "default"),
    }
    for row in rows:
        if row["value"] is None and row["name"] in unset:
            row["value"], row["origin"] = unset[row["name"]]
