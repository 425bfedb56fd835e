"""The migrations as SQL that a DBA reads and the database's own client runs; nothing is connected to.

Alembic itself writes it, so that the printed SQL is what a migration runs on the same database.
"""

from __future__ import annotations

import io
from typing import Final

from alembic import command

from process_manager.database import lock_timeouts, migrate, online_ddl
from process_manager.errors import UsageError

CLIENTS: Final = {
    "sqlite": "sqlite3 -bail engine.db < schema.sql",
    "postgresql": "psql -v ON_ERROR_STOP=1 -d DATABASE -f schema.sql",
    "mssql": "sqlcmd -b -I -d DATABASE -i schema.sql",
    "mariadb": "mariadb DATABASE < schema.sql",
}
"""The command that runs the SQL and stops at the first error."""

_GO: Final = "GO\n\nIF @@ERROR <> 0 SET NOEXEC ON\n\nGO"
"""The end of each batch: after an error nothing more runs, even in a client that goes on."""

_OPTIONS: Final = (
    # Filtered indexes require these: a sqlcmd without -I turns one of them off.
    "SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER ON",
    "SET NUMERIC_ROUNDABORT OFF",
    "SET XACT_ABORT ON",
)


def statements(dialect: str, *, found: str, wanted: str) -> str:
    """Return the SQL that leads from one version to another, up or down; raise UsageError for unknown ones."""
    here, there = migrate.place(found), migrate.place(wanted, found)
    if here == there:
        raise UsageError(problem=f"From {found} to {wanted} nothing changes. Name another version, or another --from.")
    names = ["base", *migrate.versions()]
    text = _generate(dialect, names[here], names[there], up=here < there)
    text = text.replace("CREATE TABLE alembic_version", _create_if_not_exists(dialect))
    text = text.replace("-- Running", f"{_guard(dialect, names[here])}-- Running", 1)
    return "".join([_head(dialect, names[here], names[there]), _before(dialect), text, _after(dialect)])


def _generate(dialect: str, here: str, there: str, *, up: bool) -> str:
    config = migrate.config()
    config.output_buffer = out = io.StringIO()
    config.attributes["options"] = {
        "dialect_name": dialect,
        "transactional_ddl": dialect != "mariadb",  # which commits each change of a table by itself
        "mssql_batch_separator": _GO,
    }
    (command.upgrade if up else command.downgrade)(config, f"{here}:{there}", sql=True)
    return out.getvalue()


def _create_if_not_exists(dialect: str) -> str:
    """Return a CREATE that accepts an existing table: a downgrade leaves it, without a row."""
    if dialect == "mssql":
        return "IF OBJECT_ID(N'alembic_version') IS NULL\nCREATE TABLE alembic_version"
    return "CREATE TABLE IF NOT EXISTS alembic_version"


def _guard(dialect: str, here: str) -> str:
    """Return a statement that fails on the wrong database: any version but the expected one is inserted twice."""
    other = "" if here == "base" else f" WHERE version_num <> '{here}'"
    note = "-- A duplicate key here means that the database has another schema than the one this script begins with."
    text = f"INSERT INTO alembic_version (version_num) SELECT version_num FROM alembic_version{other};"  # noqa: S608 - a version of ours
    return "\n\n".join([note, text, *([_GO] if dialect == "mssql" else []), ""])


def _head(dialect: str, here: str, there: str) -> str:
    found = "an empty database" if here == "base" else f"schema {here}"
    parts = "It is committed in parts: after an error, SELECT version_num FROM alembic_version, and print from there."
    whole = (
        parts if dialect in online_ddl.IN_PARTS else "All of it is one transaction: after an error nothing has changed."
    )
    return f"-- From {found} to {there}. Run it by: {CLIENTS[dialect]}\n-- {whole}\n\n"


def _before(dialect: str) -> str:
    """Return the session's settings, which let nobody wait long behind a statement that waits for a lock."""
    if dialect == "mssql":
        return "".join(f"{each}\n\nGO\n\n" for each in (*_OPTIONS, lock_timeouts.SESSION_TIMEOUTS[dialect]))
    return f"{lock_timeouts.SESSION_TIMEOUTS[dialect]};\n\n" if dialect in lock_timeouts.SESSION_TIMEOUTS else ""


def _after(dialect: str) -> str:
    return "SET NOEXEC OFF\n\nGO\n\nIF @@TRANCOUNT > 0 ROLLBACK TRANSACTION\n\nGO\n" if dialect == "mssql" else ""
