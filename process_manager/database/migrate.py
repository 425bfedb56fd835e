"""Walking the schema from one version to the next, in such an order that a walk may be broken off anywhere.

The version that a database carries never says more than is there: up, it is written when a migration is done; down,
before it is taken back. What is begun and not done is begun again, or cleared away by the next walk down.
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
    """Make the changes after the version that was found, up to the wanted one; none when it is there already."""
    script, all_of_them = _read()
    here = _rung(all_of_them, found or "base", here=0)
    context = _context(connection)
    with Operations.context(context):
        for each in all_of_them[here : _rung(all_of_them, wanted, here=here)]:
            with context.begin_transaction():
                each.module.upgrade()
                context.stamp(script, each.revision)


def down(connection: sa.Connection, found: str | None, wanted: str) -> None:
    """Take back the changes above the wanted version; UsageError when it lies above the one that was found."""
    script, all_of_them = _read()
    here = _rung(all_of_them, found or "base", here=0)
    there = _rung(all_of_them, wanted, here=here)
    if there > here:
        raise UsageError(
            problem=f"The schema is {found or 'none'}, below {wanted}. `process-manager db upgrade {wanted}` leads up."
        )
    context = _context(connection)
    with Operations.context(context):
        if connection.dialect.name in online_ddl.IN_PARTS:
            _clear(context, all_of_them[here : here + 1])
        for each in reversed(all_of_them[there:here]):
            with context.begin_transaction():
                context.stamp(script, str(each.down_revision or "base"))
                each.module.downgrade()


def _clear(context: MigrationContext, begun: Iterable[Script]) -> None:
    """Clear away what a walk that was broken off has left of the next version."""
    for each in begun:
        with context.begin_transaction():
            each.module.downgrade()


def taken_back(found: str | None, wanted: str) -> list[str]:
    """Return the versions that a walk down to the wanted one would take back, the newest first."""
    _script, all_of_them = _read()
    here = _rung(all_of_them, found or "base", here=0)
    return [each.revision for each in all_of_them[_rung(all_of_them, wanted, here=here) : here]][::-1]


def newest() -> str:
    """Return the version that every migration leads up to."""
    return _read()[1][-1].revision


def versions() -> list[str]:
    """Return the versions that there are, the oldest first."""
    return [each.revision for each in _read()[1]]


def place(named: str, found: str | None = None) -> int:
    """Return how many migrations lead to the named version, which may be said as so many on from the one found."""
    all_of_them = _read()[1]
    return _rung(all_of_them, named, here=_rung(all_of_them, found or "base", here=0))


def config() -> Config:
    """Return how alembic finds the migrations."""
    made = Config(stdout=sys.stderr)
    made.set_main_option("script_location", str(_migrations()).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def _context(connection: sa.Connection) -> MigrationContext:
    # A transaction that is open already, as on SQLite, is left to whoever began it.
    return MigrationContext.configure(connection, opts={"transactional_ddl": True})


@cache
def _read() -> tuple[ScriptDirectory, Sequence[Script]]:
    """Return the migrations, the oldest first."""
    script = ScriptDirectory.from_config(config())
    return script, list(script.walk_revisions())[::-1]


def _rung(all_of_them: Sequence[Script], named: str, *, here: int) -> int:
    """Return how many migrations there are up to the named version: a number, `head`, `base`, or so many on (`+1`)."""
    numbers = [each.revision for each in all_of_them]
    if named in numbers:
        return numbers.index(named) + 1
    if named in ("head", "base"):
        return len(numbers) if named == "head" else 0
    if named[:1] in ("+", "-") and named[1:].isdecimal() and 0 <= here + int(named) <= len(numbers):
        return here + int(named)
    raise UsageError(problem=f"There is no schema {named!r}. Name one of {', '.join(numbers)}, head or base.")


def _migrations() -> Path:
    package = Path(__file__).parents[1]
    travelled = package / "migrations"  # in the wheel; in a checkout they lie at the top
    return travelled if travelled.is_dir() else package.parent / "migrations"
