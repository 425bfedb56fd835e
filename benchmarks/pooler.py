"""A PgBouncer before a PostgreSQL on this host, on a free port, for tests and proofs."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from benchmarks.hosting import HOST, PATIENCE, Server, ServerError, as_nobody, free_port

PROGRAM: Final = "pgbouncer"
SIZE: Final = 8
"""Connections to the server, of which the clients are given one for a session or for a transaction."""


class Pooler:
    """A PgBouncer as Debian packs it, mostly with its own defaults."""

    def __init__(self, server: Server, database: str, *, mode: str, user: str, size: int) -> None:
        self.port = free_port()
        self.url = f"postgresql+psycopg://{user}@{HOST}:{self.port}/{database}"
        self._folder = server.folder / f"pgbouncer-{self.port}"
        self._folder.mkdir()
        self._log = self._folder / "log"
        options = _options(self._folder, port=self.port, mode=mode, size=size)
        self._settings = _written(self._folder, f"{database} = host={HOST} port={server.port}", options, user)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Bring it up; it takes connections when this returns."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [_program(), str(self._settings)],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **as_nobody(),
            )
        self._await()

    def kill(self) -> None:
        """End it at once, and with it every connection through it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def restart(self) -> None:
        """Kill it and bring it up again on the same port."""
        self.kill()
        self.start()

    def _await(self) -> None:
        ends = time.monotonic() + PATIENCE
        while not self._listens():
            if self._process is None or self._process.poll() is not None or time.monotonic() > ends:
                self._fail()
            time.sleep(0.02)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
            return True
        return False

    def _fail(self) -> NoReturn:
        lines = self._log.read_text("utf-8", "replace").splitlines()[-15:]
        raise ServerError("\n".join([f"{PROGRAM} did not come up", *lines]))


@contextlib.contextmanager
def pgbouncer(
    server: Server, database: str, *, mode: str, user: str = "postgres", size: int = SIZE
) -> Iterator[Pooler]:
    """A PgBouncer that runs, before one database of this PostgreSQL; `mode` is session, transaction or statement."""
    pooler = Pooler(server, database, mode=mode, user=user, size=size)
    try:
        pooler.start()
        yield pooler
    finally:
        pooler.kill()


def missing_pgbouncer() -> str | None:
    """What to install for a PgBouncer; None when it is there."""
    if _found() is None:
        return "PgBouncer comes with the system (on Debian: apt install pgbouncer)"
    return None


def _program() -> str:
    found = _found()
    if found is None:
        raise ServerError("apt install pgbouncer")
    return found


def _found() -> str | None:
    return shutil.which(PROGRAM) or shutil.which(PROGRAM, path="/usr/sbin")  # which is not on every user's path


def _options(folder: Path, *, port: int, mode: str, size: int) -> dict[str, object]:
    return {
        "listen_addr": HOST,
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "trust",
        "auth_file": folder / "users.txt",
        "admin_users": "postgres",
        "pool_mode": mode,
        "default_pool_size": size,
        "max_client_conn": 500,
        "server_login_retry": 1,  # seconds; by default a server that is back is not asked for 15
    }


def _written(folder: Path, database: str, options: dict[str, object], user: str) -> Path:
    """Its files: whom it trusts, and its settings."""
    (folder / "users.txt").write_text(f'"{user}" ""\n', encoding="utf-8")
    lines = ["[databases]", database, "[pgbouncer]", *(f"{name} = {value}" for name, value in options.items())]
    settings = folder / "pgbouncer.ini"
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return settings
