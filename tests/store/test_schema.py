import ast
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from rig import execute, open_database, start

from process_manager.database import Database, connect, schema
from process_manager.errors import DatabaseUnreachable, SchemaMismatch
from process_manager.integrations import databases
from process_manager.store import indexes, tables

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
REVISIONS = sorted(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*.py"))


def names(database: Database) -> set[str]:
    return {name for (name,) in execute(database, "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'")}


def sql(database: Database) -> list[tuple[str, str]]:
    return execute(database, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")


def test_the_schema_that_the_code_wants_is_the_newest_migration() -> None:
    heads = ScriptDirectory(str(VERSIONS.parent)).get_heads()

    assert heads == [tables.SCHEMA] == REVISIONS[-1:]


def test_the_tables_are_those_that_the_migrations_make(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, indexes.metadata)

    assert differences == []


def test_every_check_of_the_tables_is_in_the_migrated_database(database: Database, tmp_path: Path) -> None:
    declared = sa.create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    indexes.metadata.create_all(declared)

    def checks(engine: sa.Engine) -> dict[str, dict[str, str]]:
        look = sa.inspect(engine)
        return {
            table: {str(each["name"]): " ".join(each["sqltext"].split()) for each in look.get_check_constraints(table)}
            for table in indexes.metadata.tables
        }

    assert checks(database.engine) == checks(declared)
    assert len(checks(declared)["processes"]) == 8
    declared.dispose()


def test_a_new_file_gets_its_schema_on_first_use_and_says_where(tmp_path: Path) -> None:
    made, said = open_database(tmp_path), []

    schema.require(made, wanted=tables.SCHEMA, tell=said.append)
    schema.require(made, wanted=tables.SCHEMA, tell=said.append)

    assert said == [f"Made a new database: {tmp_path / 'engine.db'}"]
    assert start(made) == 1
    made.close()


def test_the_migrations_lead_up_and_down_again_leaving_nothing(tmp_path: Path) -> None:
    made = open_database(tmp_path)

    assert [schema.upgrade(made, revision) for revision in REVISIONS] == REVISIONS
    assert schema.downgrade(made, "base") == "none"
    assert names(made) - {"alembic_version"} == set()
    assert schema.upgrade(made, "head") == tables.SCHEMA
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("revision", REVISIONS)
def test_a_step_down_and_up_again_gives_the_same_tables(tmp_path: Path, revision: str) -> None:
    made = open_database(tmp_path)
    schema.upgrade(made, revision)
    before = sql(made)

    schema.downgrade(made, "-1")
    schema.upgrade(made, revision)

    assert sql(made) == before
    made.close()


def test_an_upgrade_keeps_what_is_there(tmp_path: Path) -> None:
    made = open_database(tmp_path)
    schema.upgrade(made, REVISIONS[0])
    kept = 7
    execute(
        made,
        "INSERT INTO processes (id, name, version, reference, channel, step, status, due_at, parameters, created_at,"
        " created_by, updated_at)"
        " VALUES (:id, 'three', 1, '2026-11', 'default', 'a', 'pending', :now, '{}', :now, 'a', :now)",
        id=kept,
        now="2026-11-23 12:00:00.000000",
    )
    identity = execute(made, "SELECT uuid FROM installation")

    schema.upgrade(made, "head")

    assert execute(made, "SELECT id, reference FROM processes") == [(kept, "2026-11")]
    assert execute(made, "SELECT uuid FROM installation") == identity
    made.close()


def test_every_migration_says_what_it_does_and_goes_both_ways() -> None:
    for file in VERSIONS.glob("[0-9]*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

        assert ast.get_docstring(tree), file.name
        assert {"upgrade", "downgrade"} <= set(functions), file.name


@pytest.mark.parametrize(
    ("revision", "hint"),
    [("0000", "Run `process-manager db upgrade`."), ("9999", "install that version, or name another database")],
)
def test_a_database_of_another_version_is_refused_and_left_as_it_is(
    database: Database, revision: str, hint: str
) -> None:
    execute(database, "UPDATE alembic_version SET version_num = :revision", revision=revision)

    with pytest.raises(SchemaMismatch) as refused:
        schema.require(database, wanted=tables.SCHEMA, tell=print)

    assert refused.value.exit_code == 8
    assert hint in str(refused.value)
    assert execute(database, "SELECT version_num FROM alembic_version") == [(revision,)]


def test_a_file_with_tables_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "engine.db") as other:
        other.execute("CREATE TABLE customers (id INTEGER)")
    other.close()
    found = open_database(tmp_path)

    for act in (lambda: schema.require(found, wanted=tables.SCHEMA, tell=print), lambda: schema.upgrade(found, "head")):
        with pytest.raises(DatabaseUnreachable, match="it holds tables of another program"):
            act()

    assert names(found) == {"customers"}
    found.close()


def test_a_file_that_is_no_database_is_one_sentence_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "engine.db").write_text("This is a letter, not a database. " * 100)
    before = (tmp_path / "engine.db").read_bytes()
    found = open_database(tmp_path)

    with pytest.raises(DatabaseUnreachable, match="file is not a database"):
        schema.require(found, wanted=tables.SCHEMA, tell=print)

    assert (tmp_path / "engine.db").read_bytes() == before
    found.close()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mssql", "mariadb"])
def test_the_migrations_can_be_read_as_sql(dialect: str) -> None:
    text = schema.statements(dialect, found="base", wanted="head")

    assert "CREATE TABLE processes" in text.replace("IF NOT EXISTS ", "")
    assert "ck_processes_running_has_lease" in text


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "oracle://x/y",
        "mysql+pymysql://x/y",
        "no url at all",
        "sqlite:////no/such/folder/x.db",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_before_anything_is_made(url: str) -> None:
    with pytest.raises(DatabaseUnreachable) as refused:
        connect(url)

    assert refused.value.exit_code == 7


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///engine.db?uri=true", "it has options for opening the file (uri). Remove the ? and what follows."),
        ("sqlite:///engine.db?mode=ro&uri=true", "it has options for opening the file (mode, uri)."),
        ("sqlite:///file:engine.db?mode=ro", "it has options for opening the file (mode)."),
        (f"sqlite:///{'x' * 300}.db", "there can be no such file (File name too long). Name another file."),
        (f"sqlite:///{'x' * 300}/y.db", "there "),
        ("sqlite+aiosqlite:///engine.db", "its driver is aiosqlite. Write sqlite:///…."),
        ("sqlite+aiosqlite://", "its driver is aiosqlite."),
        ("sqlite+pysqlcipher://:geheim@/engine.db", "its driver is pysqlcipher."),
    ],
    ids=lambda value: value[:40],
)
@pytest.mark.filterwarnings("error")
def test_an_sqlite_url_that_says_more_than_a_file_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    if os.name == "nt" and "too long" in said:
        pytest.skip("Windows says it in its own words")
    monkeypatch.chdir(tmp_path)

    for opened in (connect, databases.engine):
        with pytest.raises(DatabaseUnreachable) as refused:
            opened(url)

        assert said in str(refused.value)
        assert "geheim" not in str(refused.value)
        assert refused.value.exit_code == 7
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "unused"),
    [
        ("sqlite:///none.db", ["sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.mssql", "psycopg"]),
        ("postgresql://nowhere/none", ["sqlalchemy.dialects.mssql", "sqlalchemy.dialects.mysql", "sqlite3"]),
    ],
)
def test_a_worker_loads_no_driver_and_no_server_dialect_but_those_of_its_database(
    url: str, unused: list[str], tmp_path: Path
) -> None:
    pytest.importorskip("psycopg", reason="pip install 'psycopg[binary]'")
    script = (
        "import sys; from process_manager import database, worker; "
        f"database.connect({url!r}); print(*[name for name in {unused!r} if name in sys.modules])"
    )

    top = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60, cwd=tmp_path, env=top
    )

    assert shown.stdout.split() == []
