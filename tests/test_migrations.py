"""Migrations stand alone: what a released one lays is the same for ever, whatever becomes of the tables of today.

`UPDATE_GOLDEN=1` writes the file of a new migration. One that is there is never written anew.
"""

from __future__ import annotations

import ast
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from process_manager.database import migrate, migration_types, online_ddl

DIALECTS = ("sqlite", "postgresql", "mssql", "mariadb")
GOLDEN = Path(__file__).parent / "sql" / "migrations"
MIGRATIONS: list[Script] = list(ScriptDirectory.from_config(migrate.config()).walk_revisions())[::-1]
WORDS = (migration_types, online_ddl)
"""What migrations are written in. Each says of itself that it only grows."""

WHY = (
    "A migration is run for years after the code around it has changed. It imports SQLAlchemy and the words of {words} "
    "and nothing else of ours, so that whoever edits a table or a setting does not rewrite what was laid: {found}"
)


def laid_by(each: Script, dialect: str) -> str:
    """Return what a migration says to a database, up and then down: a line for each statement."""
    return "\n".join(["-- up", *said(each, "upgrade", dialect), "-- down", *said(each, "downgrade", dialect), ""])


def said(each: Script, way: str, dialect: str) -> Iterator[str]:
    out = io.StringIO()
    options = {"as_sql": True, "literal_binds": True, "output_buffer": out, "transactional_ddl": False}
    with Operations.context(MigrationContext.configure(dialect_name=dialect, opts=options)):
        getattr(each.module, way)()
    for statement in re.split(r";\s*\n", out.getvalue()):
        if text := " ".join(statement.split()):
            yield f"{text};"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("each", MIGRATIONS, ids=lambda each: each.revision)
def test_a_released_migration_says_what_it_always_said(each: Script, dialect: str) -> None:
    golden = GOLDEN / f"{each.revision}.{dialect}.sql"
    text = laid_by(each, dialect)
    if os.environ.get("UPDATE_GOLDEN") == "1" and not golden.exists():
        golden.write_text(text, "utf-8")

    assert golden.is_file(), f"run UPDATE_GOLDEN=1 python -m pytest {Path(__file__).name}"
    assert text == golden.read_text("utf-8"), "write another migration: databases have this one as it was"


def test_there_is_no_golden_file_without_a_migration() -> None:
    expected = {f"{each.revision}.{dialect}.sql" for each in MIGRATIONS for dialect in DIALECTS}

    assert {file.name for file in GOLDEN.iterdir()} == expected


@pytest.mark.parametrize("each", MIGRATIONS, ids=lambda each: each.revision)
def test_a_migration_imports_nothing_but_the_words_of_migrations(each: Script) -> None:
    strange = imported(Path(each.path)) - {"__future__", "typing", "sqlalchemy", *(word.__name__ for word in WORDS)}

    assert strange == set(), why(strange)


def test_the_template_of_a_migration_imports_the_words_of_migrations(tmp_path: Path) -> None:
    template = (GOLDEN.parents[2] / "migrations" / "script.py.mako").read_text("utf-8")
    file = tmp_path / "0010_do_something.py"
    file.write_text(re.sub(r"\$\{.*?\}", "None", template), "utf-8")

    assert imported(file) == {"__future__", "sqlalchemy", *(word.__name__ for word in WORDS)}


@pytest.mark.parametrize("word", [Path(word.__file__ or "") for word in WORDS], ids=lambda word: word.stem)
def test_the_words_of_migrations_stand_on_no_code_of_ours(word: Path) -> None:
    strange = {name for name in imported(word) if name.split(".")[0] not in {*sys.stdlib_module_names, *OUTSIDE}}

    assert strange == set(), why(strange)


OUTSIDE = ("sqlalchemy", "alembic")


def imported(file: Path) -> set[str]:
    """Return the modules that a file imports, also within its functions; of ours with the name that is taken."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = f"{'.' * node.level}{node.module or ''}"
            is_outside = module.split(".", maxsplit=1)[0] in {*sys.stdlib_module_names, *OUTSIDE}
            found.update([module] if is_outside else [f"{module}.{alias.name}" for alias in node.names])
    return found


def why(strange: set[str]) -> str:
    return WHY.format(words=" and ".join(word.__name__ for word in WORDS), found=", ".join(sorted(strange)))


def test_an_import_of_living_code_is_told_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "0001_lay_the_tables.py"
    file.write_text("def upgrade():\n    from process_manager.store import tables\n    tables.metadata.create_all()\n")

    assert imported(file) == {"process_manager.store.tables"}
    assert why(imported(file)).endswith("does not rewrite what was laid: process_manager.store.tables")
