import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rig import execute, open_database

from process_manager.database import Database, schema
from process_manager.store import tables


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty database of the engine's."""
    folder = tmp_path_factory.mktemp("laid")
    made = open_database(folder)
    schema.require(made, wanted=tables.SCHEMA, tell=lambda _line: None)
    made.close()
    return folder


@pytest.fixture
def database(laid: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the engine's, in `tmp_path`."""
    shutil.copy(laid / "engine.db", tmp_path / "engine.db")
    opened = open_database(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def books(database: Database) -> Database:
    """A database with a table of the office's own beside the engine's."""
    execute(database, "CREATE TABLE book (line TEXT NOT NULL)")
    return database
