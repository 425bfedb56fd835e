"""A change of the schema that is killed at its statements is gone on with, up or down, on every database.

What was released stays as it is. So here the first change, one that makes an index and the newest are killed, each at
every second statement; the proof `schema-kills` kills all of them, at each.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rig import start

from process_manager.cli import exit_codes
from process_manager.database import Database, schema
from process_manager.errors import DatabaseUnreachable
from proofs import remade
from proofs.remade import FILES, IN_PARTS_ON_POSTGRESQL, STEPS, VERSIONS, Kill, laid

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="each change is a fork of a child that has loaded all"),
]


@pytest.fixture(scope="module")
def kill() -> Iterator[Kill]:
    with remade.killer() as killed:
        yield killed


@pytest.mark.parametrize("empty", ["sqlite", "postgresql_18", "mariadb"], indirect=True)
@pytest.mark.parametrize("between", [STEPS[0], ("0005", "0006"), STEPS[-1]], ids="-".join)
def test_a_change_killed_at_its_statements_is_gone_on_with(
    empty: Database, kill: Kill, between: tuple[str, str]
) -> None:
    if not remade.is_in_parts(empty.dialect, between[1]):
        pytest.skip("one transaction, as others of this database")

    found = remade.go_on(empty, kill, between, every=2)

    assert (found.faults, found.kills > 0) == ([], True)


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

    with pytest.raises(DatabaseUnreachable, match="`db downgrade base` was interrupted"):
        schema.upgrade(empty, "head")
    unasked = exit_codes.run(["db", "downgrade", "base"])
    left = laid(empty)
    asked = exit_codes.run(["db", "downgrade", "base", "--yes"])

    assert (unasked, "processes" in left, "process_steps" in left) == (2, True, False)
    assert (asked, laid(empty)) == (0, {"version": None})
    assert schema.upgrade(empty, "head") == VERSIONS[-1]


def test_the_changes_that_postgresql_commits_in_parts_are_all_killed() -> None:
    blocks = {"online_ddl.create_index(", "online_ddl.drop_index(", "online_ddl.respell_checks("}
    files = {file.name[:4]: file.read_text("utf-8") for file in FILES}

    assert {number for number, text in files.items() if any(word in text for word in blocks)} == IN_PARTS_ON_POSTGRESQL
