"""Whether a worker of Celery is to end, known to all processes of its pool."""

from __future__ import annotations

import mmap
import os
import signal

from process_manager import logs

log = logs.get(__name__)


class Ending:
    """A byte in memory that processes share: made before the pool forks, set by its parent."""

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)
        self._has_asked = False
        self.belongs_here()

    def belongs_here(self) -> None:
        """Note that this program is the one to end, before its pool forks."""
        self._worker = os.getpid()

    def begin(self) -> None:
        """Let no step start any more in this worker."""
        self._byte[0] = 1

    def has_begun(self) -> bool:
        """Return whether the worker ends."""
        return self._byte[0] == 1

    def ask(self, *, forked: bool) -> None:
        """Have the whole worker end as Celery ends: what runs may finish, nothing more is taken."""
        if self._has_asked:
            return
        self._has_asked = True
        self.begin()
        log.info("fleet.drained", pid=os.getpid())
        if forked:
            if os.getppid() == self._worker:  # else that is gone, and the parent now is whoever takes up orphans
                os.kill(self._worker, signal.SIGTERM)
            return
        from celery.worker import state

        state.should_stop = 0
