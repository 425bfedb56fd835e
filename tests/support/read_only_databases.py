"""Databases that take no writes for a while, as a standby, a full disk of a cloud or a setting makes them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from backends import laid_out
from rig import eventually

from benchmarks.servers import MariaDB, PostgreSQL, Server
from process_manager.database import Database, connect

FREEZE = {
    "postgresql_role": (
        "ALTER ROLE office SET default_transaction_read_only = on",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'office'",
    ),
    "postgresql_system": ("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"),
    "mariadb": ("SET GLOBAL read_only = 1",),
}
THAW = {
    "postgresql_role": ("ALTER ROLE office RESET default_transaction_read_only",),
    "postgresql_system": ("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()"),
    "mariadb": ("SET GLOBAL read_only = 0",),
}
KINDS = list(FREEZE)


class Office(NamedTuple):
    """The engine's database by an account that takes what it gets, and how it is made read-only and writable again."""

    database: Database
    freeze: Callable[[], None]
    thaw: Callable[[], None]


@contextmanager
def office(kind: str, server_of: Callable[[str], Server]) -> Iterator[Office]:
    """A database of this kind on a server, and an account without any right to write where others may not."""
    server = server_of("mariadb" if kind == "mariadb" else "postgresql_18")
    url = server.create("frozen")
    with laid_out(url), ExitStack() as undone:
        opened = connect(_account(server, url))
        undone.callback(server.drop, "frozen")
        undone.callback(opened.close)
        undone.callback(tell, server, THAW[kind])
        yield Office(opened, lambda: tell(server, FREEZE[kind]), lambda: tell(server, THAW[kind]))


def tell(server: Server, words: tuple[str, ...]) -> None:
    """Have an administrator say these; when a server was to read its settings again, it has."""
    for each in words:
        server._execute(each)  # type: ignore[attr-defined]
    if "reload" in words[-1]:
        wanted = "off" if "RESET" in words[0] else "on"
        eventually(lambda: _is_so(server, wanted))


def _is_so(server: Server, wanted: str) -> bool:
    import psycopg

    words = f"SELECT 1 / (current_setting('default_transaction_read_only') = '{wanted}')::int"
    try:
        server._execute(words)  # type: ignore[attr-defined]
    except psycopg.errors.DivisionByZero:
        return False
    return True


def _account(server: Server, url: str) -> str:
    if isinstance(server, PostgreSQL):
        with contextlib.suppress(Exception):  # another test made it
            server._execute("CREATE ROLE office LOGIN")
        server._execute("GRANT pg_read_all_data, pg_write_all_data TO office")
        return url.replace("postgres@", "office@")
    assert isinstance(server, MariaDB)
    server._execute("CREATE USER IF NOT EXISTS office@'%' IDENTIFIED BY ''")
    server._execute("GRANT ALL ON frozen.* TO office@'%'")
    return url.replace("UID%3Droot", "UID%3Doffice").replace("USER%3Droot", "USER%3Doffice")


@contextmanager
def locked_file(file: Path) -> Iterator[None]:
    """A file that nobody opens for writing as long as the block, root neither; skipped where that cannot be had."""
    if os.name != "nt" and os.geteuid() != 0:
        file.chmod(0o444)
        yield
        file.chmod(0o644)
        return
    chattr = shutil.which("chattr")
    if chattr is None or subprocess.run([chattr, "+i", str(file)], capture_output=True, check=False).returncode:
        pytest.skip("nothing on this host keeps root from writing to a file")
    try:
        yield
    finally:
        subprocess.run([chattr, "-i", str(file)], check=True)
