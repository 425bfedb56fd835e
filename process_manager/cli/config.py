"""`config show`: the settings in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, fields, write_rows
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
    from process_manager.gates.quiet import DEFAULT

    rows = [fields(each) for each in settings.shown(session.settings, zone=session.zone, quiet=DEFAULT)]
    if form == "table":
        rows = [{**row, "value": _joined(row["value"])} for row in rows]
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


def _joined(value: Any) -> Any:
    return ",".join(value) if isinstance(value, list) else value
