"""`check` before a start on a server: it is asked whether it answers, and what this account may do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from shop import Shop

from benchmarks.hosting import HOST, Server, free_port
from process_manager.database import Database, connect, schema
from process_manager.store import permissions
from process_manager.store.tables import SCHEMA, metadata
from tests.cli.test_check import found

URL = "PROCESS_MANAGER_DATABASE_URL"
DEAD = {
    "postgresql": f"postgresql+psycopg://ada:geheim@{HOST}:{free_port()}/office",
    "mariadb": f"mariadb+pyodbc://ada:geheim@{HOST}:{free_port()}/office",
}


@pytest.fixture(params=["postgresql_18", "mariadb"])
def served(
    request: pytest.FixtureRequest, server_of: Callable[[str], Server], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """An empty database on a server, which the settings name."""
    server = server_of(request.param)
    made = connect(server.create("checked"))
    monkeypatch.setenv(URL, made.whole_url())
    yield made
    made.close()
    server.drop("checked")


@pytest.mark.parametrize("kind", DEAD)
def test_a_server_that_does_not_answer_ends_with_7(shop: Shop, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    pytest.importorskip("psycopg" if kind == "postgresql" else "pyodbc")
    monkeypatch.setenv(URL, DEAD[kind])

    code, rows = found(shop)

    assert (code, rows["database"][0]) == (7, "problem")
    assert "it cannot be reached or does not answer" in rows["database"][1]
    assert "geheim" not in rows["database"][1]
    assert {"rights", "clock"} & rows.keys() == set()


def test_a_server_is_asked_for_its_schema_rights_and_clock(shop: Shop, served: Database) -> None:
    without = found(shop)
    schema.upgrade(served, "0005")
    older = found(shop)
    schema.upgrade(served, "head")
    code, rows = found(shop)

    assert (without[0], without[1]["database"][0]) == (older[0], older[1]["database"][0]) == (8, "problem")
    assert "has schema none" in without[1]["database"][1]
    assert (code, rows["database"], rows["rights"]) == (
        0,
        ("ok", f"schema {SCHEMA}"),
        ("ok", "this account may do what the engine does"),
    )
    assert rows["clock"][0] == "ok"
    assert "the database's clock is " in rows["clock"][1]


def test_an_account_without_a_right_is_told_which_and_ends_with_7(
    shop: Shop, served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(served, "head")
    with limited(served) as (url, grant):
        monkeypatch.setenv(URL, url)
        grant({"dedup_keys": "SELECT INSERT UPDATE", "lanes": "SELECT"})
        code, rows = found(shop)
        grant({})
        whole = found(shop)

    assert (code, rows["database"][0], rows["rights"][0]) == (7, "ok", "problem")
    assert "this account lacks INSERT on lanes, UPDATE on lanes, DELETE on dedup_keys (" in rows["rights"][1]
    assert "Grant it the missing ones" in rows["rights"][1]
    assert (whole[0], whole[1]["rights"][0]) == (0, "ok"), whole


def test_an_account_with_no_more_rights_than_check_asks_for_does_what_the_engine_does(
    shop: Shop, served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(served, "head")
    with limited(served) as (url, grant):
        grant({})
        monkeypatch.setenv(URL, url)
        for words in WORK:
            answer = shop.ask(*words)
            assert answer.code == 0, (words, answer.out, answer.err)
        examined = shop.ask("doctor", "-o", "json").json

    wrong = [row["what"] for row in examined if row["result"] == "problem"]
    assert wrong == ["durability"], wrong  # a server of the tests syncs nothing


def test_check_asks_for_rights_on_every_table() -> None:
    assert set(permissions.NEEDED) == set(metadata.tables.values())


@contextmanager
def limited(served: Database) -> Iterator[tuple[str, Callable[[Mapping[str, str]], None]]]:
    """The URL of an account with the rights that `check` asks for, and what gives it others on some tables instead."""
    is_mariadb = served.dialect == "mariadb"
    account = "'limited'@'%'" if is_mariadb else "limited"
    needed = {table.name: verbs for table, verbs in permissions.NEEDED.items()} | {"alembic_version": "SELECT"}

    def say(*statements: str) -> None:
        with served.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def grant(others: Mapping[str, str]) -> None:
        for table, verbs in {**needed, **others}.items():
            if table in granted:
                say(f"REVOKE ALL PRIVILEGES ON {table} FROM {account}")
            say(f"GRANT {', '.join(verbs.split())} ON {table} TO {account}")
            granted.add(table)

    granted: set[str] = set()
    say(f"CREATE USER {account}")
    if not is_mariadb:
        say(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {account}")
    url = served.whole_url()
    try:
        yield (
            url.replace("USER%3Droot", "USER%3Dlimited") if is_mariadb else url.replace("//postgres@", "//limited@"),
            grant,
        )
    finally:
        say(*([] if is_mariadb else [f"DROP OWNED BY {account}"]), f"DROP USER {account}")


WORK = (
    ["start", "letter", "--dedup-key", "k", "--order-key", "o"],
    ["start", "letter", "--order-key", "o"],
    ["start", "broken"],
    ["work"],
    ["restart-process", "3"],
    ["abandon-process", "3", "--reason", "x"],
    ["rerun-process", "1"],
    ["disable", "letter", "--reason", "x"],
    ["enable", "letter"],
    ["worker", "--until-empty"],
    ["status"],
)
