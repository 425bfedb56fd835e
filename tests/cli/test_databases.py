"""What is wrong with a database is told in one line with a hint, and ends with the code that says whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from shop import Shop

from benchmarks.hosting import HOST, Server
from process_manager.database import connect, schema

SECRET = "Hemmelig-7"  # noqa: S105 - of a server that lives as long as a test


def url(server: Server, account: str = "", database: str = "shop", query: str = "", port: int | None = None) -> str:
    """As an office writes it."""
    kind = server.url("x").partition(":")[0]
    account = account or ("root" if kind.startswith("mariadb") else "postgres")
    return f"{kind}://{account}@{HOST}:{port or server.port}/{database}{query}"


def admin(server: Server, database: str, *statements: str) -> None:
    engine = sa.create_engine(server.url(database), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@contextmanager
def laid_out(server: Server) -> Iterator[Server]:
    server.drop("shop")  # of a run that was ended
    made = connect(server.create("shop"))
    schema.upgrade(made, "head")
    made.close()
    yield server
    server.drop("shop")


@pytest.fixture(scope="module")
def postgresql(server_of: Callable[[str], Server]) -> Iterator[Server]:
    """One with accounts that may do little."""
    server = server_of("postgresql_18")
    roles = ("may_nothing", "may_read", "may_not_login", "no_room")
    with laid_out(server):
        admin(
            server,
            "shop",
            *(f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'" for role in roles),
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO may_read",
            "ALTER ROLE may_not_login NOLOGIN",
            "ALTER ROLE no_room CONNECTION LIMIT 0",
        )
        yield server
        admin(server, "shop", "DROP OWNED BY may_read", *(f"DROP ROLE {role}" for role in roles))


@pytest.fixture(scope="module")
def mariadb(server_of: Callable[[str], Server]) -> Iterator[Server]:
    """As above."""
    server = server_of("mariadb")
    roles = ("may_nothing", "may_read", "locked")
    with laid_out(server):
        admin(
            server,
            "shop",
            *(f"CREATE OR REPLACE USER {role}@'{HOST}' IDENTIFIED BY '{SECRET}'" for role in roles),
            f"GRANT SELECT ON shop.* TO may_read@'{HOST}'",
            f"ALTER USER locked@'{HOST}' ACCOUNT LOCK",
        )
        yield server
        admin(server, "shop", *(f"DROP USER {role}@'{HOST}'" for role in roles))


Row = tuple[dict[str, Any], Sequence[str], int, Sequence[str]]

# account, database, query or port of the URL; what is asked; exit code; words
ON_POSTGRESQL: list[Row] = [
    (
        {"account": "nobody_here"},
        ["list"],
        7,
        ["refuses the login", "nobody_here", "Check user, password"],
    ),
    ({"account": "may_not_login"}, ["list"], 7, ["refuses the login", "may_not_login"]),
    ({"account": "no_room"}, ["list"], 7, ["accepts no more connections"]),
    ({"database": "nowhere"}, ["list"], 7, ["there is no such database", "nowhere", "CREATE DATABASE"]),
    (
        {"account": "may_nothing"},
        ["list"],
        7,
        ["its account lacks the permission", "alembic_version", "GRANT it SELECT"],
    ),
    ({"account": "may_nothing"}, ["work"], 7, ["its account lacks the permission", "GRANT it SELECT"]),
    ({"account": "may_nothing"}, ["doctor"], 7, ["its account lacks the permission"]),
    ({"account": "may_nothing"}, ["db", "upgrade"], 7, ["its account lacks the permission", "create and alter tables"]),
    ({"account": "may_read"}, ["start", "letter"], 7, ["its account lacks the permission", "GRANT it SELECT"]),
    ({"account": "may_read"}, ["disable", "--all", "--reason", "x"], 7, ["its account lacks the permission"]),
    ({"account": "may_nothing", "database": "postgres"}, ["db", "upgrade"], 7, ["its account lacks the permission"]),
    ({"query": "?options=-csearch_path%3Dnowhere"}, ["list"], 8, ["has schema none", "db upgrade"]),
    ({"query": "?options=-cno_such_setting%3D1"}, ["list"], 7, ["an option in its URL is unknown"]),
    ({"query": "?sslmode=require"}, ["list"], 7, ["offers no encrypted connection", "sslmode"]),
    ({"query": "?sslmode=nonsense"}, ["list"], 7, ["sslmode"]),
    ({"query": "?sslmode=verify-full&sslrootcert=/no/such.crt"}, ["list"], 7, ["offers no encrypted connection"]),
    ({"query": "?keepalives=soon"}, ["list"], 7, ["an option in its URL has an invalid value", "keepalives"]),
    (
        {"query": "?no_such_word=1"},
        ["list"],
        7,
        ["an option after the ? that its driver does not know", "no_such_word"],
    ),
    ({"query": "?service=nowhere"}, ["list"], 7, ["nowhere"]),
    ({"port": 1}, ["list"], 7, ["cannot be reached or does not answer", "Check that it runs"]),
    ({"account": f"office:{SECRET}@x"}, ["list"], 7, ["postgresql+psycopg://***", "write @ as %40"]),
]
ON_MARIADB: list[Row] = [
    (
        {"account": f"nobody:{SECRET}"},
        ["list"],
        7,
        ["refuses the login", "nobody", "Check user, password"],
    ),
    ({"account": "may_nothing:wrong-Hemmelig-7"}, ["list"], 7, ["refuses the login", "may_nothing"]),
    ({"account": f"locked:{SECRET}"}, ["list"], 7, ["refuses the login"]),
    ({"database": "nowhere"}, ["list"], 7, ["there is no such database", "nowhere", "CREATE DATABASE"]),
    ({"account": f"may_nothing:{SECRET}"}, ["list"], 7, ["its account lacks the permission", "GRANT"]),
    (
        {"account": f"may_read:{SECRET}"},
        ["start", "letter"],
        7,
        ["its account lacks the permission", "INSERT", "GRANT"],
    ),
    ({"account": f"may_read:{SECRET}"}, ["disable", "--all", "--reason", "x"], 7, ["its account lacks the permission"]),
    ({"query": "?driver=Nothing+Installed"}, ["list"], 7, ["its ODBC driver is not installed", "MariaDB Unicode"]),
    ({"port": 1}, ["list"], 7, ["cannot be reached or does not answer", "Check that it runs"]),
    ({"account": f"office:{SECRET}@x"}, ["list"], 7, ["mariadb+pyodbc://***", "write @ as %40"]),
]
ANYWHERE = [
    ("postgresql+psycopg://office@no-such-host.invalid/pm", 7, ["no-such-host.invalid", "its host is not known"]),
    ("postgresql+psycopg://office@bl\u00e5b\u00e6r-findes-ikke.invalid/pm", 7, ["its host is not known"]),
    (f"postgresql+psycopg://office@{'x' * 70}.invalid/pm", 7, ["is not a host name"]),
    ("mariadb+pyodbc://office@no-such-host.invalid/pm", 7, ["no-such-host.invalid", "its host is not known"]),
    (f"mssql+pyodbc://office:{SECRET}@db/pm", 7, ["it names no ODBC driver", "Installed here: "]),
    (f"mssql+pyodbc://office:{SECRET}@db/pm?driver=Nothing", 7, ["its ODBC driver is not installed"]),
    (f"mssql+pyodbc://office:{SECRET}@no-such-source", 7, ["its ODBC driver is not installed"]),
    (f"mssql+pyodbc:///?odbc_connect=DRIVER=Nothing;UID=sa;PWD={SECRET}", 7, ["its ODBC driver is not installed"]),
    (f"mssql+pymssql://office:{SECRET}@db/pm", 7, ["its driver is pymssql. Write mssql+pyodbc://"]),
    (f"postgresql+asyncpg://office:{SECRET}@db/pm", 7, ["its driver is asyncpg. Write postgresql+psycopg://"]),
    (f"postgres://office:{SECRET}@db/pm", 7, ["cannot be in postgres", "postgresql+psycopg://"]),
    (f"mysql+pymysql://office:{SECRET}@db/pm", 7, ["cannot be in mysql", "mariadb+pyodbc://"]),
    (f"postgresql://office:{SECRET}@db:nan/pm", 7, ["its port is not a number from 1 to 65535"]),
    (f"postgresql://office:{SECRET}@db:70000/pm", 7, ["its port is not a number from 1 to 65535"]),
    (f"postgresql://office:{SECRET}@db:-1/pm", 7, ["its port is not a number from 1 to 65535"]),
    (f"postgresql:{SECRET}", 7, ["it is not a database URL"]),
]


def told(shop: Shop, place: str, asked: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The exit code, and what is said in one line that no library had a part in."""
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", place)
    answer = shop.ask(*asked)
    said = answer.err + answer.out
    assert SECRET not in said
    assert "nobody foresaw" not in said
    assert "Warning" not in said
    assert answer.err.count("\n") == 1, said
    return answer.code, " ".join(said.split())


