"""Databases that cannot be had, or not now: one sentence without the password, and nothing waits without end."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import sqlalchemy as sa
from backends import SERVERS
from rig import eventually, execute, start

from benchmarks.hosting import HOST, Server, free_port
from process_manager.database import Database, connect, error_codes
from process_manager.errors import DatabaseUnreachable

PASSWORD = "Hemmelig-7"  # noqa: S105 - of a server that lives as long as a test
ADD_ONE = "UPDATE processes SET crashes = crashes + 1 WHERE id = :id"


@pytest.fixture
def impatient(database: Database, tmp_path: Path) -> Iterator[Database]:
    """The same database, in a program that waits only a moment."""
    moment = timedelta(seconds=1)
    if database.dialect == "sqlite":
        opened = connect(f"sqlite:///{tmp_path / 'engine.db'}", call_timeout=moment)
    else:
        opened = connect(database.engine.url.render_as_string(hide_password=False), call_timeout=moment)
    yield opened
    opened.close()


@pytest.mark.every_database
def test_a_lock_of_another_connection_is_given_up_within_the_call_timeout_as_a_transient_error(
    database: Database, impatient: Database
) -> None:
    process_id = start(database)
    with database.begin() as holder:
        holder.execute(sa.text(ADD_ONE), {"id": process_id})
        asked = time.monotonic()

        with pytest.raises(DatabaseUnreachable) as refused:
            execute(impatient, ADD_ONE, id=process_id)

        assert time.monotonic() - asked < 1.5
    problem = refused.value.__cause__
    assert isinstance(problem, sa.exc.DBAPIError)
    assert error_codes.is_transient(problem)
    assert not error_codes.is_broken(problem)
    execute(impatient, ADD_ONE, id=process_id)
    assert execute(database, "SELECT crashes FROM processes") == [(2,)]


@pytest.mark.every_database
def test_a_transaction_that_waited_for_a_lock_in_vain_is_run_again_and_committed_once(
    database: Database, impatient: Database
) -> None:
    process_id = start(database)
    in_vain = threading.Event()
    sa.event.listen(impatient.engine, "handle_error", lambda _context: in_vain.set())

    def add(connection: sa.Connection) -> None:
        connection.execute(sa.text(ADD_ONE), {"id": process_id})

    waiting = threading.Thread(target=impatient.run, args=[add])
    with database.begin() as holder:
        holder.execute(sa.text(ADD_ONE), {"id": process_id})
        waiting.start()
        assert in_vain.wait(10)
    waiting.join(15)

    assert execute(database, "SELECT crashes FROM processes") == [(2,)]


@pytest.mark.every_database
def test_of_two_that_wait_for_each_other_one_is_run_again_and_both_are_committed_once(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("whose one writer waits for nobody")
    ids = [start(database), start(database)]
    both_began, tries = threading.Barrier(2), []

    def adds(first: int, second: int) -> Callable[[sa.Connection], None]:
        def work(connection: sa.Connection) -> None:
            is_first_try = first not in tries
            tries.append(first)
            connection.execute(sa.text(ADD_ONE), {"id": first})
            if is_first_try:
                both_began.wait(10)
            connection.execute(sa.text(ADD_ONE), {"id": second})

        return work

    threads = [threading.Thread(target=database.run, args=[adds(*pair)]) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(tries) == 3
    assert execute(database, "SELECT crashes FROM processes") == [(2,), (2,)]


# --- servers that do not let us in ------------------------------------------------------------------------------


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, server_of: Callable[[str], Server]) -> Server:
    """A server that runs."""
    return server_of(request.param)


def admin(server: Server, *statements: str) -> None:
    engine = sa.create_engine(
        server.url("mysql" if is_mariadb(server) else "postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def is_mariadb(server: Server) -> bool:
    return server.url("x").startswith("mariadb")


def url(server: Server, *, port: int | None = None, database: str = "", as_odbc: bool = False) -> str:
    """As an office writes it, with an account and its password."""
    at = port or server.port
    if as_odbc:
        words = f"DRIVER={{MariaDB Unicode}};SERVER={HOST};PORT={at};DATABASE=mysql;UID=guarded;PWD={PASSWORD}"
        return f"mariadb+pyodbc:///?odbc_connect={quote_plus(words)}"
    if is_mariadb(server):
        return f"mariadb+pyodbc://guarded:{PASSWORD}@{HOST}:{at}/{database or 'mysql'}"
    return f"postgresql+psycopg://guarded:{PASSWORD}@{HOST}:{at}/{database or 'postgres'}"


def refusal(place: str) -> str:
    opened = connect(place, call_timeout=timedelta(seconds=4))
    with pytest.raises(DatabaseUnreachable) as refused, opened.begin():
        raise AssertionError("it let us in")
    opened.close()
    told = str(refused.value)
    assert PASSWORD not in told and PASSWORD not in repr(refused.value)
    assert "\n" not in told
    return told


@pytest.fixture
def guarded(server: Server) -> Iterator[Server]:
    """The same, with an account whose password is another than ours."""
    if is_mariadb(server):
        admin(server, f"CREATE USER guarded@'{HOST}' IDENTIFIED BY 'right'")
        yield server
        admin(server, f"DROP USER guarded@'{HOST}'")
        return
    engine = sa.create_engine(server.url("postgres"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        rules = Path(connection.exec_driver_sql("SHOW hba_file").scalar_one())
    before = rules.read_text("utf-8")
    rules.write_text(f"host all guarded {HOST}/32 scram-sha-256\n{before}", "utf-8")
    admin(server, "CREATE ROLE guarded LOGIN PASSWORD 'right'", "SELECT pg_reload_conf()")
    eventually(lambda: not lets_in(url(server)))
    yield server
    rules.write_text(before, "utf-8")
    admin(server, "DROP ROLE guarded", "SELECT pg_reload_conf()")


def lets_in(place: str) -> bool:
    engine = sa.create_engine(place, poolclass=sa.NullPool)
    try:
        engine.connect().close()
    except sa.exc.OperationalError:
        return False
    return True


def test_a_wrong_password_is_one_sentence_without_it(guarded: Server) -> None:
    assert "guarded" in refusal(url(guarded))
    if is_mariadb(guarded):
        assert "guarded" in refusal(url(guarded, as_odbc=True))


def test_the_right_password_in_a_plain_url_lets_in_and_keeps_every_text(guarded: Server) -> None:
    account = "guarded@'127.0.0.1'" if is_mariadb(guarded) else "guarded"
    place = guarded.create("office")
    owner = f"GRANT ALL ON office.* TO {account}" if is_mariadb(guarded) else "ALTER DATABASE office OWNER TO guarded"
    admin(guarded, owner)
    place = url(guarded, database="office").replace(PASSWORD, "right")
    opened = connect(place)

    def let_in() -> bool:
        with opened.begin() as connection:
            return connection.execute(sa.text("SELECT :text"), {"text": "æ😀"}).scalar() == "æ😀"

    assert let_in()
    opened.close()
    guarded.drop("office")


def test_an_account_that_is_not_there_is_one_sentence_without_its_password(server: Server) -> None:
    assert re.search(r"guarded", refusal(url(server)))


def test_a_database_that_is_not_there_is_named_in_one_sentence(server: Server) -> None:
    place = server.url("nowhere")

    assert "nowhere" in refusal(place)


def test_a_server_that_is_down_is_one_sentence_without_the_password(server: Server) -> None:
    asked = time.monotonic()

    told = refusal(url(server, port=free_port()))

    assert "cannot be reached or does not answer" in told
    assert time.monotonic() - asked < 5


def test_a_database_that_cannot_hold_every_text_is_refused_in_one_sentence(server: Server) -> None:
    how = "CHARACTER SET latin1" if is_mariadb(server) else "ENCODING 'SQL_ASCII' TEMPLATE template0"
    admin(server, f"CREATE DATABASE narrow {how}")

    told = refusal(server.url("narrow"))

    server.drop("narrow")
    assert "cannot store every text" in told
    assert ("latin1" in told) or ("SQL_ASCII" in told)
