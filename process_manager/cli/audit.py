"""`audit`: what was done, by whom and why, and whether that is still as it was written."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli import filters
from process_manager.cli.base_command import CliCommand, an_id, output_option
from process_manager.cli.completion import process_names
from process_manager.cli.moments import moment
from process_manager.cli.output import Look, RowStream, fields, write_one, write_rows
from process_manager.cli.reveal import reveal_options
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    import sqlalchemy as sa

    from process_manager.governance.audit import AuditFilter
    from process_manager.inspection.audit_check import Checked

_COLUMNS: Final = ("number", "at", "actor", "way", "act", "name", "process_id", "target", "result", "why")
_SPARE: Final = ("way", "target", "name", "at")
_MOMENTS: Final = ("since", "until")
_NOTED: Final = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


@click.group(epilog="\b\nExample:\n  process-manager audit list --actor anna --since 2026-11-30")
def audit() -> None:
    """Read and check the audit chain: who did what, and why."""


@audit.command("list", cls=CliCommand, example="audit list --act abandon --since 2026-11-01")
@click.option("--actor", help="Done by this person or program.")
@click.option("--act", metavar="ACT", help="This act, such as restart.")
@click.option("--name", shell_complete=process_names, help="On processes of this class.")
@click.option("--process", "process_id", type=an_id, metavar="ID", help="On this process.")
@click.option("--target", help="On this switch, command, user or token.")
@click.option("--result", type=click.Choice(("done", "refused")), help="With this result.")
@click.option("--since", metavar="MOMENT", help="Then or later, such as 2026-11-30T08:00.")
@click.option("--until", metavar="MOMENT", help="Before then.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.option("--below", type=an_id, metavar="NUMBER", help="Before this one: the next page.")
@output_option
@click.pass_context
def list_acts(ctx: click.Context, /, limit: int, form: str, **options: Any) -> None:
    """List what was done and refused, the newest first.

    What the classes mark as personal or secret shows as ***.
    """
    from process_manager.governance import audit as governed

    session = ctx.ensure_object(Session)
    which = _asked(session, options)
    with session.opened() as database, database.read() as connection:
        found = governed.page(connection, session.actor, which, limit=limit + 1, viewer=session.viewer)
    shown = [fields(each) for each in found[:limit]]
    if form == "table":
        shown = [{**row, "why": row["message"] or row["reason"]} for row in shown]
    columns = _COLUMNS if form == "table" else governed.AuditEntry.__slots__
    write_rows(shown, Look(form, columns, session.zone, _SPARE))
    if len(found) > limit:
        tell(f"There are more: {filters.next_page(ctx, found[limit - 1].number)}")


def _asked(session: Session, options: dict[str, Any]) -> AuditFilter:
    """Return the rows that the options say; raise IllegalValue for a moment that is none."""
    from process_manager.governance.audit import AuditFilter

    given = dict(options)
    for name in _MOMENTS:
        if given[name] is not None:
            given[name] = moment(given[name], session.zone, what=f"--{name}", ends=name == "until")
    return AuditFilter(**given)


@audit.command(cls=CliCommand, example="audit verify --noted 1234:5f0c…")
@click.option("--noted", multiple=True, metavar="NUMBER:HASH", help="What an earlier one said. May be repeated.")
@output_option
@click.pass_obj
def verify(session: Session, noted: tuple[str, ...], form: str) -> None:
    """Check that the chain is as it was written.

    It names what was altered, deleted, put in or moved, ends with 1 then, and says which rows are sound. Note the
    number and hash that it prints where nobody can change them: with --noted they prove that the chain up to there was
    not written anew.
    """
    from process_manager.governance import permissions
    from process_manager.inspection import audit_check

    known = [_noted(each) for each in noted]
    permissions.require(session.actor, "audit")
    with session.opened() as database, database.read() as connection:
        checked = audit_check.verify(connection, noted=known)
    write_one(_told(checked), Look(form))
    for flaw in checked.flaws:
        tell(f"{flaw}".capitalize() + ".")
    if checked.flaws:
        tell(f"{checked.more:,} more are not named." if checked.more else "The chain is not as it was written.")
        raise click.exceptions.Exit(1)


def _noted(text: str) -> tuple[int, str]:
    found = _NOTED.fullmatch(text.strip().lower())
    if found is None:
        raise click.BadParameter(
            f"{text[:100]!r} is none. Write NUMBER:HASH, as `audit verify` prints it under `note`."
        )
    return int(found[1]), found[2]


def _told(checked: Checked) -> dict[str, Any]:
    sound = [f"{first} to {last}" for first, last in checked.sound]
    return {
        "rows": checked.newest,
        "sound": ", ".join(sound) or "none",
        "note": f"{checked.newest}:{checked.hash}" if checked.newest and not checked.flaws else None,
        "flaws": [str(flaw) for flaw in checked.flaws] or None,
        "more_flaws": checked.more or None,
    }


@audit.command(cls=CliCommand, example='audit export --reveal --reason "yearly review" > audit.jsonl')
@click.option("--after", type=click.IntRange(0, 2**63 - 1), default=0, metavar="NUMBER", help="Only what came after.")
@click.option("-o", "--output", "form", type=click.Choice(("jsonl", "csv")), default="jsonl", show_default=True)
@reveal_options
@click.pass_obj
def export(session: Session, after: int, form: str, reveals: str | None) -> None:
    """Write all of the chain to stdout, the oldest first.

    What is marked as personal or secret shows as ***, and no row has its hash. With --reveal, which the chain keeps,
    each JSON line has the hash of its row and the very columns that it was made of: anybody can check them.
    """
    from process_manager.governance import permissions
    from process_manager.governance.audit_actions import RevealChain

    permissions.require(session.actor, "audit")
    with session.opened() as database:
        if reveals is not None:
            session.act(database, RevealChain(reason=reveals))
        with database.read() as connection:
            if reveals is not None and form == "jsonl":
                _write_lines(session, connection, after)
            else:
                _write_entries(session, connection, after, form, reveals=reveals is not None)


def _write_lines(session: Session, connection: sa.Connection, after: int) -> None:
    from process_manager.governance import audit as governed

    for some in governed.lines(connection, session.actor, after=after):
        click.echo("\n".join(some))


def _write_entries(session: Session, connection: sa.Connection, after: int, form: str, *, reveals: bool) -> None:
    from process_manager.governance import audit as governed

    viewer = replace(session.viewer, reveals=reveals)
    with RowStream(Look(form, governed.AuditEntry.__slots__)) as stream:
        for some in governed.export(connection, session.actor, after=after, viewer=viewer):
            stream.write([fields(each) for each in some])
