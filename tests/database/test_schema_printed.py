"""What `db sql` prints is run by each database's own client, and makes the schema that `db upgrade` makes."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import fake_odbc
import pytest
import sqlalchemy as sa
from backends import need
from fake_server import Answer, Server, Statement
from rig import execute, start
from tsql import complaints

from benchmarks import servers
from benchmarks.hosting import HOST
from process_manager.database import Database, connect, migrate, schema
from process_manager.errors import UsageError
from tests.store.test_schema import REVISIONS

DIALECTS = ("sqlite", "postgresql", "mssql", "mariadb")
STAIRS = ["base", *REVISIONS]
STEPS = [*pairwise(STAIRS), *pairwise(reversed(STAIRS))]
BATCH = re.compile(r"^GO$", re.MULTILINE)

Run = Callable[[str], None]
"""Runs a text by the database's own client; CalledProcessError when one of its statements fails."""


@pytest.fixture
def run(empty: Database, tmp_path: Path) -> Run:
    def by_client(text: str) -> None:
        file = tmp_path / "schema.sql"
        file.write_text(text, "ascii")
        with file.open() as told:
            subprocess.run(client(empty), stdin=told, check=True, timeout=60, capture_output=True)

    return by_client


def client(database: Database) -> list[str]:
    url = database.engine.url
    if database.dialect == "sqlite":
        need(None if shutil.which("sqlite3") else "apt-get install sqlite3")
        return ["sqlite3", "-bail", str(url.database)]
    if database.dialect == "mariadb":
        ((port, name),) = execute(database, "SELECT @@port, DATABASE()")
        return ["mariadb", "--no-defaults", "--protocol=tcp", f"--host={HOST}", f"--port={port}", "--user=root", name]
    psql = servers.postgresql_binaries(18) / "psql"
    where = [f"--host={url.host}", f"--port={url.port}", f"--username={url.username}", f"--dbname={url.database}"]
    return [str(psql), "-X", "-v", "ON_ERROR_STOP=1", *where]


def printed(database: Database, wanted: str, found: str = "base") -> str:
    return schema.statements(database.dialect, found=found, wanted=wanted)


def shape(database: Database) -> dict[str, Any]:
    """All that the database says of its tables; indexes and checks in no order."""
    look = sa.inspect(database.engine)
    return {
        table: {
            "columns": [{**each, "type": repr(each["type"])} for each in look.get_columns(table)],
            "primary key": look.get_pk_constraint(table),
            "indexes": sorted(map(index, look.get_indexes(table))),
            "checks": sorted(map(str, look.get_check_constraints(table))),
            "foreign keys": sorted(map(str, look.get_foreign_keys(table))),
        }
        for table in look.get_table_names()
    }


def index(found: Mapping[str, Any]) -> str:
    options = {name: str(each) for name, each in found.get("dialect_options", {}).items()}
    return str({**found, "dialect_options": options})


@pytest.mark.every_database
def test_the_printed_schema_is_the_one_that_an_upgrade_makes_and_works(empty: Database, run: Run) -> None:
    run(printed(empty, "head"))
    by_client, ids = shape(empty), [id_of(empty)]
    assert start(empty) == 1

    run(printed(empty, "base", "head"))
    assert set(shape(empty)) == {"alembic_version"}
    schema.upgrade(empty, "head")

    assert shape(empty) == by_client
    assert set(by_client["processes"]["columns"][0]) >= {"name", "type", "nullable", "default"}
    schema.downgrade(empty, "base")
    run(printed(empty, "head"))
    assert len({*ids, id_of(empty)}) == 2


def id_of(database: Database) -> uuid.UUID:
    ((found, made),) = execute(database, "SELECT uuid, created_at FROM installation")
    assert str(uuid.UUID(found)) == found
    assert str(made).startswith("20")
    return uuid.UUID(found)


@pytest.mark.slow
@pytest.mark.every_database
def test_each_step_up_and_down_is_the_one_that_the_program_makes(empty: Database, run: Run) -> None:
    told = {}
    for found, wanted in STEPS:
        run(printed(empty, wanted, found))
        told[found, wanted] = shape(empty)

    for found, wanted in STEPS:
        (schema.upgrade if STAIRS.index(found) < STAIRS.index(wanted) else schema.downgrade)(empty, wanted)
        assert shape(empty) == told[found, wanted], (found, wanted)


@pytest.mark.every_database
@pytest.mark.parametrize(("found", "wanted"), [("base", "head"), ("0003", "head"), ("head", "0005")])
def test_a_text_that_does_not_begin_with_what_is_there_changes_nothing(
    empty: Database, run: Run, found: str, wanted: str
) -> None:
    schema.upgrade(empty, "0006")
    before = shape(empty)

    with pytest.raises(subprocess.CalledProcessError):
        run(printed(empty, wanted, found))

    assert shape(empty) == before
    assert execute(empty, "SELECT version_num FROM alembic_version") == [("0006",)]


