"""Uploaded files that no process has: they are removed when the next file comes, and told of until then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager import durations
from process_manager.inspection.findings import Finding, warning
from process_manager.plurals import counted
from process_manager.store import files

MOST: Final = 100


def left_uploads(connection: sa.Connection, *, now: datetime, keep: timedelta) -> Iterator[Finding]:
    """Yield a warning where files have been nobody's for longer than they are kept; nothing where there are none.

    Args:
        connection: A connection in any transaction.
        now: The present moment.
        keep: How long they are kept.
    """
    found = files.unbound(connection, before=now - keep, most=MOST)
    if found:
        several = counted(len(found), "uploaded file") + (" or more" if len(found) == MOST else "")
        told = f"{several} of no process, for over {durations.format(keep)}: the next upload removes them"
        yield warning("uploads", told)
