"""Whether another connection wrote to a SQLite file is heard, with and without the host's help."""

import errno
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rig import eventually, start, status, working

from process_manager.database import Database
from process_manager.database.sqlite_watch import FileWatch
from process_manager.worker.idle import LIVELY


@pytest.fixture(params=["told by the host", "no more watchers", "no more watches"])
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A host that tells of writes, and one on which nobody may ask for that any more."""
    refuses = {"no more watchers": "__init__", "no more watches": "add_watch"}.get(request.param)
    if refuses is not None and sys.platform == "linux":
        import inotify_simple

        def refused(*_given: object, **_options: object) -> None:
            raise OSError(errno.ENOSPC, "too many")

        monkeypatch.setattr(inotify_simple.INotify, refuses, refused)
    return str(request.param)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE said (what TEXT)")
        yield tmp_path / "x.db"


def say(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO said VALUES ('x')")


def test_a_commit_of_another_connection_ends_a_wait_and_is_a_change_once(host: str, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as own, closing(FileWatch(own)) as watch:
        assert not watch.changed()

        threading.Timer(0.2, say, [file]).start()
        began = time.monotonic()
        while not watch.wait(5.0):
            assert time.monotonic() - began < 2
        eventually(watch.changed)

        assert time.monotonic() - began < 2
        assert not watch.changed()


def test_what_the_connection_itself_writes_is_no_change(host: str, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as own, closing(FileWatch(own)) as watch:
        own.execute("INSERT INTO said VALUES ('x')")

        assert not watch.changed()


def test_a_wait_in_which_nobody_writes_ends_in_time(host: str, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as own, closing(FileWatch(own)) as watch:
        assert not watch.wait(0.01)
        began = time.monotonic()

        assert not watch.wait(0.05)
        assert time.monotonic() - began < 2


def test_a_worker_that_waits_hears_of_a_start_and_of_its_stop(host: str, database: Database) -> None:
    with working(database) as worker:
        eventually(lambda: status(database, start(database)) is not None)
        time.sleep(1.5 * LIVELY)
        process_id = start(database)
        began = time.monotonic()
        eventually(lambda: status(database, process_id) == "succeeded")
        heard = time.monotonic() - began
        time.sleep(1.5 * LIVELY)
        began = time.monotonic()
        worker.stop()

    assert heard < 0.4
    assert time.monotonic() - began < 2
