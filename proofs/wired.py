"""A worker that writes its commits down, and can be told to end itself before or after one of them."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psutil  # type: ignore[import-untyped]  # it ships no types
import sqlalchemy as sa

from process_manager.database import Database, postgresql

kept = threading.Event()
"""Whether what a step said is committed: clear only while a wired worker has not done that."""
kept.set()
_KEPT_FILE = "PROCESS_MANAGER_PROOF_KEPT"  # names a file that is there by then, for the children of the worker

_WRITES = re.compile(r"(?<!FOR )(?<!KEY )\b(INSERT INTO|UPDATE|DELETE FROM) (\w+)(?: SET (\w+))?")
_STANDS = (
    "SELECT step, seq, fence, CASE WHEN doubtful_since IS NULL THEN 0 ELSE 1 END,"
    " (SELECT count(*) FROM evidence WHERE process_id = processes.id) FROM processes WHERE reference = '{}'"
)


class Wire(NamedTuple):
    """Which process is watched, the file for the commits, and the one of them at which the worker dies."""

    reference: str
    file: str
    nth: int = 0  # of those that change something of the process, from 1; 0: none
    when: str = "before"


class Stands(NamedTuple):
    """What of a process a commit may change."""

    step: str | None
    seq: int
    fence: int
    is_marked: int
    evidence: int


class Written(NamedTuple):
    """One commit: its name, whether it changed something of the process, and what its statements wrote."""

    name: str
    concerns: bool
    statements: list[str]


def written(file: Path) -> list[Written]:
    """The commits of a worker, in order; the one at which it died too."""
    return [Written(*json.loads(line)) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def wait_until_kept(seconds: float) -> None:
    """Wait, in the worker that is watched or in a child process of it, until what the step said is committed."""
    ends = time.monotonic() + seconds
    is_kept = kept.wait(seconds)
    file = os.environ.get(_KEPT_FILE)
    while file and not (is_kept := Path(file).exists()) and time.monotonic() < ends:
        time.sleep(0.01)
    if not is_kept:
        raise TimeoutError("what the step said was not committed")


def attach(database: Database, wire: Wire) -> None:
    """Wire the engine of this program."""
    kept.clear()
    os.environ[_KEPT_FILE] = f"{wire.file}.kept"
    sa.event.listen(database.engine, "begin", _begun)
    sa.event.listen(database.engine, "before_cursor_execute", _executed)
    dialect = database.engine.dialect
    if dialect.name == "postgresql":  # a statement that commits itself has no before: here it is given one
        postgresql.single = sa.Connection.begin  # type: ignore[assignment]
    dialect.do_commit = _Commits(wire, dialect.do_commit)  # type: ignore[method-assign]  # in a program of our own


def _begun(connection: sa.Connection) -> None:
    connection.info["wrote"] = []


def _executed(connection: sa.Connection, _cursor: Any, statement: str, *_more: Any) -> None:
    connection.info.setdefault("wrote", []).extend(writes(statement))


def writes(statement: str) -> list[str]:
    """What a statement writes, in words; nothing of one that only reads."""
    plain = " ".join(statement.split())
    return [f"{verb} {table}.{column}".strip(".") for verb, table, column in _WRITES.findall(plain)]


def name_of(before: Stands | None, now: Stands | None, wrote: list[str]) -> str:
    """What a commit is called: by what it changes of the process, otherwise by what it wrote."""
    if now is None or before == now:
        return _aside(wrote)
    if before is None:
        return "start"
    changes: Mapping[str, bool] = {
        f"claim {now.step}" if now.seq else "claim": now.fence > before.fence,
        f"record {before.step}": now.seq > before.seq,
        "mark": now.is_marked > before.is_marked,
        "evidence": now.evidence > before.evidence,
    }
    return " and ".join(change for change, is_made in changes.items() if is_made) or _aside(wrote)


def _aside(wrote: list[str]) -> str:
    tables = {words.split()[-1].partition(".")[0] for words in wrote}
    if tables == {"workers"}:
        return "presence"
    if set(wrote) == {"UPDATE processes.lease_ends_at"}:
        return "lease"
    if tables <= {"processes", "limits", "seats"}:
        return "look"
    return "rescue" if tables - {"seats"} == {"processes", "process_steps"} else ", ".join(wrote)


class _Commits:
    """What the dialect does to commit, one at a time, written down before it is done."""

    def __init__(self, wire: Wire, commit: Any) -> None:
        self._wire = wire
        self._commit = commit
        self._lock = threading.Lock()
        self._before: Stands | None = None
        self._count = 0

    def __call__(self, connection: Any) -> None:
        with self._lock:
            now = self._stands(connection)
            wrote = connection.info.get("wrote", [])
            concerns = now != self._before
            self._count += concerns
            self._note(Written(name_of(self._before, now, wrote), concerns, wrote))
            self._die(concerns, "before")
            self._commit(connection)
            self._die(concerns, "after")
            self._before = now
        if now is not None and now.evidence:
            Path(os.environ[_KEPT_FILE]).touch()
            kept.set()

    def _stands(self, connection: Any) -> Stands | None:
        """Asked of the driver, within the transaction: what it is about to commit."""
        cursor = connection.dbapi_connection.cursor()
        row = cursor.execute(_STANDS.format(self._wire.reference)).fetchone()
        cursor.close()
        return None if row is None else Stands(*row)

    def _note(self, commit: Written) -> None:
        with Path(self._wire.file).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(commit)}\n")

    def _die(self, concerns: bool, when: str) -> None:
        if concerns and self._count == self._wire.nth and when == self._wire.when:
            psutil.Process().kill()
