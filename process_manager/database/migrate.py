"""Migrate the schema from one version to another, in an order that allows an interruption anywhere.

The version in the database never claims more than is there: upwards, it is written after a migration is done;
downwards, before it is reverted. A migration that was interrupted is run again, or cleaned up by the next downgrade.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from process_manager.database import online_ddl
from process_manager.errors import UsageError


def up(connection: sa.Connection, found: str | None, wanted: str) -> None:
    """Run the migrations after the version that was found, up to the wanted one."""
    script, migrations = _read()
    here = _count_up_to(migrations, found or "base", here=0)
    context = _context(connection)
    with Operations.context(context):
        for each in migrations[here : _count_up_to(migrations, wanted, here=here)]:
            with context.begin_transaction():
                each.module.upgrade()
                context.stamp(script, each.revision)


def down(connection: sa.Connection, found: str | None, wanted: str) -> None:
    """Revert the migrations above the wanted version.

    Raises:
        UsageError: The wanted version is above the one that was found.
    """
    script, migrations = _read()
    here = _count_up_to(migrations, found or "base", here=0)
    there = _count_up_to(migrations, wanted, here=here)
    if there > here:
        raise UsageError(
            problem=f"The schema is {found or 'none'}, below {wanted}. Run `process-manager db upgrade {wanted}`."
        )
    context = _context(connection)
    with Operations.context(context):
        if connection.dialect.name in online_ddl.IN_PARTS:
            _clear(context, migrations[here : here + 1])
        for each in reversed(migrations[there:here]):
            with context.begin_transaction():
                context.stamp(script, str(each.down_revision or "base"))
                each.module.downgrade()


def _clear(context: MigrationContext, begun: Iterable[Script]) -> None:
    """Remove what an interrupted upgrade has left of the next version."""
    for each in begun:
        with context.begin_transaction():
            each.module.downgrade()


def reverted(found: str | None, wanted: str) -> list[str]:
    """Return the versions that a downgrade to the wanted one would revert, the newest first."""
    _script, migrations = _read()
    here = _count_up_to(migrations, found or "base", here=0)
    return [each.revision for each in migrations[_count_up_to(migrations, wanted, here=here) : here]][::-1]


def newest() -> str:
    """Return the version of the newest migration."""
    return _read()[1][-1].revision


def versions() -> list[str]:
    """Return all versions, the oldest first."""
    return [each.revision for each in _read()[1]]


def place(named: str, found: str | None = None) -> int:
    """Return how many migrations lead to the named version; `+1` and `-1` count from the one found."""
    migrations = _read()[1]
    return _count_up_to(migrations, named, here=_count_up_to(migrations, found or "base", here=0))


def config() -> Config:
    """Return alembic's configuration, with the place of the migrations."""
    made = Config(stdout=sys.stderr)
    made.set_main_option("script_location", str(_migrations()).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def _context(connection: sa.Connection) -> MigrationContext:
    # A transaction that is already open, as on SQLite, is left to whoever began it.
    return MigrationContext.configure(connection, opts={"transactional_ddl": True})


@cache
def _read() -> tuple[ScriptDirectory, Sequence[Script]]:
    """Return the migrations, the oldest first."""
    script = ScriptDirectory.from_config(config())
    return script, list(script.walk_revisions())[::-1]


def _count_up_to(migrations: Sequence[Script], named: str, *, here: int) -> int:
    """Return how many migrations lead to the named version: a number, `head`, `base`, or a relative one (`+1`)."""
    numbers = [each.revision for each in migrations]
    if named in numbers:
        return numbers.index(named) + 1
    if named in ("head", "base"):
        return len(numbers) if named == "head" else 0
    if named[:1] in ("+", "-") and named[1:].isdecimal() and 0 <= here + int(named) <= len(numbers):
        return here + int(named)
    raise UsageError(problem=f"There is no schema {named!r}. Name one of {', '.join(numbers)}, head or base.")


def _migrations() -> Path:
    package = Path(__file__).parents[1]
    installed = package / "migrations"  # in the wheel; in a checkout they are at the top
    return installed if installed.is_dir() else package.parent / "migrations"
