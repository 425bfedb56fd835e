"""The web server that a page asks with `curl`: a real one, on a port that was free, in the folder of the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

USUAL: Final = "http://127.0.0.1:8000"
"""Where a page says that the server is."""
READY: Final = re.compile(r"The pages are at (http://[\d.]+:\d+)/")

_running: list[tuple[subprocess.Popen[str], str]] = []


def address() -> str:
    """Return where the server of this page is; it is started when it is first asked."""
    if not _running:
        _running.append(_started())
    return _running[0][1]


def _started() -> tuple[subprocess.Popen[str], str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "process_manager", "web", "--port", "0"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert server.stderr is not None
    told = []
    for line in server.stderr:
        told.append(line)
        if found := READY.search(line):
            return server, found[1]
    raise RuntimeError(f"The server did not start: {''.join(told)}")


def stop() -> None:
    """Stop the server of this page, if one was started."""
    while _running:
        server, _address = _running.pop()
        server.kill()
        server.communicate()


def words_for(words: Sequence[str]) -> list[str]:
    """Return what is typed behind `curl`, with the variables of the page and the address of its server."""
    return [os.path.expandvars(word).replace(USUAL, address()) for word in words]
