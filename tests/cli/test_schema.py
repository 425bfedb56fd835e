"""Changing the schema by hand: nothing is deleted unasked, and nothing is taken away from under those who work."""

import sys

import pytest
from shop import Shop

from process_manager import clock
from process_manager.store.tables import SCHEMA

LATER = "2999-01-01 00:00:00.000000"


@pytest.mark.slow
@pytest.mark.parametrize("revision", ["base", "0004"])
def test_a_schema_is_not_taken_back_where_nobody_can_be_asked(busy: Shop, revision: str) -> None:
    busy.execute("UPDATE processes SET lease_ends_at = '2000-01-01 00:00:00.000000' WHERE status = 'running'")
    before = busy.content()

    answer = busy.really("db", "downgrade", revision)

    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "11 processes, 6 of them still open" in answer.err
    assert "Say --yes to do it." in answer.err
    assert busy.content() == before


def test_yes_takes_the_schema_back_and_says_what_was_lost(busy: Shop) -> None:
    busy.execute("UPDATE processes SET lease_ends_at = '2000-01-01 00:00:00.000000' WHERE status = 'running'")

    answer = busy.ask("db", "downgrade", "base", "--yes")

    assert answer.code == 0, answer.err
    assert answer.err.splitlines() == [
        f"Taking back all of the schema deletes all that is in sqlite:///{busy.file}: 11 processes,"
        " 6 of them still open, with their histories, and the audit chain with its 2 rows",
        f"sqlite:///{busy.file} has schema none now.",
    ]


def test_it_says_that_the_audit_chain_is_lost_with_what_is_taken_back(shop: Shop) -> None:
    shop.ask("abandon-process", str(shop.start("letter")), "--reason", "paid by hand")

    newer, older = (shop.ask("db", "downgrade", revision, "--yes").err for revision in ("0012", "0011"))

    assert "audit chain" not in newer
    assert f"in sqlite:///{shop.file}, and the audit chain with its 1 row; there are 1 process" in older


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
@pytest.mark.parametrize(("typed", "code", "left"), [("n", 130, True), ("", 130, True), ("y", 0, False)])
def test_on_a_terminal_a_person_is_asked_before_the_schema_is_taken_back(
    shop: Shop, typed: str, code: int, left: bool
) -> None:
    shop.start("letter")

    ended, said = shop.on_a_terminal("db", "downgrade", "base", typed=typed)

    assert "1 process, 1 of them still open, with their histories. Go on? [y/N]" in said
    assert ended == code, said
    assert any("CREATE TABLE processes" in line for line in shop.content()) is left


@pytest.mark.parametrize("options", [[], ["--yes"]])
def test_a_schema_is_not_taken_back_while_a_worker_lives(shop: Shop, options: list[str]) -> None:
    shop.execute(
        "INSERT INTO workers (name, host, pid, started_at, seen_at, concurrency, channels, knows)"
        " VALUES ('ada', 'h', 1, ?, ?, 8, '[]', '[]')",
        *[clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")] * 2,
    )

    answer = shop.ask("db", "downgrade", "base", *options)

    assert (answer.code, answer.out, answer.err.count("\n")) == (6, "", 1)
    assert "while it is in use: alive are ada. Stop the workers first" in answer.err
    assert shop.ask("db", "current").out == f"{SCHEMA}\n"


def test_a_schema_is_not_taken_back_while_a_program_of_its_own_works_on_a_process(busy: Shop) -> None:
    answer = busy.ask("db", "downgrade", "base", "--yes")

    assert (answer.code, answer.err.count("\n")) == (6, 1)
    assert "somebody works on 11." in answer.err


def test_a_schema_that_knows_no_workers_yet_is_taken_back(shop: Shop) -> None:
    assert [shop.ask("db", "downgrade", revision, "--yes").code for revision in ("0003", "0001", "base")] == [0, 0, 0]
    assert shop.ask("db", "current").out == "none\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["downgrade", "9999"], "There is no schema '9999'. Name one of 0001, "),
        (["upgrade", "+99"], "There is no schema '+99'."),
        (["upgrade", "next"], "There is no schema 'next'."),
        (["downgrade", SCHEMA], f"The schema is 0001, below {SCHEMA}. Run `process-manager db upgrade {SCHEMA}`."),
    ],
)
def test_a_version_that_leads_nowhere_is_told(shop: Shop, words: list[str], said: str) -> None:
    assert shop.ask("db", "downgrade", "0001", "--yes").code == 0

    answer = shop.ask("db", *words, *(["--yes"] if words[0] == "downgrade" else []))

    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert said in answer.err
