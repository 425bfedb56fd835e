"""The PgBouncer of the tests and proofs: what a client of a real server sees through it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from backends import need

from benchmarks import servers
from benchmarks.pooler import Pooler, missing_pgbouncer, pgbouncer

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no PgBouncer is packed for Windows")


@pytest.fixture(scope="module")
def server() -> Iterator[servers.PostgreSQL]:
    need(missing_pgbouncer())
    need(servers.missing_postgresql())
    with servers.postgresql() as made:
        made.create("office")
        yield made


def sessions(pooler: Pooler, *, clients: int) -> set[int]:
    """The numbers of the server's own processes that so many clients talk to, one after the other, all connected."""
    engine = sa.create_engine(pooler.url, isolation_level="AUTOCOMMIT", pool_size=clients)
    opened = [engine.connect() for _ in range(clients)]
    try:
        return {connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() for connection in opened}
    finally:
        for connection in opened:
            connection.close()
        engine.dispose()


@pytest.mark.slow
def test_a_client_has_a_connection_of_its_own_for_a_session_and_shares_one_between_transactions(
    server: servers.PostgreSQL,
) -> None:
    with pgbouncer(server, "office", mode="session") as for_sessions:
        assert len(sessions(for_sessions, clients=3)) == 3

    with pgbouncer(server, "office", mode="transaction") as for_transactions:
        assert len(sessions(for_transactions, clients=3)) == 1


def test_a_restart_ends_every_connection_and_takes_new_ones_on_the_same_port(server: servers.PostgreSQL) -> None:
    with pgbouncer(server, "office", mode="transaction") as pooler:
        engine = sa.create_engine(pooler.url)
        with engine.connect() as connection, pytest.raises(sa.exc.OperationalError):
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
            pooler.restart()
            connection.exec_driver_sql("SELECT 1")

        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        engine.dispose()
