"""Several that change one schema at once: each waits its turn and ends well, and nobody waits for the dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from rig import eventually

from process_manager.database import Database, connect, schema, schema_lock
from process_manager.database.schema_lock import Waiting
from process_manager.errors import SchemaBusy
from process_manager.store.tables import SCHEMA

TOP = Path(__file__).parents[2]

pytestmark = pytest.mark.every_database


def program(database: Database, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "process_manager", *words],
        env={**os.environ, "PYTHONPATH": str(TOP), "PROCESS_MANAGER_DATABASE_URL": database.whole_url()},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(programs: list[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    told = [each.communicate(timeout=60)[1] for each in programs]
    return [(each.returncode, text) for each, text in zip(programs, told, strict=True)]


def needs_a_turn(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("a change is one transaction, and its write lock the turn")


@pytest.mark.slow
def test_upgrades_at_once_all_end_well(empty: Database) -> None:
    for code, text in ended([program(empty, "db", "upgrade") for _ in range(2)]):
        assert (code, text.splitlines()[-1]) == (0, f"{empty.url} has schema {SCHEMA} now."), text

    with empty.read() as connection:
        assert schema.current(connection) == SCHEMA
        assert len(connection.execute(sa.text("SELECT uuid FROM installation")).all()) == 1


def test_who_comes_second_is_told_of_the_first_waits_and_finds_it_done(empty: Database) -> None:
    needs_a_turn(empty)
    said: list[str] = []
    found: list[str] = []
    second = connect(empty.whole_url())
    later = threading.Thread(target=lambda: found.append(schema.upgrade(second, "head", Waiting(said.append))))

    with (
        empty.connect() as connection,
        schema_lock.hold(connection, url=empty.url, waiting=schema_lock.DEFAULT_WAITING),
    ):
        later.start()
        (line,) = eventually(lambda: list(said))
        assert found == []
    later.join(60)

    assert found == [SCHEMA]
    assert line.startswith("Session ")
    assert line.endswith(f" is changing the schema of {empty.url}: waiting until it is done.")
    second.close()


def test_the_wait_for_another_change_has_an_end_that_names_it(empty: Database) -> None:
    needs_a_turn(empty)
    second = connect(empty.whole_url())

    with (
        empty.connect() as connection,
        schema_lock.hold(connection, url=empty.url, waiting=schema_lock.DEFAULT_WAITING),
    ):
        for change in (schema.upgrade, schema.downgrade):
            with pytest.raises(
                SchemaBusy, match=r"^Session \d+.* is changing the schema of .*: not done after 0s"
            ) as busy:
                change(second, "head", Waiting(patience=timedelta(0)))
            assert busy.value.exit_code == 6

    assert schema.upgrade(second, "head") == SCHEMA
    second.close()


HOLD = """
import sys, time
from process_manager.database import connect, schema_lock
from process_manager.database.schema_lock import DEFAULT_WAITING

database = connect(sys.argv[1])
with database.connect() as held, schema_lock.hold(held, url=database.url, waiting=DEFAULT_WAITING):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_the_turn_of_one_that_is_killed_is_free_at_once(empty: Database) -> None:
    needs_a_turn(empty)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, empty.whole_url()],
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGKILL)

    assert schema.upgrade(empty, "head", Waiting(patience=timedelta(seconds=5))) == SCHEMA


def test_an_index_that_is_built_while_others_write_is_not_waited_for_by_who_waits_for_the_turn(empty: Database) -> None:
    if empty.dialect != "postgresql":
        pytest.skip("elsewhere a waiting statement keeps no index from being built")
    schema.upgrade(empty, "0005")
    others = [connect(empty.whole_url()) for _ in range(3)]
    waiting = [threading.Thread(target=schema.upgrade, args=(each, "head")) for each in others]

    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join(60)

    with empty.read() as connection:
        assert schema.current(connection) == SCHEMA
    assert not any(thread.is_alive() for thread in waiting)
    for each in others:
        each.close()
