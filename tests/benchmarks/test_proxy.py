"""The proxy of the proofs: what it does to a connection, seen by a client of a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from rig import eventually

from benchmarks import servers
from benchmarks.proxy import MARIADB, Proxy

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.skipif(servers.missing_postgresql() is not None, reason=servers.missing_postgresql() or "")


@pytest.fixture(scope="module")
def server() -> Iterator[servers.PostgreSQL]:
    with servers.postgresql() as made:
        with psycopg.connect(port=made.port, **WHERE) as client:
            client.execute("CREATE TABLE noted (word TEXT)")
        yield made


@pytest.fixture
def proxy(server: servers.PostgreSQL) -> Iterator[Proxy]:
    with Proxy(server.port) as made:
        yield made


WHERE = {"host": "127.0.0.1", "user": "postgres", "dbname": "postgres"}


def note(proxy: Proxy, word: str, *, pipelined: bool = False) -> None:
    with psycopg.connect(port=proxy.port, **WHERE) as client:
        if pipelined:
            with client.pipeline():
                client.execute("INSERT INTO noted VALUES (%s)", [word])
        else:
            client.execute("INSERT INTO noted VALUES (%s)", [word])


def noted(server: servers.PostgreSQL, word: str) -> int:
    with psycopg.connect(port=server.port, **WHERE) as client:
        return client.execute("SELECT count(*) FROM noted WHERE word = %s", [word]).fetchone()[0]


@pytest.mark.slow
@pytest.mark.parametrize("pipelined", [False, True])
def test_a_swallowed_commit_is_committed_and_its_client_is_not_told(
    server: servers.PostgreSQL, proxy: Proxy, pipelined: bool
) -> None:
    proxy.swallow_commits(1)

    with pytest.raises(psycopg.OperationalError):
        note(proxy, f"swallowed {pipelined}", pipelined=pipelined)
    note(proxy, f"told {pipelined}", pipelined=pipelined)

    assert (noted(server, f"swallowed {pipelined}"), noted(server, f"told {pipelined}")) == (1, 1)
    assert proxy.swallowed == 1


def test_a_silent_connection_answers_no_more_and_new_ones_do(server: servers.PostgreSQL, proxy: Proxy) -> None:
    client = psycopg.connect(port=proxy.port, autocommit=True, **WHERE)
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.append(ended(client, "SELECT 1")), daemon=True)

    assert proxy.silence_present() == 1
    asking.start()
    note(proxy, "another")

    asking.join(0.3)
    assert (answers, noted(server, "another")) == ([], 1)
    proxy.cut()
    assert eventually(lambda: answers) == ["OperationalError"]


def ended(client: psycopg.Connection, statement: str) -> str:
    try:
        client.execute(statement)
    except psycopg.Error as error:
        return type(error).__name__
    return "answered"


def test_a_refusing_proxy_takes_nobody_and_takes_them_again(server: servers.PostgreSQL, proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        note(proxy, "refused")

    proxy.refuse(False)
    note(proxy, "taken")

    assert (noted(server, "refused"), noted(server, "taken")) == (0, 1)


@pytest.mark.slow
@pytest.mark.skipif(servers.missing_mariadb() is not None, reason=servers.missing_mariadb() or "")
def test_a_swallowed_commit_of_mariadb_is_committed_and_its_client_is_not_told() -> None:
    with servers.mariadb() as server, Proxy(server.port, MARIADB) as proxy:
        behind = sa.create_engine(server.create("office"))
        before = sa.create_engine(server.url("office").replace(str(server.port), str(proxy.port)))
        with behind.begin() as connection:
            connection.execute(sa.text("CREATE TABLE noted (word VARCHAR(20))"))

        proxy.swallow_commits(1)
        with pytest.raises(sa.exc.DBAPIError), before.begin() as connection:
            connection.execute(sa.text("INSERT INTO noted VALUES (:word)"), {"word": "swallowed"})

        with behind.begin() as connection:
            assert connection.execute(sa.text("SELECT word FROM noted")).all() == [("swallowed",)]
        assert proxy.swallowed == 1
