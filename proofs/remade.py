"""A change of the schema that is killed at its statements: it is gone on with, up or down, to the very same schema."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, cast

import sqlalchemy as sa

from process_manager.database import Database, schema
from proofs.judging import Verdict
from proofs.places import Place
from proofs.rows import Row

ROOT: Final = Path(__file__).parents[1]
FILES: Final = sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))
VERSIONS: Final = [file.name[:4] for file in FILES]
STEPS: Final = list(zip(["base", *VERSIONS], VERSIONS, strict=False))
IN_PARTS_ON_POSTGRESQL: Final = {"0003", "0006", "0007", "0009", "0010", "0015", "0018", "0021", "0032", "0036", "0037"}
"""Elsewhere a change is one transaction there, as each is on SQLite."""

Kill = Callable[..., str]


class Size(NamedTuple):
    """Which changes are killed, the newest ones alone or each of them, and at every which statement."""

    newest: int
    every: int


FULL = Size(len(STEPS), 1)
SHORT = Size(1, 2)


def schema_kills(place: Place, size: Size) -> Row:
    """Kill every change at its statements, and go on with it."""
    verdict, kills, began = Verdict(), 0, time.monotonic()
    schema.downgrade(place.database, "base")
    with killer() as kill:
        for below, above in STEPS:
            schema.upgrade(place.database, below)
            if (below, above) in STEPS[-size.newest :] and is_in_parts(place.name, above):
                found = go_on(place.database, kill, (below, above), every=size.every)
                kills += found.kills
                verdict.faults += found.faults
            schema.upgrade(place.database, above)
    verdict.require(kills > 0, "nothing was killed")
    return verdict.row("schema-kills", place, processes=0, kills=kills, seconds=time.monotonic() - began)


def is_in_parts(database: str, above: str) -> bool:
    """Whether a change may be broken off with a part of it done; the first and the newest are tried anyway."""
    if database == "postgresql":
        return above in {*IN_PARTS_ON_POSTGRESQL, VERSIONS[-1]}
    return database == "mariadb" or above in (VERSIONS[0], VERSIONS[-1])


@contextmanager
def killer() -> Iterator[Kill]:
    """Kills a change of the schema at a statement; answers whether it was killed or was over before."""
    child = subprocess.Popen(
        [sys.executable, "-m", "proofs.change_schema"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    stdin, stdout = cast("IO[str]", child.stdin), cast("IO[str]", child.stdout)

    def killed(database: Database, way: str, revision: str, nth: int) -> str:
        told = {"url": database.whole_url(), "way": way, "revision": revision, "nth": nth}
        stdin.write(f"{json.dumps(told)}\n")
        stdin.flush()
        return stdout.readline().strip()

    try:
        yield killed
    finally:
        stdin.close()
        child.wait(30)
        stdout.close()


class Found(NamedTuple):
    """How often a change was killed, and what was not as it was to be afterwards."""

    kills: int
    faults: list[str]


def go_on(database: Database, kill: Kill, between: tuple[str, str], *, every: int) -> Found:
    """Kill the change between two versions at every so many statements, down and up, and go on either way."""
    below, above = between
    schema.upgrade(database, below)
    bare = laid(database)
    schema.upgrade(database, above)
    whole, kills, faults = laid(database), 0, list[str]()

    def requires(wanted: dict[str, Any], said: str) -> None:
        if laid(database) != wanted:
            faults.append(f"{below} to {above}: {said}")

    for nth, turns in zip(count(1, every), cycle((True, False))):
        told = [kill(database, "down", below, nth)]
        if told == ["killed"] and turns:
            schema.upgrade(database, above)
            requires(whole, f"down, killed after statement {nth}, then up")
            told.append(kill(database, "down", below, nth))
        schema.downgrade(database, below)
        requires(bare, f"down, killed after statement {nth}, then down")
        told.append(kill(database, "up", above, nth))
        if told[-1] == "killed" and not turns:
            schema.downgrade(database, below)
            requires(bare, f"up, killed after statement {nth}, then down")
            told.append(kill(database, "up", above, nth))
        schema.upgrade(database, above)
        requires(whole, f"up, killed after statement {nth}, then up")
        kills += told.count("killed")
        faults += [f"{below} to {above}, statement {nth}: {each}" for each in told if each not in ("killed", "whole")]
        if "killed" not in told:
            return Found(kills, faults)
    raise AssertionError("it counts for ever")


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
