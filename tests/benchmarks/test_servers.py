"""The database servers that tests and proofs start: they come up, copy a database, are killed and come back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from benchmarks import servers
from benchmarks.hosting import Server

pytestmark = pytest.mark.slow

STARTS = {
    "postgresql-18": (servers.missing_postgresql(18), partial(servers.postgresql, version=18)),
    "postgresql-16": (servers.missing_postgresql(16), partial(servers.postgresql, version=16)),
    "mariadb": (servers.missing_mariadb(), servers.mariadb),
}


def each_server() -> list[object]:
    return [
        pytest.param(started, id=name, marks=pytest.mark.skipif(missing is not None, reason=missing or ""))
        for name, (missing, started) in STARTS.items()
    ]


def ask(url: str, *statements: str, **values: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        found = [connection.execute(sa.text(statement), values) for statement in statements][-1]
        return [tuple(each) for each in found] if found.returns_rows else []


@pytest.mark.parametrize("started", each_server())
def test_what_was_committed_is_there_after_an_immediate_restart_on_the_same_port(
    started: Callable[[Path], Server], tmp_path: Path
) -> None:
    with started(tmp_path / "server") as server:
        url = server.create("office")
        ask(url, "CREATE TABLE cases (name VARCHAR(20))")
        ask(url, "INSERT INTO cases VALUES (:name)", name="æøå 😀")

        server.restart_immediately()

        assert ask(url, "SELECT name FROM cases") == [("æøå 😀",)]
        server.drop("office")
        with pytest.raises(sa.exc.DBAPIError):
            ask(url, "SELECT 1")


@pytest.mark.skipif(servers.missing_postgresql() is not None, reason=servers.missing_postgresql() or "")
def test_a_postgresql_database_is_a_copy_of_its_template() -> None:
    with servers.postgresql() as server:
        ask(server.create("laid"), "CREATE TABLE cases AS SELECT 7 AS id")

        assert ask(server.create("copy", template="laid"), "SELECT id FROM cases") == [(7,)]

    assert not server.folder.exists()
