"""`processes`: which process classes there are, and who can run them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session

if TYPE_CHECKING:
    from process_manager.inspection import Version

_COLUMNS: Final = ("name", "version", "label", "known", "channel", "steps", "counts", "live", "workers", "note")
_SPARE: Final = ("label", "channel", "known", "workers", "steps", "live", "counts")


@click.command(cls=CliCommand, example="processes")
@output_option
@click.pass_obj
def processes(session: Session, form: str) -> None:
    """List process classes, and who can run them.

    Those known here and those of which the database has processes, with how many stand in each status, how many live,
    and which workers know that version.
    """
    from process_manager import clock, inspection

    registry = session.registry
    with session.looked_at() as database, database.read() as connection:
        alive = inspection.living(connection, now=clock.now(), within=session.settings.lease)
        found = inspection.versions(connection, registry, alive)
    rows = [_readable(each) if form == "table" else fields(each) for each in found]
    write_rows(rows, Look(form, _COLUMNS if form == "table" else inspection.Version.__slots__, spare=_SPARE))


def _readable(row: Version) -> dict[str, Any]:
    counts = ", ".join(f"{count} {status}" for status, count in row.counts.items())
    note = f"goes on with version {row.becomes}" if row.becomes else ""
    if row.waits_for:
        itself = f"version {row.version} of {row.name!r}"
        note = "; ".join(f"waits for {whom.replace(itself, 'it')}" for whom in row.waits_for)
    workers = len(row.workers) or None
    return {**fields(row), "steps": " → ".join(row.steps), "counts": counts, "workers": workers, "note": note}
