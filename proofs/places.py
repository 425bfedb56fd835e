"""Where a proof runs: an empty database of the engine's and a folder for what was done outside it."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import servers
from benchmarks.hosting import Server
from benchmarks.lent import Lent
from process_manager.database import Database, connect, schema
from process_manager.operations import Start, start_many
from process_manager.store import tables

KINDS = ("sqlite", "postgresql", "mariadb", "mssql")
STARTED = KINDS[:3]  # an SQL Server is only ever lent
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A database, where it is, and the folder beside it."""

    name: str  # of the kind of database
    url: str
    folder: Path
    database: Database
    server: Server | Lent | None = None

    @property
    def effects(self) -> Path:
        """The folder in which steps note what they did."""
        return self.folder / "effects"

    def enqueue(self, starts: Sequence[Start]) -> None:
        """Start these, in no order, 1,000 in a transaction."""
        mixed = random.sample(starts, len(starts))
        for first in range(0, len(mixed), BATCH):
            with self.database.begin() as connection:
                start_many(connection, mixed[first : first + BATCH])


def missing(name: str) -> str | None:
    """What to install for this kind of database; None when it is there."""
    return {"postgresql": servers.missing_postgresql, "mariadb": servers.missing_mariadb}.get(name, lambda: None)()


@contextmanager
def server(name: str, *, durable: bool) -> Iterator[Server | None]:
    """The server of this kind of database, for as long as the block; SQLite needs none."""
    if name == "sqlite":
        yield None
        return
    with (servers.mariadb if name == "mariadb" else servers.postgresql)(durable=durable) as started:
        yield started


@contextmanager
def lent(url: str) -> Iterator[Lent]:
    """The database that somebody lends, for as long as the block; nothing is left in it."""
    with Lent(url) as taken:
        yield taken
        taken.empty()


@contextmanager
def place(name: str, behind: Server | Lent | None) -> Iterator[Place]:
    """A new place for one proof; it is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="crash-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        url = behind.create(f"proof_{path.name[6:]}") if behind else f"sqlite:///{(path / 'engine.db').as_posix()}"
        database = connect(url)
        try:
            _lay(database)
            for each in ("effects", "logs"):
                (path / each).mkdir()
            yield Place(name, url, path, database, behind)
        finally:
            database.close()


def _lay(database: Database) -> None:
    if database.dialect == "sqlite":
        schema.require(database, wanted=tables.SCHEMA, tell=lambda _said: None)
    else:
        schema.upgrade(database, "head")
