"""Where is measured: new databases of SQLite and of PostgreSQL, each as durable as it is by default."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from benchmarks import servers
from benchmarks.hosting import Server
from process_manager.database import Database, connect, schema

_numbers = itertools.count(1)


class Place(Protocol):
    """A kind of database."""

    @property
    def name(self) -> str:
        """What its figures begin with."""

    def new(self) -> str:
        """The URL of an empty database."""

    def drop(self, url: str) -> None:
        """Remove it."""


@dataclass(frozen=True, slots=True)
class Files:
    """SQLite, a file for each database."""

    folder: Path
    name: str = "sqlite"

    def new(self) -> str:
        """The URL of a file that is not there yet."""
        return f"sqlite:///{(self.folder / f'place-{next(_numbers)}.db').as_posix()}"

    def drop(self, url: str) -> None:
        """Delete the file and what belongs to it."""
        path = Path(url.removeprefix("sqlite:///"))
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink()


@dataclass(frozen=True, slots=True)
class Cluster:
    """PostgreSQL, a database of one server for each."""

    server: Server
    name: str = "postgresql"

    def new(self) -> str:
        """The URL of an empty database."""
        return self.server.create(f"place_{next(_numbers)}")

    def drop(self, url: str) -> None:
        """Drop the database."""
        self.server.drop(url.rpartition("/")[2])


VERSION: Final = 18


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL with its durable defaults."""
    with servers.postgresql(version=VERSION, durable=True) as server:
        yield Cluster(server)


@contextmanager
def empty(place: Place) -> Iterator[str]:
    """The URL of a database for as long as the block: for a peer, which makes its own tables."""
    url = place.new()
    try:
        yield url
    finally:
        place.drop(url)


@contextmanager
def laid_out(place: Place) -> Iterator[Database]:
    """A database with the engine's own tables, made by its migrations."""
    with empty(place) as url:
        database = connect(url)
        schema.upgrade(database, "head")
        try:
            yield database
        finally:
            database.close()


def url_of(database: Database) -> str:
    """What another process connects to: these databases have no password."""
    return database.engine.url.render_as_string(hide_password=False)
