"""A Redis of one's own, and the programs of Celery beside it: workers that are killed, and the beat."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.hosting import HOST, PATIENCE, ServerError, free_port

ROOT: Final = Path(__file__).parents[1]
DEFAULTS: Final[Mapping[str, Any]] = {"cap": 500, "tick": 0.2, "again": 300.0, "conf": {}}

SOON: Final = {"visibility_timeout": 1, "unacked_restore_interval": 1, "unacked_restore_throttle": 1}
"""Let Redis deliver a message once more after a second."""


def missing_broker() -> str | None:
    """What to install for Celery with a broker; None when it is there."""
    if importlib.util.find_spec("celery") is None or importlib.util.find_spec("redis") is None:
        return "Celery is an extra: pip install 'process-manager[celery]'"
    if sys.platform == "win32":
        return "Neither Redis nor Celery's prefork runs on Windows"
    if _binary() is None:
        return "Redis or Valkey comes with the system (on Debian: apt install redis-server)"
    return None


def _binary() -> str | None:
    return shutil.which("valkey-server") or shutil.which("redis-server")


class Broker:
    """A Redis or Valkey on a free port that keeps nothing: what it held is lost when it is killed."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://{HOST}:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()

    def start(self) -> None:
        """Bring it up; it answers when this returns."""
        words = ("--port", str(self.port), "--bind", HOST, "--save", "", "--appendonly", "no")
        with (self._folder / "broker.log").open("ab") as log:
            command = [_binary() or "redis-server", *words, "--dir", str(self._folder)]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        ends = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                raise ServerError("the broker did not come up")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, with all that it holds."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def length(self, queue: str) -> int:
        """How many messages nobody has fetched yet."""
        import redis

        with contextlib.closing(redis.Redis(host=HOST, port=self.port)) as client:
            return int(client.llen(queue))

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        return False


class Programs:
    """Workers and a beat of Celery on one database and broker, ended with the block."""

    def __init__(self, folder: Path, url: str, broker: Broker, **told: Any) -> None:
        """`told` are options of the app, and `settings` and `path` of the environment."""
        settings = {"database_url": url, "quiet": "none", "zone": "UTC", **told.pop("settings", {})}
        options = {**DEFAULTS, **told, "broker": broker.url}
        path = os.pathsep.join([str(ROOT), *options.pop("path", [])])
        ours = {f"PROCESS_MANAGER_{name.upper()}": str(value) for name, value in settings.items()}
        others = {name: value for name, value in os.environ.items() if not name.startswith("PROCESS_MANAGER_")}
        self._environment = {**others, **ours, "FLEET": json.dumps(options), "PYTHONPATH": path}
        self._folder = folder
        self.started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for each in self.started:
            self.kill(each)

    def worker(self, *words: str, concurrency: int = 2, **more: str) -> subprocess.Popen[bytes]:
        """Start one more worker; `more` are variables of its environment."""
        name = f"w{len(self.started)}@here"
        given = ("-n", name, "-c", str(concurrency), "--prefetch-multiplier", "1", "--without-mingle", *words)
        return self._celery("worker", "--without-gossip", *given, **more)

    def beat(self) -> subprocess.Popen[bytes]:
        """Start what gives the tick."""
        return self._celery("beat", "-s", str(self._folder / "beat"), "--pidfile=")

    def kill(self, program: subprocess.Popen[bytes]) -> None:
        """End it with its pool, as the power cut does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait(PATIENCE)

    def log(self, program: subprocess.Popen[bytes]) -> str:
        """What it has said."""
        return self._log(self.started.index(program)).read_text("utf-8", "replace")

    def own_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker of our own on the same database."""
        return self._start(["process_manager", "worker"])

    def _celery(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        return self._start(["celery", "-A", "benchmarks.celery_app", *words, "-l", "INFO"], **more)

    def _start(self, module: Sequence[str], **more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", *module]
        with self._log(len(self.started)).open("ab") as log:
            said = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            environment = {**self._environment, **more}
            found = subprocess.Popen(command, cwd=self._folder, env=environment, start_new_session=True, **said)
        self.started.append(found)
        return found

    def _log(self, number: int) -> Path:
        return self._folder / f"celery-{number}.log"