def test_the_text_for_sqlite_is_a_script_of_python_s_as_well(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "engine.db") as made:
        made.executescript(schema.statements("sqlite", found="base", wanted="head"))
    made.close()
    database = connect(f"sqlite:///{tmp_path / 'engine.db'}")

    assert start(database) == 1
    database.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_of_one_text_that_makes_two_databases_each_has_an_id_of_its_own(dialect: str) -> None:
    text = schema.statements(dialect, found="base", wanted="head")

    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text)
    assert not re.search(r"\b20\d\d-", text)
    assert text == schema.statements(dialect, found="base", wanted="head")
    assert text.isascii()


# --- SQL Server: nothing was run on one by these tests ---


def batches(text: str) -> list[str]:
    return [each.strip() for each in BATCH.split(text) if each.strip()]


EACH_WAY = [("base", "head"), ("head", "base"), *STEPS]


@pytest.mark.slow
@pytest.mark.parametrize(("found", "wanted"), EACH_WAY)
def test_every_batch_for_sql_server_is_tsql(found: str, wanted: str) -> None:
    told = batches(schema.statements("mssql", found=found, wanted=wanted))

    assert {each: complaints(each) for each in told} == {each: [] for each in told}


def test_for_sql_server_options_come_first_and_an_error_ends_it_all() -> None:
    told = batches(schema.statements("mssql", found="base", wanted="head"))
    options, begun = told[:4], next(at for at, each in enumerate(told) if "BEGIN TRANSACTION" in each)

    assert [re.sub(r"^(--.*\n+)*", "", each) for each in options] == [
        "SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER ON",
        "SET NUMERIC_ROUNDABORT OFF",
        "SET XACT_ABORT ON",
        options[3],
    ]
    assert options[3].startswith("SET LOCK_TIMEOUT ")
    assert begun == 4
    assert set(told[begun + 1 : -2 : 2]) == {"IF @@ERROR <> 0 SET NOEXEC ON"}
    assert told[-2:] == ["SET NOEXEC OFF", "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION"]


def test_for_sql_server_there_is_no_ntext_and_no_identity_that_is_inserted() -> None:
    text = schema.statements("mssql", found="base", wanted="head")

    assert not re.search(r"\bN?TEXT\b|IDENTITY_INSERT", text)
    assert text.count("NVARCHAR(max)") == 26


def test_a_column_with_a_default_is_dropped_on_sql_server_with_its_default() -> None:
    told = batches(schema.statements("mssql", found="0005", wanted="0004"))

    dropped = next(at for at, each in enumerate(told) if each.endswith("DROP COLUMN own_crashes;"))
    before = [each for each in told[:dropped] if "'own_crashes'" in each]
    assert ["sys.default_constraints" in each for each in before] == [True, False]


class YesSayer:
    """A server that does whatever it is told, and keeps the version that it was told last."""

    def __init__(self, version: str | None) -> None:
        self.version = version

    def __call__(self, said: Statement) -> Answer:
        if found := re.search(r"VALUES \('(\d+)'\)|SET version_num='(\d+)'", said.text):
            self.version = found[1] or found[2]
        if not said.text.startswith("SELECT"):
            return Answer(("",), [(self.version,)], 1) if " OUTPUT " in said.text else Answer(count=1)
        versions = [] if self.version is None else [(self.version,)]
        is_asked = said.text.startswith("SELECT alembic_version")
        return Answer(("name",), versions if is_asked else [("alembic_version",)])


@pytest.mark.parametrize(("found", "wanted"), [(None, "head"), (REVISIONS[-1], "base")])
def test_what_is_printed_for_sql_server_is_what_the_program_says_to_it(
    odbc: Server, found: str | None, wanted: str
) -> None:
    database = connect(fake_odbc.URL)
    with database.connect() as connection:
        odbc.forget()
        odbc.script = YesSayer(found)
        (migrate.down if found else migrate.up)(connection, found, wanted)
        sent = [each.text for each in odbc.sent if not each.text.startswith("SELECT")]
    database.close()

    told = batches(schema.statements("mssql", found=found or "base", wanted=wanted))
    is_of_the_text = re.compile(r"SET |IF @@|INSERT INTO alembic_version \(version_num\) SELECT|IF OBJECT_ID|$")
    in_order = list if found is None else sorted  # on the way down a version is written before, and printed behind
    assert in_order(each for each in map(plain, told) if not is_of_the_text.match(each)) == in_order(map(plain, sent))
    assert len(sent) > len(REVISIONS)


def plain(text: str) -> str:
    text = re.sub(r"--.*\n|BEGIN TRANSACTION;|COMMIT;", "", text)
    return " ".join(text.split()).removesuffix(";")


def test_what_leads_nowhere_is_one_sentence() -> None:
    for found, wanted in (("0003", "0003"), ("head", "+1"), ("9999", "head"), ("base", "nonsense")):
        with pytest.raises(UsageError):
            schema.statements("sqlite", found=found, wanted=wanted)
