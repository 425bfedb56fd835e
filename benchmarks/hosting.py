"""What every database server on this host needs: a free port, a folder that its user may enter, a log."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, Self

HOST: Final = "127.0.0.1"
# Below the ports that hosts give to outgoing connections: whoever asks again and again for a server that is
# down would otherwise sooner or later be given that very port, and the server could not come back.
PORTS: Final = range(20_000, 32_000)
PATIENCE: Final = 60.0  # seconds for a server to come up or go down


class ServerError(RuntimeError):
    """A database server did not do what it was told, with what it logged."""


class Server(ABC):
    """A database server that can be started, killed and started again on the same port."""

    def __init__(self, folder: Path | None) -> None:
        self.port = free_port()
        self.folder, self._is_ours = _place(folder)
        self.log = self.folder / "server.log"
        self.log.touch()
        _give_to_nobody(self.log)

    @abstractmethod
    def url(self, database: str) -> str:
        """What SQLAlchemy connects to."""

    @abstractmethod
    def create(self, name: str, template: str | None = None) -> str:
        """Make a database, a copy of `template` if one is named; its URL."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Remove a database and whoever is connected to it."""

    @abstractmethod
    def start(self) -> None:
        """Bring it up; it answers when this returns."""

    @abstractmethod
    def kill(self) -> None:
        """End it at once and with it every connection; nothing is tidied up."""

    @abstractmethod
    def stop(self) -> None:
        """Shut it down in order, whoever is connected."""

    def restart_immediately(self) -> None:
        """Kill it and bring it up again: it recovers as after a power cut."""
        self.kill()
        self.start()

    def close(self) -> None:
        """Stop it, and remove its folder if that was made here."""
        self.stop()
        if self._is_ours:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def call(self, *command: str | Path) -> None:
        """Run a command as the server's user, its words kept in the log; ServerError when it fails."""
        # To a file and not a pipe: a server started by the command would hold the pipe open for ever.
        with self.log.open("ab") as log:
            ended = subprocess.run(
                list(map(str, command)),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=PATIENCE,
                check=False,
                **as_nobody(),
            )
        if ended.returncode:
            self.fail(f"{Path(command[0]).name} ended with {ended.returncode}")

    def fail(self, problem: str) -> NoReturn:
        """ServerError, with the end of the log."""
        lines = self.log.read_text("utf-8", "replace").splitlines()[-15:]
        raise ServerError("\n".join([problem, *lines]))


def free_port() -> int:
    """A port that nobody listens on."""
    for port in random.sample(PORTS, len(PORTS)):  # in no order: two runs at once shall not meet
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise ServerError("no port is free")


def _is_root() -> bool:
    return os.name != "nt" and os.geteuid() == 0


def as_nobody() -> dict[str, Any]:
    """Database servers refuse to run as root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if _is_root() else {}


def _place(folder: Path | None) -> tuple[Path, bool]:
    """A folder that the server's user may enter and write to, and whether it was made here."""
    is_ours = folder is None or (_is_root() and not _others_may_enter(folder.absolute().parent))
    place = Path(tempfile.mkdtemp(prefix="server-")) if is_ours or folder is None else folder.absolute()
    place.mkdir(parents=True, exist_ok=True)
    _give_to_nobody(place)
    return place, is_ours


def _give_to_nobody(path: Path) -> None:
    if _is_root():
        shutil.chown(path, "nobody", "nogroup")


def _others_may_enter(folder: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))
