"""A change of the schema that is killed at any of its statements is gone on with, up or down, on every database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rig import start

from process_manager.cli import ending
from process_manager.database import Database, schema
from process_manager.errors import DatabaseUnreachable

HERE = Path(__file__).parent
FILES = sorted((HERE.parent / "migrations" / "versions").glob("[0-9]*.py"))
VERSIONS = [file.name[:4] for file in FILES]
STEPS = list(zip(["base", *VERSIONS], VERSIONS, strict=False))
IN_PARTS_ON_POSTGRESQL = {"0003", "0006", "0007", "0009"}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="each change is a fork of a child that has loaded all")

Kill = Callable[..., str]


@pytest.fixture(scope="module")
def kill() -> Iterator[Kill]:
    """Kill a change of the schema at a statement; answers whether it was killed or was over before."""
    paths = os.pathsep.join([str(HERE), str(HERE.parent)])
    child = subprocess.Popen(
        [sys.executable, str(HERE / "children" / "change_schema.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    stdin, stdout = child.stdin, child.stdout

    def killed(database: Database, way: str, revision: str, nth: int) -> str:
        told = {"url": database.whole_url(), "way": way, "revision": revision, "nth": nth}
        stdin.write(f"{json.dumps(told)}\n")
        stdin.flush()
        return stdout.readline().strip()

    yield killed
    stdin.close()
    assert child.wait(30) == 0
    stdout.close()


IN_SQLITE = "SELECT sql FROM sqlite_master WHERE tbl_name = :table ORDER BY name"
INVALID = "SELECT count(*) FROM pg_index WHERE indrelid = CAST(:table AS regclass) AND NOT indisvalid"
UNPROVEN = "SELECT count(*) FROM pg_constraint WHERE conrelid = CAST(:table AS regclass) AND NOT convalidated"


def laid(database: Database) -> dict[str, Any]:
    """A schema in the database's own words: its version, and of each table columns, keys, checks and indexes."""
    with database.read() as connection:
        look = sa.inspect(connection)
        found = {name: _table(connection, look, name) for name in look.get_table_names() if name != "alembic_version"}
        version = schema.current(connection)
    database.close()
    return {"version": version, **found}


def _table(connection: sa.Connection, look: sa.Inspector, name: str) -> Any:
    if connection.dialect.name == "mariadb":
        text = connection.exec_driver_sql(f"SHOW CREATE TABLE `{name}`").one()[1]
        return text.partition(" AUTO_INCREMENT=")[0]
    if connection.dialect.name == "sqlite":
        return connection.execute(sa.text(IN_SQLITE), {"table": name}).all()
    parts = (look.get_columns, look.get_pk_constraint, look.get_foreign_keys, look.get_check_constraints)
    amiss = [connection.execute(sa.text(each), {"table": name}).scalar() for each in (INVALID, UNPROVEN)]
    indexes = sorted(map(repr, look.get_indexes(name)))
    return [*(repr(part(name)) for part in parts), indexes, amiss]


@pytest.mark.parametrize("empty", ["sqlite", "postgresql_18", "mariadb"], indirect=True)
@pytest.mark.parametrize(("below", "above"), STEPS)
def test_a_change_killed_after_any_statement_is_gone_on_with(
    empty: Database, kill: Kill, below: str, above: str
) -> None:
    if empty.dialect == "postgresql" and above not in IN_PARTS_ON_POSTGRESQL:
        pytest.skip("one transaction, as on SQLite")
    schema.upgrade(empty, below)
    bare = laid(empty)
    schema.upgrade(empty, above)
    whole = laid(empty)

    for nth in count(1):
        down = kill(empty, "down", below, nth)
        if down == "killed" and nth % 2:
            schema.upgrade(empty, above)
            assert laid(empty) == whole, f"down, killed after statement {nth}, then up"
            assert kill(empty, "down", below, nth) == "killed"
        schema.downgrade(empty, below)
        assert laid(empty) == bare, f"down, killed after statement {nth}, then down"

        up = kill(empty, "up", above, nth)
        if up == "killed" and not nth % 2:
            schema.downgrade(empty, below)
            assert laid(empty) == bare, f"up, killed after statement {nth}, then down"
            assert kill(empty, "up", above, nth) == "killed"
        schema.upgrade(empty, above)
        assert laid(empty) == whole, f"up, killed after statement {nth}, then up"
        assert {up, down} <= {"killed", "whole"}
        if up == down == "whole":
            break
    assert nth > 1


@pytest.mark.parametrize("empty", ["mariadb"], indirect=True)
def test_processes_whose_history_is_gone_are_never_brought_back_and_not_deleted_unasked(
    empty: Database, kill: Kill, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    schema.upgrade(empty, "head")
    start(empty)
    schema.downgrade(empty, "0001")
    assert kill(empty, "down", "base", 2) == "killed"
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", empty.whole_url())
    monkeypatch.chdir(tmp_path)

    with pytest.raises(DatabaseUnreachable, match="`db downgrade base` was broken off"):
        schema.upgrade(empty, "head")
    unasked = ending.run(["db", "downgrade", "base"])
    left = laid(empty)
    asked = ending.run(["db", "downgrade", "base", "--yes"])

    assert (unasked, "processes" in left, "process_steps" in left) == (2, True, False)
    assert (asked, laid(empty)) == (0, {"version": None})
    assert schema.upgrade(empty, "head") == VERSIONS[-1]


def test_the_changes_that_postgresql_commits_in_parts_are_all_killed() -> None:
    blocks = {"online.create_index(", "online.drop_index(", "online.respell_checks("}
    files = {file.name[:4]: file.read_text("utf-8") for file in FILES}

    assert {number for number, text in files.items() if any(word in text for word in blocks)} == IN_PARTS_ON_POSTGRESQL
