import gc
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from typing import Any

import argon2
import fake_odbc
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from backends import SERVERS, SQL_SERVER, clean, laid_out, on_every, serving
from fake_server import Server as SqlServer
from hypothesis import HealthCheck, settings
from programs import hear_signals
from rig import execute, open_database
from sql_server_report import Told
from thrift import freeze_soon, share_texts

from benchmarks.hosting import Server
from benchmarks.lent import Lent
from process_manager import clock
from process_manager.database import Database, connect, schema
from process_manager.governance import passwords
from process_manager.integrations import databases
from process_manager.store import tables

pytest_plugins = ["shop_fixtures", "office_fixtures"]

LIMIT_OF_A_CRASH = 900
"""Seconds."""

settings.register_profile(
    "full", max_examples=500, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)


def pytest_configure(config: pytest.Config) -> None:
    """Ctrl-C is heard, also where a script started the tests with `&`; a server of the user's is told of."""
    gc.disable()  # thousands of tests are found, and all of them stay
    hear_signals()
    if os.environ.get(SQL_SERVER):
        config.pluginmanager.register(Told(os.environ[SQL_SERVER]), "told")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say that not everything is run, and what runs it."""
    return None if runs_everything(config) else "left out: the tests marked slow; CI=true runs them, too"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow; a test that kills real processes takes its time, and has a limit nevertheless."""
    for item in items:
        if asks_one_more_server(item):
            item.add_marker(pytest.mark.slow)
    if not runs_everything(config):
        config.hook.pytest_deselected(items=[item for item in items if is_slow(item)])
        items[:] = [item for item in items if not is_slow(item)]
    for item in items:
        if item.get_closest_marker("crash"):
            item.add_marker(pytest.mark.timeout(LIMIT_OF_A_CRASH))


def pytest_collection_finish() -> None:
    """What was found is not looked through for garbage again and again: that was a tenth of the work of the tests."""
    gc.freeze()
    gc.enable()


def asks_one_more_server(item: pytest.Item) -> bool:
    """Return whether it asks one more server of a kind that others asked."""
    asked = item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
    return "server_of" in getattr(item, "fixturenames", ()) and any(each in SERVERS[1:] for each in asked)


def is_slow(item: pytest.Item) -> bool:
    """Return whether it is marked so, or kills real processes."""
    return any(item.get_closest_marker(name) for name in ("slow", "crash"))


def runs_everything(config: pytest.Config) -> bool:
    """Return whether slow tests are run: where everything is to be, by a marker of one's own, or named by file."""
    return os.environ.get("CI") == "true" or bool(config.option.markexpr) or any(".py" in each for each in config.args)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of the contract runs on every database that can be had."""
    marked = metafunc.definition.get_closest_marker
    contract = marked("every_database")
    if contract and not marked("sqlite_only"):
        for name in {"database", "empty"} & set(metafunc.fixturenames):
            metafunc.parametrize(name, on_every(**contract.kwargs), indirect=True)


@pytest.fixture(scope="session", autouse=True)
def hasty_files() -> Iterator[None]:
    """SQLite leaves it to the host when it writes: no test cuts the power, and each commit waited for the disk."""
    sa.event.listen(sa.Pool, "checkout", leave_it_to_the_host)
    yield
    sa.event.remove(sa.Pool, "checkout", leave_it_to_the_host)


@pytest.fixture(scope="session", autouse=True)
def thrift() -> Iterator[None]:
    """Nearly every test opens a file of its own, with statements that others sent to theirs, and many freeze time."""
    with pytest.MonkeyPatch.context() as patch:
        share_texts(patch)
        freeze_soon(patch)
        yield


@pytest.fixture
def durable_files(hasty_files: None) -> Iterator[None]:
    """SQLite is as the engine wants it, for a test that looks at that."""
    sa.event.remove(sa.Pool, "checkout", leave_it_to_the_host)
    yield
    sa.event.listen(sa.Pool, "checkout", leave_it_to_the_host)


def leave_it_to_the_host(driver: Any, _record: object, _proxy: object) -> None:
    """Write without waiting for the disk, on SQLite."""
    if isinstance(driver, sqlite3.Connection):
        driver.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="session", autouse=True)
def hasty_passwords() -> Iterator[None]:
    """A password's hash takes a tenth of a second on purpose; the tests sign in hundreds of times."""
    with pytest.MonkeyPatch.context() as patch:
        hasten(patch)
        yield
    forget_hashers()


