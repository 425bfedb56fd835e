"""Worker processes of a proof: hired, killed and replaced, stalled, drained, and what they logged."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from proofs import serve
from proofs.places import Place

# Two hundred workers are killed and replaced: a server that has imported everything and forks them saves each of
# them most of a second. What it passes them is one string.
_IS_WINDOWS = sys.platform == "win32"
_context = multiprocessing.get_context("spawn" if _IS_WINDOWS else "forkserver")
if not _IS_WINDOWS:
    _context.set_forkserver_preload([serve.__name__])


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """One worker process and its log."""

    process: BaseProcess
    log: Path

    @property
    def pid(self) -> int:
        """Its id; it has begun, so there is one."""
        return self.process.pid or 0

    def ended(self, seconds: float) -> int | None:
        """Its exit code, as soon as it has ended within these seconds."""
        self.process.join(seconds)
        return self.process.exitcode

    def kill(self) -> None:
        """End it as the power cut does."""
        self.process.kill()
        self.process.join()


class Fleet:
    """So many workers on one place, as long as the block."""

    def __init__(self, place: Place, count: int, *, url: str | None = None, **options: Any) -> None:
        self.workers: list[Served] = []
        self.pids: set[int] = set()
        self.kills = 0
        self._place = place
        self._count = count
        self._options = {"url": url or place.url, "lease": 2.0, "concurrency": 2, **options}
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        for _ in range(self._count):
            self.hire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self.workers:
            worker.kill()

    def hire(self, **options: Any) -> Served:
        """One more worker, with options of its own."""
        log = self._place.folder / "logs" / f"{next(self._numbers)}.log"
        text = json.dumps({**self._options, **options, "log": str(log)})
        process = _context.Process(target=serve.main, args=(text,))
        process.start()
        worker = Served(process, log)
        self.workers.append(worker)
        self.pids.add(worker.pid)
        return worker

    def replace(self, worker: Served) -> None:
        """Kill this one; another takes its place at once."""
        worker.kill()
        self.kills += 1
        self.workers.remove(worker)
        self.hire()

    def veterans(self) -> list[Served]:
        """Those that have done something: whoever is killed before that proves nothing."""
        return [each for each in self.workers if (self._place.effects / f"{each.pid}.jsonl").exists()]

    def renew(self) -> int:
        """Replace those that have ended; how many."""
        ended = [each for each in self.workers if each.process.exitcode is not None]
        for each in ended:
            self.workers.remove(each)
            self.hire()
        return len(ended)

    def exits(self) -> list[str]:
        """A sentence for each worker that has ended though nobody ended it."""
        found = [(each.log.stem, each.process.exitcode) for each in self.workers]
        return [f"worker {number} ended with {code}" for number, code in found if code is not None]


def logged(place: Place, event: str) -> list[dict[str, Any]]:
    """What every worker of a place logged under this name."""
    return [line for line in _log_lines(place) if line.get("event") == event]


def _log_lines(place: Place) -> Iterator[dict[str, Any]]:
    for path in sorted((place.folder / "logs").glob("*.log")):
        for line in path.read_text("utf-8", "replace").splitlines():
            if line.startswith("{"):
                yield json.loads(line)
