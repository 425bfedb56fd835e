"""`limit`: what the fleet shares, who has it, and another number of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, write_rows
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError

if TYPE_CHECKING:
    from process_manager.inspection import SharedLimit

LIST: Final = "list"
AS_DECLARED: Final = "declared"

_COLUMNS: Final = ("name", "most", "per", "taken", "by", "resting", "declared", "changed_by", "changed_at")
_SPARE: Final = ("changed_at", "changed_by", "declared")


@click.command(cls=CliCommand, example='limit sap-seats 5 --reason "two more licences"')
@click.argument("name")
@click.argument("number", required=False)
@click.option("--reason", default="", help="Why, for the audit chain.")
@output_option
@click.pass_obj
def limit(session: Session, name: str, number: str | None, reason: str, form: str) -> None:
    """List what the fleet shares, or change it.

    `limit list` shows every limit and rate with who has its seats, `limit NAME` one. With NUMBER it has so many seats,
    or so many steps start in its period; 0 lets nothing start, and `declared` is what the code says. Every worker goes
    by it from its next look on. What runs goes on.
    """
    if number is None:
        _show(session, None if name == LIST else name, form)
    else:
        _change(session, name, number, reason)


def _show(session: Session, name: str | None, form: str) -> None:
    from process_manager import inspection

    with session.opened() as database, database.read() as connection:
        every = inspection.shared_limits(connection, viewer=session.viewer)
    found = [each for each in every if name is None or each.name == name]
    write_rows([_row(each, form) for each in found], Look(form, _COLUMNS, session.zone, _SPARE))
    if not found and form == "table":
        tell("There is none yet: a limit is known once a worker that declares it looks for work.")


def _row(found: SharedLimit, form: str) -> dict[str, Any]:
    same = {name: getattr(found, name) for name in _COLUMNS if name != "by"}
    if form == "table":
        return {**same, "by": ", ".join(f"{each.process_id} ({each.name})" for each in found.holders)}
    holders = [
        {name: getattr(each, name) for name in ("process_id", "name", "step", "since", "worker")}
        for each in found.holders
    ]
    return {**same, "by": holders}


def _change(session: Session, name: str, number: str, reason: str) -> None:
    from process_manager.governance.limit_actions import ChangeLimit

    wanted = None if number == AS_DECLARED else _number(number)
    with session.opened() as database:
        is_new = session.act(database, ChangeLimit(name, wanted, reason=reason))
    shown = "what the code declares" if wanted is None else wanted
    tell(f"{name!r} is {shown} from now on." if is_new else f"{name!r} was {shown} before.")


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        hint = "Give a whole number such as 5, or `declared`."
        raise UsageError(problem=f"{text[:40]!r} is no number of seats. {hint}") from None
