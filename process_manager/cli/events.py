"""`signal`, `withdraw` and `events`: named facts that processes wait for."""

from __future__ import annotations

from typing import Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, fields, write_one, write_rows
from process_manager.cli.payload_input import payload as given_payload
from process_manager.cli.session import Session, tell
from process_manager.plurals import counted

_COLUMNS: Final = (
    "key",
    "stands",
    "waiting",
    "number",
    "signalled_at",
    "by",
    "withdrawn_at",
    "withdrawn_by",
    "kept_until",
)
_SPARE: Final = ("kept_until", "withdrawn_by", "withdrawn_at", "number", "by")


@click.command(cls=CliCommand, example="signal paid:123 --payload '{\"amount\": 700}'")
@click.argument("event")
@click.option("--payload", metavar="JSON", help="What those that wait are to know; @FILE for a file, @- for stdin.")
@click.option("--reason", default="", help="Why, for the audit chain.")
@click.pass_obj
def signal(session: Session, event: str, payload: str | None, reason: str) -> None:
    """State an event: what waits for it goes on.

    It stands until it is withdrawn: what comes to wait for it goes on at once. A second signal changes nothing.
    """
    from process_manager.governance.event_actions import SignalEvent

    facts = None if payload is None else given_payload(payload)
    with session.opened(makes=True) as database:
        done = session.act(database, SignalEvent(event, payload=facts, reason=reason))
    if not done.is_new:
        tell(f"{event!r} stands already, since signal {done.number} of it: nothing has changed.")
        return
    woken = f"{counted(len(done.woken), 'process')} made due" if done.woken else "no process waits for it"
    tell(f"{event!r} stands now: {woken}.")


@click.command(cls=CliCommand, example="withdraw paid:123")
@click.argument("event")
@click.option("--reason", default="", help="Why, for the audit chain.")
@click.pass_obj
def withdraw(session: Session, event: str, reason: str) -> None:
    """Let an event stand no longer.

    What comes to wait for it waits for the next signal. What it has woken goes on.
    """
    from process_manager.governance.event_actions import WithdrawEvent

    with session.opened() as database:
        stood = session.act(database, WithdrawEvent(event, reason=reason))
    tell(f"{event!r} stands no longer." if stood else f"{event!r} did not stand: nothing has changed.")


@click.command(cls=CliCommand, example="events paid:123")
@click.argument("event", required=False)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many at most.")
@click.option("--after", default="", help="Only those after this one: where the list before ended.")
@output_option
@click.pass_obj
def events(session: Session, event: str | None, limit: int, after: str, form: str) -> None:
    """List events, or show one with what waits for it.

    Those are listed that stand, that stood, and for which a process waits.
    """
    from process_manager import inspection

    with session.opened() as database, database.read() as connection:
        if event is not None:
            found = inspection.event(connection, event, keep=session.settings.event_keep)
            facts: dict[str, Any] = {**fields(found.event), "process_ids": list(found.process_ids)}
            write_one(facts, Look(form, zone=session.zone))
            return
        rows = inspection.events(connection, limit=limit, after=after, keep=session.settings.event_keep)
    write_rows([fields(each) for each in rows], Look(form, (*_COLUMNS, "payload_size"), session.zone, _SPARE))
    if not rows and form == "table":
        tell("There are no events.")
