"""`edit-payload`: correct what a process carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from process_manager.cli.base_command import CliCommand, id_argument, output_option
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError

if TYPE_CHECKING:
    from process_manager.definition.markers import Marks
    from process_manager.operations import PayloadEdit


@click.command(
    cls=CliCommand, example='edit-payload 7 --set contact.city=Odense --set rows.0.amount=120 --reason "she moved"'
)
@id_argument
@click.option(
    "--set",
    "texts",
    multiple=True,
    metavar="PATH=VALUE",
    help="The new value: JSON, or else a text. Digits that are a text need quotes: 'phone=\"123\"'. May be repeated.",
)
@click.option("--unset", multiple=True, metavar="PATH", help="Remove what stands there. May be repeated.")
@click.option("--dry-run", is_flag=True, help="Show the differences, and change nothing.")
@click.option("--reason", required=True, help="Why, for the history.")
@output_option
@click.pass_obj
def edit_payload(
    session: Session, /, process_id: int, texts: Sequence[str], unset: Sequence[str], reason: str, **options: Any
) -> None:
    """Correct what a process carries while no step runs.

    PATH is such as contact.city, or rows.0.amount in a list. The parameters model of the process checks the new values.
    The process stays where it is, in a new round with a fresh budget: restart-process makes a failed one due again.
    """
    from process_manager import inspection
    from process_manager.governance.process_actions import EditPayload

    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why the payload is changed: the history keeps it.")
    changes = values(texts, "--set", "contact.phone=123")
    action = EditPayload(process_id, registry=session.registry, changes=changes, unset=tuple(unset), reason=reason)
    with session.opened() as database:
        edit = session.act(database, action, dry_run=options["dry_run"])
        with database.read() as connection:
            found = inspection.get(connection, process_id, viewer=session.viewer)
    _write(session, edit, session.viewer.marks(found.name, found.version), options["form"])
    tell(
        "Nothing was changed: a dry run."
        if options["dry_run"]
        else f"Process {process_id} has this payload now, and stays where it is: {found.status}."
    )


def values(texts: Sequence[str], option: str, example: str) -> dict[str, Any]:
    """Return values by their paths, as they are given with an option; raise UsageError for what is none."""
    found: dict[str, Any] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"A {option} has no =. Write a name and its value, such as {example}.")
        if path in found:
            raise click.UsageError(f"{option} names {path!r} twice. Keep one of the two.")
        found[path] = _value(value, option)
    return found


def _value(text: str, option: str) -> Any:
    from process_manager import serialization

    try:
        return serialization.read(text)
    except RecursionError:
        raise UsageError(problem=f"A value of {option} is nested too deeply. Give a flatter one.") from None
    except ValueError:
        return text


def _write(session: Session, edit: PayloadEdit, marks: Marks | None, form: str) -> None:
    """Write a row for each difference, with a mask in place of what is marked."""
    from process_manager.definition import markers

    shown = markers.masking((edit.before, edit.after), () if marks is None else marks.paths)
    rows = [fields(each) for each in edit.changes(shown)]
    write_rows(rows, Look(form, ("path", "before", "after"), session.zone))
