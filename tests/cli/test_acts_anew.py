"""What a person asks for: done anew when the database took it back, and told as unknown when that did not confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from backends import laid_out
from rig import eventually, execute
from shop import Shop

from benchmarks.hosting import Server
from benchmarks.proxy import Proxy
from process_manager.database import Database

RETOLD = "SELECT id, status FROM processes ORDER BY id"
TABLES = "LOCK TABLE processes, switches IN EXCLUSIVE MODE"  # whoever reads goes on
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

# Each on what `office` made: one process in doubt, one failed, one done and one due, and a switch that is thrown.
ACTS: dict[str, list[object]] = {
    "start": ["start", "letter"],
    "start-many": ["start-many", "letter", "@letters.jsonl"],
    "run-command": ["run-command", "import-books", "service1"],
    "resolve-process": ["resolve-process", 1, "--happened", "--reason", "the bank has it"],
    "restart-process": ["restart-process", 2],
    "rerun-process": ["rerun-process", 3],
    "skip-step": ["skip-step", 2, "--reason", "sent by hand"],
    "edit-payload": ["edit-payload", 4, "--set", "to=Bo", "--reason", "she moved"],
    "run-now": ["run-now", 1],
    "cancel": ["cancel", 4, "--reason", "the wrong list"],
    "abandon-process": ["abandon-process", 4, "--reason", "paid by hand"],
    "disable": ["disable", "post", "--reason", "SAP is closed"],
    "enable": ["enable", "robots"],
}


@pytest.fixture
def office(
    bare: Shop, server_of: Callable[[str], Server], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Shop, Database, Proxy]]:
    """A shop whose database is on a server, behind a proxy."""
    server = server_of("postgresql_18")
    url = server.create("acts")
    try:
        with laid_out(url) as database, Proxy(server.port) as proxy:
            monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", url.replace(str(server.port), str(proxy.port)))
            for name in ("posting", "broken", "letter"):
                bare.start(name, {"invoice": 7} if name == "posting" else None)
            bare.ask("work")
            bare.start("letter")
            bare.ask("disable", "robots", "--reason", "on strike")
            (bare.folder / "letters.jsonl").write_text("{}\n", "utf-8")
            found = execute(database, RETOLD)
            assert found == [(1, "uncertain"), (2, "failed"), (3, "succeeded"), (4, "pending")]
            yield bare, database, proxy
    finally:
        server.drop("acts")


@pytest.mark.slow
@pytest.mark.parametrize("act", ["resolve-process", "enable", "start-many", "work"])
def test_what_the_database_took_back_is_done_anew(office: tuple[Shop, Database, Proxy], act: str) -> None:
    shop, database, _proxy = office

    with database.engine.connect() as connection:
        connection.exec_driver_sql(TABLES)
        with shop.spawn(*ACTS.get(act, [act, 4])) as program:
            _end_who_waits(database)
            connection.rollback()
            _out, err = program.communicate(timeout=30)

    assert program.returncode == 0, err


def _end_who_waits(database: Database) -> None:
    (pid,) = eventually(lambda: execute(database, WAITING))[0]
    execute(database, "SELECT pg_terminate_backend(:pid)", pid=pid)


@pytest.mark.slow
@pytest.mark.parametrize("words", ACTS.values(), ids=ACTS)
def test_what_the_database_did_not_confirm_is_told_as_unknown(
    office: tuple[Shop, Database, Proxy], words: list[object]
) -> None:
    shop, _database, proxy = office
    proxy.swallow_commits(1)

    answer = shop.ask(*words)

    assert answer.code == 7
    assert "did not confirm the change: it may or may not have happened" in answer.err


def test_the_file_of_a_switch_stays_when_it_is_not_known_whether_the_fleets_is_gone(
    office: tuple[Shop, Database, Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, _database, proxy = office
    monkeypatch.setenv("PROCESS_MANAGER_LOCKS_FOLDER", str(shop.folder))
    file = shop.folder / "robots.disabled"
    file.touch()
    proxy.swallow_commits(1)

    first = shop.ask("enable", "robots").code, file.exists()
    again = shop.ask("enable", "robots")

    assert first == (7, True)
    assert (again.code, again.err) == (0, f"'robots' is enabled: taken out of {file}.\n")
    assert not file.exists()


def test_of_many_the_one_that_was_not_confirmed_is_told_as_unknown_and_the_others_are_done(
    office: tuple[Shop, Database, Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("process_manager.governance.acts.AT_ONCE", 1)
    shop, database, proxy = office
    proxy.swallow_commits(1)

    answer = shop.ask("abandon-process", 2, 4, "--reason", "paid by hand", "-o", "json")

    told: Any = {each["id"]: each["result"] for each in answer.json}
    assert (answer.code, told) == (9, {2: "unknown", 4: "abandoned"})
    assert execute(database, RETOLD)[1::2] == [(2, "abandoned"), (4, "abandoned")]
