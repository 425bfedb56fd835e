"""`tasks`: what processes ask people, and what people answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.edit_payload import values
from process_manager.cli.output import Look, fields, write_one, write_rows
from process_manager.cli.payload_input import payload as given_payload
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    from process_manager.inspection import TaskDetail, TaskFilter

_COLUMNS: Final = ("id", "title", "group", "claimed_by", "due_at", "is_overdue", "name", "reference", "process_id")
_SPARE: Final = ("process_id", "reference", "claimed_by", "is_overdue", "group", "name")

_id = click.argument("task_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
_reason = click.option("--reason", default="", help="Why, for the history and the audit chain.")


@click.group(epilog="\b\nExample:\n  process-manager tasks list --mine")
def tasks() -> None:
    """Answer what processes ask people."""


@tasks.command("list", cls=CliCommand, example="tasks list --mine --overdue")
@click.option("--group", "groups", multiple=True, help="Asked of this group.")
@click.option("--mine", is_flag=True, help="Those that you may answer: of your groups, of no group, or given to you.")
@click.option("--overdue", is_flag=True, help="Those that should have been answered by now.")
@click.option("--name", help="Of processes of this name.")
@click.option(
    "--status",
    type=click.Choice(("open", "answered", "withdrawn", "any")),
    default="open",
    show_default=True,
    help="How they stand.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many at most.")
@output_option
@click.pass_obj
def list_tasks(session: Session, /, groups: Sequence[str], limit: int, form: str, **which: Any) -> None:
    """List what is asked, first what is due first."""
    from process_manager import inspection

    found = _filter(session, groups, **which)
    with session.opened() as database, database.read() as connection:
        page = inspection.tasks(connection, found, limit=limit, viewer=session.viewer)
    write_rows([fields(each) for each in page.tasks], Look(form, _COLUMNS, session.zone, _SPARE))
    if not page.tasks and form == "table":
        tell("Nobody is asked anything.")
    if page.after is not None:
        tell(f"These are the first {limit}: --limit shows more.")


def _filter(  # noqa: PLR0913 - the options of the list, by name
    session: Session, groups: Sequence[str], *, mine: bool, overdue: bool, name: str | None, status: str
) -> TaskFilter:
    from dataclasses import replace
    from typing import cast

    from process_manager import clock, inspection

    found = inspection.tasks_of(session.actor) if mine else inspection.TaskFilter()
    if groups:
        found = replace(found, groups=tuple(groups), with_ungrouped=False, claimed_by=None)
    stands = None if status == "any" else cast(Any, status)
    return replace(found, status=stands, name=name, overdue_at=clock.now() if overdue else None)


@tasks.command("show", cls=CliCommand, example="tasks show 7")
@_id
@output_option
@click.pass_obj
def show_task(session: Session, task_id: int, form: str) -> None:
    """Show a task: what is asked, the fields of its form, and what was answered."""
    detail = _found(session, task_id)
    row = {**fields(detail.task), "details": detail.details, "answer": detail.answer, "payload": detail.payload}
    if form == "table":
        write_one({**row, "fields": _fields(detail)}, Look(form, zone=session.zone))
        return
    write_one({**row, "form_schema": detail.form_schema}, Look(form, zone=session.zone))


def _fields(detail: TaskDetail) -> str:
    """Return the fields of a form in one line, those that must be filled in with a star."""
    needed = set(detail.form_schema.get("required", ()))
    shown = (f"{name}{'*' if name in needed else ''}" for name in detail.form_schema.get("properties", {}))
    return ", ".join(shown)


@tasks.command("answer", cls=CliCommand, example="tasks answer 7 --field approved=true --json @note.json")
@_id
@click.option(
    "--field",
    "texts",
    multiple=True,
    metavar="NAME=VALUE",
    help="A field of the form: JSON, or else a text. Others may read the arguments of a command: give what is personal "
    "by --json. May be repeated.",
)
@click.option("--json", "document", metavar="JSON", help="Fields as a JSON object; @FILE for a file, @- for stdin.")
@_reason
@click.pass_obj
def answer_task(session: Session, task_id: int, texts: Sequence[str], document: str | None, reason: str) -> None:
    """Answer a task: its process goes on."""
    from process_manager.governance.task_actions import AnswerTask

    given = {} if document is None else given_payload(document, "--json")
    if not isinstance(given, dict):
        raise click.UsageError('--json is no object. Write the fields as {"approved": true}.')
    if not texts and document is None:
        raise click.UsageError("Give the fields of the form: --field approved=true, or --json @FILE.")
    answer = {**given, **values(texts, "--field", "approved=true")}
    process_id = _found(session, task_id).task.process_id
    _ = session.registry  # the forms are in the modules of the process classes
    with session.opened() as database:
        session.act(database, AnswerTask(process_id, task_id, answer=answer, reason=reason))
    tell(f"Task {task_id} is answered: process {process_id} goes on.")


@tasks.command("claim", cls=CliCommand, example="tasks claim 7")
@_id
@_reason
@click.pass_obj
def claim_task(session: Session, task_id: int, reason: str) -> None:
    """Take a task for yourself: nobody else answers it until you release it."""
    from process_manager.governance.task_actions import ClaimTask

    process_id = _found(session, task_id).task.process_id
    with session.opened() as database:
        is_new = session.act(database, ClaimTask(process_id, task_id, reason=reason))
    tell(f"Task {task_id} is yours." if is_new else f"Task {task_id} was yours already.")


@tasks.command("release", cls=CliCommand, example="tasks release 7")
@_id
@_reason
@click.pass_obj
def release_task(session: Session, task_id: int, reason: str) -> None:
    """Let the others of the group take a task."""
    from process_manager.governance.task_actions import ReleaseTask

    process_id = _found(session, task_id).task.process_id
    with session.opened() as database:
        had = session.act(database, ReleaseTask(process_id, task_id, reason=reason))
    tell(f"Task {task_id} is free." if had else f"Nobody had task {task_id}: nothing has changed.")


@tasks.command("reassign", cls=CliCommand, example="tasks reassign 7 --group chief")
@_id
@click.option("--group", help="The group that is asked instead.")
@click.option("--person", help="The person who has it from now on, by the name with which they act.")
@_reason
@click.pass_obj
def reassign_task(session: Session, task_id: int, group: str | None, person: str | None, reason: str) -> None:
    """Ask another group or person instead."""
    from process_manager.governance.task_actions import ReassignTask

    if (group is None) == (person is None):
        raise click.UsageError("Give --group or --person, one of the two.")
    process_id = _found(session, task_id).task.process_id
    action = ReassignTask(process_id, task_id, group=group, person=person, reason=reason)
    with session.opened() as database:
        is_new = session.act(database, action)
    whom = f"group {group!r}" if person is None else person
    tell(f"Task {task_id} is asked of {whom}{'' if is_new else ' already: nothing has changed'}.")


def _found(session: Session, task_id: int) -> TaskDetail:
    from process_manager import inspection

    with session.opened() as database, database.read() as connection:
        return inspection.task(connection, task_id, viewer=session.viewer)