@pytest.fixture(scope="module")
def slow_passwords(hasty_passwords: None) -> Iterator[None]:
    """A password's hash is as much work as in an office, for a test that looks at that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2, "PasswordHasher", PasswordHasher)
        forget_hashers()
        yield
    forget_hashers()


def hasten(patch: pytest.MonkeyPatch) -> None:
    """Let a new hash be little work."""
    patch.setattr(argon2, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1))
    forget_hashers()


def forget_hashers() -> None:
    """Let the next who asks for a password make them anew."""
    passwords._hasher.cache_clear()
    passwords._nobodys.cache_clear()


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    """No test reads the clock that one before it followed."""
    yield
    clock.follow_host()


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty database of the engine's."""
    folder = tmp_path_factory.mktemp("laid")
    made = open_database(folder)
    schema.require(made, wanted=tables.SCHEMA, tell=lambda _line: None)
    made.close()
    return folder


@pytest.fixture(scope="session")
def server_of() -> Iterator[Callable[[str], Server]]:
    """A server of some kind, which is started when it is first asked for."""
    with ExitStack() as running:
        yield cache(lambda backend: running.enter_context(serving(backend)))


@pytest.fixture(scope="session")
def lent() -> Iterator[Lent]:
    """The user's own database, which was empty when it was named first."""
    with Lent(os.environ[SQL_SERVER]) as taken:
        yield taken
        taken.empty()


@pytest.fixture(scope="session")
def on_server(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Database]]:
    """The engine's database on a server of some kind."""
    with ExitStack() as opened:

        @cache
        def found(backend: str) -> Database:
            get = request.getfixturevalue
            return opened.enter_context(
                laid_out((get("lent") if backend == "mssql" else get("server_of")(backend)).create("engine"))
            )

        yield found


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new database with nothing in it, of what the test is run on."""
    backend = request.param
    fixture = request.getfixturevalue
    of_users = backend == "mssql"
    server = None if backend == "sqlite" else fixture("emptied") if of_users else fixture("server_of")(backend)
    opened = open_database(tmp_path) if server is None else connect(server.create("empty"))
    yield opened
    opened.close()
    if server is not None:
        server.drop("empty")


@pytest.fixture
def emptied(lent: Lent, on_server: Callable[[str], Database]) -> Iterator[Lent]:
    """The user's own database with nothing in it; the tables of the other tests are back afterwards."""
    shared = on_server("mssql")
    shared.close()  # sessions that prepared what is gone
    lent.empty()
    yield lent
    lent.empty()
    schema.upgrade(shared, "head")


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the engine's: a file in `tmp_path`, or what the test is run on."""
    backend = getattr(request, "param", "sqlite")
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("laid") / "engine.db", tmp_path / "engine.db")
        opened = open_database(tmp_path)
        yield opened
        opened.close()
    else:
        opened = request.getfixturevalue("on_server")(backend)
        clean(opened)
        yield opened
        heard = opened.engine.dispatch.before_cursor_execute
        assert not heard, f"others have this engine after the test, and it is still listened to: {list(heard)}"


@pytest.fixture
def books(database: Database) -> Iterator[Database]:
    """A database with a table of the office's own beside the engine's."""
    execute(database, "CREATE TABLE book (line VARCHAR(100) NOT NULL)")
    yield database
    execute(database, "DROP TABLE book")


@pytest.fixture
def odbc(tmp_path: Path) -> Iterator[SqlServer]:
    """What answers whoever connects to fake_odbc.URL: the engine's database, or one that is not its own."""
    with fake_odbc.installed(SqlServer(tmp_path)) as server:
        yield server
    databases.engine.cache_clear()
