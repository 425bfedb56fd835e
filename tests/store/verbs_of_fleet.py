"""What the store is asked about messages to Celery, for tests that send every statement to SQL Server's grammar."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rig import NOON

from process_manager.store import sent
from process_manager.store.claiming import Lease
from process_manager.store.sent import SentMark

OF_FLEET: dict[str, Callable[[sa.Connection], object]] = {
    "sent.claim": lambda c: sent.claim(c, 1, 0, Lease("w", NOON, NOON)),
    "sent.mark": lambda c: sent.mark(c, [SentMark(1, 0, "default", NOON)]),
    "sent.marks": sent.marks,
    "sent.age": lambda c: sent.age(c, 1, 0, sent_at=NOON),
}
