"""Requests at a steady rate, and tabs that ask for what is new, each with how long its answer took."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

EVERY: Final = 5.0
"""Seconds between two questions of a live tab."""
_LIVE: Final = re.compile(r'hx-get="([^"]+)"')


@dataclass(slots=True)
class Visits:
    """How long each answer took, in milliseconds, and how large it was, by the name of the page."""

    address: tuple[str, int]
    cookie: str
    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    faults: list[str] = field(default_factory=list)
    _own: threading.local = field(default_factory=threading.local)

    def ask(self, name: str, path: str, *, due: float | None = None) -> str:
        """Ask for a page, and return it; what it took counts from when it was due."""
        begun = time.perf_counter() if due is None else due
        try:
            status, body = self._answer(path)
        except (OSError, http.client.HTTPException) as problem:
            self.faults.append(f"{name}: {problem!r}")
            return ""
        self.took[name].append((time.perf_counter() - begun) * 1000)
        self.sizes[name] = max(self.sizes[name], len(body))
        if status not in (200, 204):
            self.faults.append(f"{name}: {status}")
        return body.decode()

    def _answer(self, path: str) -> tuple[int, bytes]:
        """Return the status and the page, over a new line where the server has closed the old one meanwhile."""
        for is_last in (False, True):
            try:
                line = self._line()
                line.request("GET", path, headers={"Cookie": self.cookie})
                answer = line.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self._own.line = None
                if is_last:
                    raise
        raise AssertionError

    def _line(self) -> http.client.HTTPConnection:
        line: http.client.HTTPConnection | None = getattr(self._own, "line", None)
        if line is None:
            line = self._own.line = http.client.HTTPConnection(*self.address, timeout=60)
        return line


def steadily(visits: Visits, choose: Callable[[], tuple[str, str]], *, rate: float, seconds: float) -> None:
    """Ask so many times a second, whether or not the answers before have come."""
    begun, number = time.perf_counter(), 0
    with ThreadPoolExecutor(32) as pool:
        while (due := begun + number / rate) < begun + seconds:
            time.sleep(max(due - time.perf_counter(), 0))
            name, path = choose()
            pool.submit(visits.ask, name, path, due=due)
            number += 1


def live_tabs(visits: Visits, pages: Sequence[tuple[str, str]], *, seconds: float) -> list[threading.Thread]:
    """Open tabs, each of which asks every five seconds for what is new, and return their threads."""
    threads = [threading.Thread(target=_tab, args=(visits, name, path, seconds)) for name, path in pages]
    for each in threads:
        each.start()
    return threads


def _tab(visits: Visits, name: str, path: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    time.sleep(random.random() * EVERY)
    shown = visits.ask(name, path)
    while time.monotonic() < until:
        time.sleep(EVERY)
        live = _LIVE.search(shown)
        shown = (live and visits.ask(f"{name}, live", live[1].replace("&amp;", "&"))) or shown
