"""What a session reads and writes is the same whatever environment, role, database or URL say: on real servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from backends import laid_out
from deployment import TEXTS, command, furnish, workers
from rig import eventually, execute, history

from benchmarks.hosting import Server
from process_manager import operations, serialization
from process_manager.database import Database, connect, mariadb, postgresql_session
from process_manager.definition.process import Process
from process_manager.errors import DatabaseUnreachable
from process_manager.integrations import databases
from process_manager.operations import Start

ODD = {
    "datestyle": "German",
    "intervalstyle": "sql_standard",
    "timezone": "Asia/Kathmandu",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "default_transaction_isolation": "serializable",
    "statement_timeout": "7000",
    "lock_timeout": "7000",
    "client_encoding": "WIN1252",
}
"""What no session of ours may have."""

FROM_THE_ENVIRONMENT = {
    "PGCLIENTENCODING": "WIN1252",
    "PGDATESTYLE": "German",
    "PGTZ": "Asia/Kathmandu",
    "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in ODD.items() if name != "client_encoding"),
}
IN_THE_URL = {"client_encoding": "WIN1252", "options": FROM_THE_ENVIRONMENT["PGOPTIONS"]}


class Letter(Process):
    """The same as the office's, to start it by."""

    STEPS = {"write": "write", "rest": "write", "post": "write"}

    def write(self, run: Any) -> None:
        raise NotImplementedError


@pytest.fixture(params=["postgresql_18", "postgresql_16"])
def server(request: pytest.FixtureRequest, server_of: Callable[[str], Server]) -> Server:
    return server_of(request.param)


@pytest.fixture
def office(server: Server) -> Iterator[Database]:
    with laid_out(server.create("agreed")) as made:
        yield made
    server.drop("agreed")


@contextmanager
def altered(server: Server, what: str) -> Iterator[None]:
    """A role or a database whose sessions have odd settings."""
    engine = sa.create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for name, value in ODD.items():
            connection.exec_driver_sql(f"ALTER {what} SET {name} = '{value}'")
        try:
            yield
        finally:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql(f"ALTER {what} RESET ALL")


def spoken(connection: sa.Connection) -> dict[str, str]:
    names = [*postgresql_session.VALUE_FORMATS, "client_encoding", "default_transaction_isolation"]
    return {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar_one()) for name in names}


OURS = {
    **postgresql_session.VALUE_FORMATS,
    "client_encoding": "UTF8",
    "default_transaction_isolation": "read committed",
}
SPOILERS = ["nothing", "the environment", "the role", "the database", "the URL", "a service"]


