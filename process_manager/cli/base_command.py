"""What all commands share: an example in the help, `--debug`, ids, output forms."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import click

from process_manager.cli.output import FORMS
from process_manager.cli.session import Session
from process_manager.csv_cells import EXCEL

F = TypeVar("F", bound=Callable[..., Any])


class CliCommand(click.Command):
    """A command with an example, which knows `--debug` wherever it is typed."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.epilog = f"\b\nExample:\n  process-manager {example}"
        self.params.append(_debug_option())


def _debug_option() -> click.Option:
    return click.Option(
        ["--debug"], is_flag=True, expose_value=False, callback=_debug, help="Show the traceback of an error."
    )


def _debug(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    session = ctx.ensure_object(Session)
    session.debug = session.debug or value


def an_id(text: str) -> int:
    """Return the number of an id as every database stores it; raise BadParameter when it is none."""
    if text.isascii() and text.isdecimal() and len(text) <= 19 and 1 <= int(text) < 2**63:
        return int(text)
    raise click.BadParameter(f"{text[:40]!r} is no id. An id is a whole number, as `process-manager list` shows them.")


id_argument = click.argument("process_id", metavar="ID", type=an_id)


def output_options(told: str, default: str | None = None) -> Callable[[F], F]:
    """Return the options that say how rows are written; the command is given their `form`."""
    as_form = click.option(
        "-o", "--output", "form", type=click.Choice(FORMS), default=default, show_default=bool(default), help=told
    )
    as_sheet = click.option(
        "--excel", is_flag=True, help="As CSV that Excel opens: with a mark for UTF-8 and semicolons."
    )

    def add(function: F) -> F:
        @wraps(function)
        def called(*arguments: Any, form: str | None, excel: bool, **options: Any) -> Any:
            if excel and form not in (default, "csv"):
                raise click.UsageError(f"--excel and -o {form} do not go together: it is CSV of its own kind.")
            return function(*arguments, form=EXCEL if excel else form, **options)

        return as_form(as_sheet(cast(F, called)))

    return add


output_option = output_options("How it is written.", "table")
