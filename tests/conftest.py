import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import fake_odbc
import pytest
from backends import BACKENDS, SQL_SERVER, clean, laid_out, serving
from fake_server import Server as SqlServer
from hypothesis import HealthCheck, settings
from programs import hear_signals
from rig import execute, open_database
from sql_server_report import Told

from benchmarks.hosting import Server
from benchmarks.lent import Lent
from process_manager import clock
from process_manager.database import Database, connect, schema
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
    hear_signals()
    if os.environ.get(SQL_SERVER):
        config.pluginmanager.register(Told(os.environ[SQL_SERVER]), "told")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that kills real processes takes its time, and has a limit nevertheless."""
    for item in items:
        if item.get_closest_marker("crash"):
            item.add_marker(pytest.mark.timeout(LIMIT_OF_A_CRASH))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of the contract runs on every database that can be had."""
    marked = metafunc.definition.get_closest_marker
    if marked("every_database") and not marked("sqlite_only"):
        for name in {"database", "empty"} & set(metafunc.fixturenames):
            metafunc.parametrize(name, BACKENDS, indirect=True)


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
