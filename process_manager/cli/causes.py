"""`causes`: why processes have stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.completion import process_names
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    from process_manager.inspection import StopCause

_COLUMNS: Final = ("number", "status", "name", "version", "step", "oldest", "newest", "passed", "cause", "message")
_SPARE: Final = ("oldest", "passed", "version", "newest")


@click.command(cls=CliCommand, example="causes --name fakturering")
@click.option("--name", shell_complete=process_names, help="Of this process class.")
@click.option("--step", help="At this step.")
@output_option
@click.pass_obj
def causes(session: Session, name: str | None, step: str | None, form: str) -> None:
    """List why processes have stopped, the commonest first.

    What stopped at one step with the same words is one cause, whatever numbers, ids and quoted values stand between
    them. `list --cause KEY` shows its processes, `restart-process --where cause=KEY` makes them due again. PASSED says
    how many others have passed the step since the newest stopped.
    """
    from process_manager import inspection

    with session.opened() as database, database.read() as connection:
        every = inspection.causes(connection, viewer=session.viewer)
    found = every.of(name=name, step=step)
    columns = _COLUMNS if form == "table" else _ALL
    write_rows([_row(each, form) for each in found.items], Look(form, columns, session.zone, _SPARE))
    if form == "table" and not found.items:
        tell("Nothing has stopped.")
    if found.unsorted:
        tell(f"{found.unsorted} more stopped before causes were kept. `process-manager web` sorts them.")


_ALL: Final = (
    "keys", "status", "name", "version", "step", "number", "said", "oldest", "newest", "passed", "examples",
)  # fmt: skip


def _row(each: StopCause, form: str) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in each.__slots__}
    if form == "table":
        return {**told, "cause": ",".join(each.keys), "message": each.said}
    return {**told, "keys": list(each.keys), "examples": [fields(one) for one in each.examples]}