@pytest.mark.parametrize("row", ON_POSTGRESQL, ids=lambda row: f"{row[0]} {row[1][0]}"[:60])
def test_a_mistake_about_postgresql_is_told_with_a_hint(
    bare: Shop, postgresql: Server, monkeypatch: pytest.MonkeyPatch, row: Row
) -> None:
    place, asked, code, words = row

    found, said = told(bare, url(postgresql, **place), asked, monkeypatch)

    assert (found, [word for word in words if word not in said]) == (code, []), said


@pytest.mark.slow
@pytest.mark.parametrize("row", ON_MARIADB, ids=lambda row: f"{row[0]} {row[1][0]}"[:60])
def test_a_mistake_about_mariadb_is_told_with_a_hint(
    bare: Shop, mariadb: Server, monkeypatch: pytest.MonkeyPatch, row: Row
) -> None:
    place, asked, code, words = row

    found, said = told(bare, url(mariadb, **place), asked, monkeypatch)

    assert (found, [word for word in words if word not in said]) == (code, []), said


@pytest.mark.parametrize(("place", "code", "words"), ANYWHERE, ids=[row[0][:60] for row in ANYWHERE])
def test_a_mistake_in_a_url_is_told_with_a_hint(
    bare: Shop, monkeypatch: pytest.MonkeyPatch, place: str, code: int, words: Sequence[str]
) -> None:
    found, said = told(bare, place, ["list"], monkeypatch)

    assert found == code, said
    assert [word for word in words if word not in said] == [], said


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_column_that_is_gone_is_told_with_the_code_of_the_schema(
    bare: Shop, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    server = request.getfixturevalue(kind)
    admin(server, "shop", "ALTER TABLE processes RENAME COLUMN reference TO mislaid")

    code, said = told(bare, url(server), ["start", "letter"], monkeypatch)

    admin(server, "shop", "ALTER TABLE processes RENAME COLUMN mislaid TO reference")
    assert code == 8, said
    assert "lacks a table or column that this version needs" in said
    assert "reference" in said


def test_a_table_that_is_gone_from_a_file_is_told_with_the_code_of_the_schema(shop: Shop) -> None:
    shop.start("letter")
    shop.execute("DROP TABLE process_steps")

    answer = shop.ask("history", 1)

    assert (answer.code, answer.out, answer.err.count("\n")) == (8, "", 1)
    assert "lacks a table or column that this version needs (no such table: process_steps)" in answer.err
