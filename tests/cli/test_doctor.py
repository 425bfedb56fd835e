"""`doctor` on a shop: what it writes, how it ends, and that it changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from shop import Shop

from process_manager.inspection import what_must_hold

pytestmark = pytest.mark.usefixtures("durable_files")  # what it says of SQLite is of one that waits for the disk

OF_THE_DATABASE = [
    "version", "encoding", "isolation", "durability", "foreign keys", "disk", "file", "clock", "transactions",
    "schema version", "schema",
]  # fmt: skip
OF_THE_ROWS = [
    "writing",
    "due",
    "left behind",
    "audit chain",
    *(invariant.what for invariant in what_must_hold.INVARIANTS.values()),
]


JUST_NOW = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@pytest.fixture
def well(busy: Shop) -> Shop:
    """The busy shop, with nothing that has been due for long."""
    busy.execute(f"UPDATE processes SET due_at = {JUST_NOW} WHERE due_at < {JUST_NOW}")  # noqa: S608 - our own words
    return busy


def examined(shop: Shop, *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and what was found by what was looked at."""
    answer = shop.ask("doctor", *options, "-o", "json")
    return answer.code, {row["what"]: row for row in answer.json}


def test_a_sound_shop_is_well_in_everything(well: Shop) -> None:
    before = well.content()

    answer = well.ask("doctor", "-o", "json")

    assert [row["what"] for row in answer.json] == [*OF_THE_DATABASE, *OF_THE_ROWS]
    assert (answer.code, {row["result"] for row in answer.json}) == (0, {"ok"}), answer.out
    assert answer.err == "33 ok, 0 warnings, 0 problems.\n"
    assert well.content() == before


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_a_problem_is_written_in_every_form_and_ends_with_1(well: Shop, form: str) -> None:
    well.execute("DELETE FROM process_steps WHERE process_id = 1 AND seq = 1")

    answer = well.ask("doctor", "-o", form)

    assert answer.code == 1
    assert "1: their history has a gap or a double: 1 (before row 2). To fix it:" in answer.out
    assert answer.err == "32 ok, 0 warnings, 1 problem.\n"


def test_a_warning_alone_ends_with_0(well: Shop) -> None:
    well.execute("UPDATE processes SET lease_ends_at = '2026-01-01 00:00:00.000000' WHERE status = 'running'")

    code, found = examined(well)

    assert (code, found["leases"]["result"], found["leases"]["ids"]) == (0, "warning", [11])
    assert found["leases"]["message"].endswith("(no worker lives)")


def test_quick_leaves_out_what_reads_all_that_ever_ended_and_says_so(well: Shop) -> None:
    well.execute("DELETE FROM process_steps WHERE process_id = 1 AND seq = 1")

    answer = well.ask("doctor", "--quick", "-o", "json")

    lanes = ["heads of lanes", "order in lanes", "one at a time in lanes"]
    asked = [
        *(each for each in OF_THE_DATABASE if each != "file"),
        "writing",
        "due",
        "left behind",
        "audit chain",
        "leases",
        *lanes,
    ]
    assert [row["what"] for row in answer.json] == asked
    assert answer.code == 0
    assert answer.err.startswith(
        "Left out, for they read all that there is: file, nothing waits unseen, seats, dedup keys"
    )


def test_a_missing_file_is_not_made_and_ends_with_7(bare: Shop) -> None:
    code, found = examined(bare)

    assert (code, list(found)) == (7, ["database"])
    assert "there is no database " in found["database"]["message"]
    assert list(bare.folder.iterdir()) == []


def test_what_is_no_database_ends_with_7(bare: Shop) -> None:
    bare.file.write_text("no database\n" * 100)

    code, found = examined(bare)

    assert (code, list(found)) == (7, ["database"])
    assert "file is not a database" in found["database"]["message"]


def test_no_password_is_written(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", "sqlite://robot:geheim@host/no/where.db")

    answer = bare.ask("doctor")

    assert answer.code == 7
    assert "geheim" not in answer.out + answer.err


def test_an_older_schema_is_examined_as_far_as_it_goes_and_ends_with_8(bare: Shop) -> None:
    assert bare.ask("db", "upgrade", "0003").code == 0

    code, found = examined(bare)

    assert (code, list(found)) == (8, OF_THE_DATABASE)
    assert found["schema version"]["message"].startswith("0003, but this program works with")
    missing, unknown = [row["message"] for row in bare.ask("doctor", "-o", "json").json if row["what"] == "schema"]
    assert missing.partition(" ")[2].startswith("missing: column ")
    assert "column processes.cause " in missing
    assert "unknown: index ix_processes_lane " in unknown


def test_a_newer_schema_is_examined_as_far_as_it_goes_and_ends_with_8(well: Shop) -> None:
    well.execute("UPDATE alembic_version SET version_num = '9999'")

    answer = well.ask("doctor", "-o", "json")

    assert (answer.code, [row["what"] for row in answer.json]) == (8, OF_THE_DATABASE)
    assert "install that version of the program" in answer.out
    assert answer.err.startswith("What is in the tables was not asked")


def test_an_empty_file_is_no_database_yet_and_stays_empty(bare: Shop) -> None:
    bare.file.touch()

    code, found = examined(bare)

    assert (code, list(found)) == (7, ["database"])
    assert bare.file.read_bytes() == b""


def test_a_file_of_another_program_ends_with_7(bare: Shop) -> None:
    bare.execute("CREATE TABLE notes (id INTEGER)")

    code, found = examined(bare)

    assert (code, found["schema version"]["message"].split(",")[0]) == (7, "unknown")


def test_a_journal_of_another_kind_is_a_problem_and_is_left_as_it_is(well: Shop) -> None:
    with closing(sqlite3.connect(well.file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    before = well.file.read_bytes()

    code, found = examined(well)

    assert (code, found["durability"]["result"]) == (1, "problem")
    assert [what for what, row in found.items() if row["result"] != "ok"] == ["durability"]
    assert well.file.read_bytes() == before
    assert [path.name for path in Path(well.folder).iterdir() if path.name.startswith(well.file.name)] == [
        well.file.name
    ]


def test_a_write_lock_that_another_program_keeps_is_told(well: Shop) -> None:
    with closing(sqlite3.connect(well.file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        code, found = examined(well)

    assert (code, found["transactions"]["result"]) == (0, "warning")
    assert [what for what, row in found.items() if row["result"] != "ok"] == ["transactions", "writing"]


def test_what_is_due_is_told_with_what_holds_it(well: Shop) -> None:
    well.execute("UPDATE processes SET due_at = '2026-01-01 00:00:00.000000' WHERE id = 7")
    well.ask("disable", "letter", "--reason", "the printer is out")

    code, found = examined(well)

    assert (code, found["due"]["result"], found["due"]["ids"]) == (0, "warning", [7])
    assert "the printer is out" in found["due"]["message"]