@contextmanager
def spoiled(server: Server, by: str, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The URL and the environment with which somebody spoils the session."""
    url = sa.make_url(server.url("agreed"))
    environment: dict[str, str] = {}
    if by == "the environment":
        environment = FROM_THE_ENVIRONMENT
    if by == "the URL":
        url = url.update_query_dict(IN_THE_URL)
    if by == "a service":
        lines = "".join(f"{name}={value}\n" for name, value in IN_THE_URL.items())
        (folder / "services").write_text(f"[odd]\n{lines}", encoding="utf-8")
        environment = {"PGSERVICE": "odd", "PGSERVICEFILE": str(folder / "services")}
    what = {"the role": "ROLE postgres", "the database": "DATABASE agreed"}.get(by)
    if what is None:
        yield url.render_as_string(hide_password=False), environment
        return
    with altered(server, what):
        yield url.render_as_string(hide_password=False), environment


@pytest.mark.parametrize("by", SPOILERS)
def test_a_session_speaks_as_we_do_whatever_is_said_elsewhere(
    office: Database, server: Server, by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with spoiled(server, by, tmp_path) as (url, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        made = connect(url)
        with made.read() as connection:
            found = spoken(connection)
            limit = connection.exec_driver_sql("SHOW statement_timeout").scalar_one()
        made.close()

    assert found == OURS
    assert limit == "10s"


def open_ones(office: Database) -> int:
    return int(execute(office, "SELECT count(*) FROM processes WHERE finished_at IS NULL")[0][0])


@pytest.mark.slow
@pytest.mark.parametrize("by", ["the environment", "the role"])
def test_a_worker_records_every_text_and_moment_whatever_is_said_elsewhere(
    office: Database, server: Server, by: str, tmp_path: Path
) -> None:
    furnish(tmp_path)
    with office.begin() as connection:
        ids = [each.id for each in operations.start_many(connection, [Start(Letter, {"text": text}) for text in TEXTS])]

    with spoiled(server, by, tmp_path) as (url, environment):
        with workers(tmp_path, url, 1, **environment) as running:
            eventually(lambda: running[0].poll() is not None or open_ones(office) == 0, seconds=60)
        listed = command(tmp_path, url, "list", "--output", "json", **environment)

    assert (running[0].returncode, listed.returncode) == (0, 0), listed.stderr
    assert [each["status"] for each in json.loads(listed.stdout)] == ["succeeded"] * len(TEXTS)
    for process_id, text in zip(ids, TEXTS, strict=True):
        stored = serialization.clean(text)
        told = [(each.step, each.outcome, each.message) for each in history(office, process_id)]
        assert told == [
            ("write", "done", stored), ("rest", "wait", "so"), ("rest", "done", "rested"), ("post", "done", stored)
        ]  # fmt: skip
        assert history(office, process_id)[0].exchanges[0]["request"] == {"text": stored}


def test_a_session_costs_one_call_more_to_make_and_none_to_use(office: Database) -> None:
    with office.connect() as connection:
        driver: Any = connection.connection.driver_connection
        assert not driver.is_pooled
        assert driver.prepare_threshold is not None
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    assert pid == driver.info.backend_pid
    assert execute(office, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("by", ["nothing", "the environment", "the role"])
def test_a_database_of_the_office_speaks_so_too_and_gives_up_unless_told_when(
    office: Database, server: Server, by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases.engine.cache_clear()
    with spoiled(server, by, tmp_path) as (url, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with databases.engine(url).connect() as connection:
            said = [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in SAID]
    databases.engine.cache_clear()

    limits = ["7s", "7s"] if by == "the environment" else ["20s", "15s"]
    assert said == ["UTF8", "ISO, MDY", "postgres", *limits]


SAID = ["client_encoding", "DateStyle", "IntervalStyle", "statement_timeout", "lock_timeout"]


@pytest.mark.parametrize("server", ["mariadb"], indirect=True)
def test_a_session_on_mariadb_is_ours_whatever_the_server_says(server: Server) -> None:
    root = sa.create_engine(server.create("mixed"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    odd = {"sql_select_limit": "1", "sql_safe_updates": "1", "completion_type": "'CHAIN'", "foreign_key_checks": "0"}
    with root.connect() as connection:
        before = {name: connection.exec_driver_sql(f"SELECT @@GLOBAL.{name}").scalar_one() for name in odd}
        for name, value in odd.items():
            connection.exec_driver_sql(f"SET GLOBAL {name} = {value}")
        try:
            with closing(connect(server.url("mixed"))) as made, made.read() as ours:
                found = {
                    name: str(ours.exec_driver_sql(f"SELECT @@{name}").scalar_one())
                    for name in mariadb.SESSION_VARIABLES
                }
        finally:
            for name, was in before.items():
                connection.exec_driver_sql(
                    f"SET GLOBAL {name} = '{was}'" if isinstance(was, str) else f"SET GLOBAL {name} = {was}"
                )
    server.drop("mixed")

    assert found == {name: value.strip("'") for name, value in mariadb.SESSION_VARIABLES.items()}


@pytest.mark.parametrize("server", ["mariadb"], indirect=True)
def test_a_connection_to_mariadb_that_cannot_carry_every_letter_is_refused(server: Server) -> None:
    url = server.create("lettered").replace("utf8mb4", "latin1")

    with closing(connect(url)) as made, pytest.raises(DatabaseUnreachable, match="charset=utf8mb4"), made.read():
        pass
    server.drop("lettered")
