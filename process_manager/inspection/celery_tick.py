"""Whether what is due is sent to the workers of Celery: without `celery beat` they wait for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from process_manager.gates.gate import GateSubject
from process_manager.gates.quiet import NONE
from process_manager.inspection.findings import Finding, Result, listed, ok
from process_manager.inspection.surroundings import Surroundings
from process_manager.plurals import counted
from process_manager.store import invariants, sent
from process_manager.store.invariants import Due

UNSENT: Final = timedelta(minutes=1)
"""What has been due for so long, and was not sent, no tick has found."""

OLD: Final = timedelta(minutes=5)
"""A mark this old says nothing: a tick would have renewed it."""


def celery_tick(connection: sa.Connection, around: Surroundings) -> Iterator[Finding]:
    """Yield how the tick stands; nothing where no worker of Celery lives.

    Args:
        connection: A connection in any transaction.
        around: What surrounds every process.
    """
    channels = {channel for each in around.workers if each.is_of_celery for channel in each.channels}
    if not channels:
        return
    since = around.now - OLD
    under_way = {each.channel for each in sent.marks(connection) if each.is_due and each.sent_at > since}
    late = [
        row
        for row in invariants.due(connection, now=around.now)
        if row.channel in channels - under_way and row.oldest <= around.now - UNSENT and not _is_held(row, around)
    ]
    if not late:
        yield ok("celery", "what is due in the channels of its workers is sent to them")
        return
    number = sum(row.number for row in late)
    told = f"{counted(number, 'process')} of {listed(sorted({row.channel for row in late}))} due for over a minute: "
    told += "workers of Celery live that take them, but nothing was sent. Run `celery beat` with your app"
    yield Finding("celery", Result.WARNING, told, number)


def _is_held(row: Due, around: Surroundings) -> bool:
    quiet = around.quiet.get((row.name, row.version), NONE)
    return around.gates.closed(GateSubject(row.name, row.channel), quiet, around.now) is not None
