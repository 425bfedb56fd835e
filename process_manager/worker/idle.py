"""How a worker waits: for messages of its threads, and for other programs to write."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from process_manager.execution.completion import Completion
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import Transition
from process_manager.worker.mailbox import Mailbox

if TYPE_CHECKING:
    from process_manager.database.sqlite_watch import FileWatch  # which loads the driver

Message = Transition | Completion | Evidence
"""What the threads of a worker tell the one that records."""

GLANCE: Final = 0.005
"""Seconds between two looks at whether another connection wrote."""

LIVELY: Final = 1.0
"""Seconds without anything new after which it looks less often: most of what idling costs is waking up."""

NAP: Final = 0.2
"""Seconds after which an idle worker sees, at the latest, that it is to stop."""

SOON: Final = 0.001
"""Seconds in which messages are gathered that are about to come, as a transaction takes as long."""

FEW: Final = 50
"""Messages that are worth a transaction, whatever is about to come."""


class Idle:
    """Waits on a worker's mailbox and, where no server can notify it, watches the database file."""

    def __init__(self, mailbox: Mailbox[Message], watch: FileWatch | None, heard: Callable[[], bool]) -> None:
        """`heard` says whether a server has told that another program wrote; it is asked where there is no `watch`."""
        self._mailbox = mailbox
        self._watch = watch
        self._has_news = heard if watch is None else watch.changed
        self._stirred = 0.0  # when something last happened, by the monotonic clock
        self._changed = False  # whether another program wrote since this was last asked

    def wait(self, seconds: float, *, watches: bool, is_holding: bool) -> list[Message]:
        """Return the messages as soon as there are some; none when the time is over or, if it `watches`, others wrote.

        Args:
            seconds: how long to wait at most; 0 or less to return what is there.
            watches: whether it matters that another program writes.
            is_holding: whether the worker holds processes, so that its threads may say something soon.
        """
        if seconds <= 0:
            return self._mailbox.drain()
        watch = self._watch
        if watch is None or not watches:
            return self._mailbox.wait(seconds, slice_seconds=seconds, until=lambda: False)
        is_lively = time.monotonic() - self._stirred < LIVELY
        if not (is_lively or is_holding):
            return self._doze(watch, seconds)
        glance = GLANCE if is_lively else watch.poll_interval
        return self._mailbox.wait(seconds, slice_seconds=glance, until=lambda: self._look(watch))

    def gather(self, most: int, while_: Callable[[], object]) -> list[Message]:
        """Return about `most` of the messages that come within a moment and as long as `while_()` holds."""
        return self._mailbox.gather(SOON, most=most, while_=while_)

    def has_changed(self, *, came: bool) -> bool:
        """Return whether another program wrote since this was last asked; `came` says that messages did come."""
        changed = self._changed or self._has_news()
        self._changed = False
        if changed or came:
            self._stirred = time.monotonic()
        return changed

    def _doze(self, watch: FileWatch, seconds: float) -> list[Message]:
        """Wait while nothing is held: only other programs have something to say, or whoever stops this one."""
        ends = time.monotonic() + seconds
        while self._mailbox.is_empty() and (left := ends - time.monotonic()) > 0:
            if watch.wait(min(left, NAP)):
                self._stirred = time.monotonic()
                break
        return self._mailbox.drain()

    def _look(self, watch: FileWatch) -> bool:
        self._changed = self._changed or watch.changed()
        return self._changed
