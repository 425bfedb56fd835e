"""A SQL Server as far as its transactions go: sessions that lose them without a word, and rows in an SQLite file."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple


class Answer(NamedTuple):
    """What a statement answers: rows under these columns, or how many it changed."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    count: int = -1
    behind: Fault | None = None  # what went wrong later: told to who asks for the next answer


class Statement(NamedTuple):
    """What was sent, as it was sent."""

    text: str
    values: tuple[Any, ...] = ()
    sizes: tuple[Any, ...] = ()  # what the driver was told of the values: type, length, digits


Script = Callable[[Statement], Answer | None]
"""What a test lets the server say: an answer; None for what SQLite says; or it raises a Fault."""

STATES: Final = {
    0: "HYT00", 102: "42000", 208: "42S02", 515: "23000", 547: "23000", 1205: "40001", 2601: "23000", 2627: "23000",
    2628: "22001", 8115: "22003", 8152: "22001",
}  # fmt: skip
_TEXTS: Final = {
    0: "Query timeout expired",
    1205: "Transaction (Process ID 52) was deadlocked on lock resources and has been chosen as the deadlock victim.",
    1222: "Lock request time out period exceeded.",
}
WHOLE: Final = frozenset({1205, 3960, 3961, 9002})
"""What takes the whole transaction back, whatever XACT_ABORT says."""

COMPILED: Final = frozenset({102, 105, 156})
"""What is found before the statement runs: it touches no transaction, whatever XACT_ABORT says."""


class Fault(Exception):  # noqa: N818 - it is the server's, and becomes the driver's Error
    """What the server says is wrong, by its number; 0 is the driver's own time-out."""

    def __init__(self, number: int, text: str = "", *, state: str = "") -> None:
        self.number = number
        self.text = text or _TEXTS.get(number, f"The server says {number}.")
        self.state = state or STATES.get(number, "42000")
        super().__init__(self.text)

    @property
    def ends_session(self) -> bool:
        """Whether the connection is gone with it."""
        return self.state[:2] == "08" or self.number in (596, 6005)


class Server:
    """What is kept, and what was asked: for tests to look at."""

    def __init__(self, folder: Path, script: Script = lambda _said: None) -> None:
        self.file = folder / "fake-sql-server.db"
        self.script = script
        self.sent: list[Statement] = []
        self.committed: list[Statement] = []
        self.taken_back = 0  # transactions that an error ended; nobody was told
        self.round_trips = 0
        self.misunderstands: Script = lambda _said: None  # of what the driver asks about a None it may raise a Fault
        self.described = 0  # statements with a None, about which the driver asked the server first
        self._lock = threading.Lock()
        with sqlite3.connect(self.file) as made:
            made.execute("PRAGMA journal_mode = WAL")
        made.close()

    def hear(self, said: Statement) -> None:
        """Count it."""
        with self._lock:
            self.sent.append(said)
            self.round_trips += 1

    def count(self, *, round_trips: int = 0, described: int = 0, taken_back: int = 0) -> None:
        """Count what is no statement."""
        with self._lock:
            self.round_trips += round_trips
            self.described += described
            self.taken_back += taken_back

    def forget(self) -> None:
        """Count from here on, as when the connections are made."""
        self.sent.clear()
        self.committed.clear()
        self.taken_back = self.round_trips = self.described = 0

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What everybody would see of the rows."""
        looking = sqlite3.connect(self.file)
        try:
            return looking.execute(query).fetchall()
        finally:
            looking.close()


class Session:
    """One connection's side of the server: its transaction, its savepoints and what it SET."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.is_open = False  # @@TRANCOUNT
        self.is_gone = False
        self.aborts = False  # XACT_ABORT
        self.level = "READ COMMITTED"
        self._number = 0  # CURRENT_TRANSACTION_ID()
        self._points: dict[str, int] = {}  # each with how much was pending
        self._pending: list[Statement] = []
        self._kept = sqlite3.connect(server.file, isolation_level=None, check_same_thread=False, timeout=0)

    def run(self, said: Statement, *, by_itself: bool) -> Answer:
        """What the statement answers; a transaction begins with it unless each is committed `by_itself`."""
        self.server.hear(said)
        try:
            own = self._own(said.text)
            if own is not None:
                return own
            if not (self.is_open or by_itself):
                self.begin()
            answer = self.server.script(said) or self._behind(said)
            if answer.behind:
                self._fail(answer.behind)
                return answer
        except Fault as fault:
            self._fail(fault)
            raise
        (self._pending if self.is_open else self.server.committed).append(said)
        return answer

    def describe(self, said: Statement) -> None:
        """What the driver asks about a None: if that fails, it says nothing of it."""
        self.server.count(round_trips=1, described=1)
        try:
            self.server.misunderstands(said)
        except Fault as fault:
            self._fail(fault)

    def begin(self) -> None:
        """BEGIN TRANSACTION, if there is none."""
        if not self.is_open:
            self._number += 1
            self._kept.execute("BEGIN")
            self.is_open = True

    def commit(self) -> None:
        """Keep what the transaction that is open now wrote: no other."""
        self.server.count(round_trips=1)
        if self.is_open:
            self._kept.execute("COMMIT")
            self.server.committed += self._pending
        self._forget()

    def rollback(self) -> None:
        """Take it back; without one, nothing."""
        self.server.count(round_trips=1)
        self._undo()

    def close(self) -> None:
        """End the session."""
        self.is_gone = True
        self._undo()
        self._kept.close()

    def _fail(self, fault: Fault) -> None:
        if fault.ends_session:
            self.server.count(taken_back=int(self.is_open))
            self.close()
        elif fault.number in WHOLE or (self.aborts and fault.number not in COMPILED):
            self.server.count(taken_back=int(self.is_open))
            self._undo()

    def _undo(self) -> None:
        if self.is_open:
            self._kept.execute("ROLLBACK")
        self._forget()

    def _forget(self) -> None:
        self.is_open = False
        self._pending, self._points = [], {}

    # --- what a session says and sets of itself: it begins no transaction ---

    def _own(self, text: str) -> Answer | None:
        if all(part.strip().startswith("SET ") for part in text.split(";")):
            for each in text.split(";"):
                self._set(each.strip())
            return Answer()
        for words, act in _OWN:
            found = re.match(words, text.strip(), re.IGNORECASE)
            if found:
                return act(self, *found.groups())
        return None

    def _set(self, text: str) -> None:
        if found := re.match(r"SET XACT_ABORT (ON|OFF)", text):
            self.aborts = found[1] == "ON"
        elif found := re.match(r"SET TRANSACTION ISOLATION LEVEL (.+)", text):
            self.level = found[1]

    def begin_if_none(self) -> Answer:
        """IF @@TRANCOUNT = 0 BEGIN TRANSACTION."""
        self.begin()
        return Answer()

    def save(self, name: str) -> Answer:
        """SAVE TRANSACTION name."""
        if not self.is_open:
            raise Fault(628, "Cannot issue SAVE TRANSACTION when there is no active transaction.")
        self._kept.execute(f"SAVEPOINT {name}")
        self._points[name] = len(self._pending)
        return Answer()

    def back_to(self, name: str) -> Answer:
        """ROLLBACK TRANSACTION name."""
        if name not in self._points:
            raise Fault(6401, f"Cannot roll back {name}. No transaction or savepoint of that name was found.")
        self._kept.execute(f"ROLLBACK TO {name}")
        del self._pending[self._points[name] :]
        return Answer()

    def asked(self) -> Answer:
        """SELECT @@TRANCOUNT, @@OPTIONS & 16384."""
        return Answer(("", ""), [(int(self.is_open), 16384 if self.aborts else 0)])

    def numbered(self) -> Answer:
        """SELECT @@TRANCOUNT, CURRENT_TRANSACTION_ID()."""
        return Answer(("", ""), [(int(self.is_open), self._number)])

    def one(self, value: Any) -> Answer:
        """A row of one value."""
        return Answer(("",), [(value,)])

    # --- rows, where SQLite understands the text ---

    def _behind(self, said: Statement) -> Answer:
        text, asks_id = _in_words_of_sqlite(said.text)
        try:
            found = self._kept.execute(text, [_plain(value) for value in said.values])
        except sqlite3.Error as problem:
            raise _fault(problem) from problem
        columns = [column[0] for column in found.description or ()]
        rows = found.fetchall()
        return Answer(("",), [(found.lastrowid,)], 1) if asks_id else Answer(columns, rows, found.rowcount)


_OWN: Final[list[tuple[str, Callable[..., Answer]]]] = [
    (r"IF @@TRANCOUNT = 0 BEGIN TRANSACTION$", Session.begin_if_none),
    (r"SAVE TRANSACTION (\w+)$", Session.save),
    (r"ROLLBACK TRANSACTION (\w+)$", Session.back_to),
    (r"SELECT @@TRANCOUNT$", lambda session: session.one(int(session.is_open))),
    (r"SELECT @@TRANCOUNT, CURRENT_TRANSACTION_ID\(\)$", Session.numbered),
    (r"SELECT @@TRANCOUNT, @@OPTIONS & 16384$", Session.asked),
    (r"SELECT XACT_STATE\(\)$", lambda session: session.one(int(session.is_open))),
    (r"SELECT CAST\(SERVERPROPERTY\('ProductVersion'\) AS VARCHAR\)", lambda session: session.one("16.0.4165.4")),
    (r"SELECT @@VERSION", lambda session: session.one("Microsoft SQL Server 2022 (RTM-CU16) - 16.0.4165.4 (X64)")),
    (r"SELECT schema_name\(\)", lambda session: session.one("dbo")),
    (r"SELECT CAST\('test max support'", lambda session: session.one("test max support")),
    (r"SELECT 1 FROM fn_listextendedproperty", lambda session: Answer(("",))),
    (r"SELECT name FROM sys.system_views", lambda session: session.one("dm_exec_sessions")),
    (r"SELECT CASE transaction_isolation_level", lambda session: session.one(session.level)),
]


def _in_words_of_sqlite(text: str) -> tuple[str, bool]:
    """The text without what SQLite does not know: hints, OUTPUT, TOP, IDENTITY; and whether it asks for the new id."""
    text, asks_id = re.subn(r"; select scope_identity\(\)$", "", text)
    text = re.sub(r" WITH \([A-Z, ]+\)", "", text)
    text = re.sub(r" IDENTITY(\(\d+,\s*\d+\))?|\(max\)", "", text)
    if found := re.search(r" OUTPUT ((?:inserted|deleted)\.\w+(?:, (?:inserted|deleted)\.\w+)*)", text):
        text = f"{text.replace(found[0], '')} RETURNING {re.sub(r'(inserted|deleted)[.]', '', found[1])}"
    if found := re.search(r"SELECT TOP (\d+) ", text):
        text = f"{text.replace(found[0], 'SELECT ')} LIMIT {found[1]}"
    return text, bool(asks_id)


def _plain(value: Any) -> Any:
    return value.isoformat(" ") if isinstance(value, datetime | date) else value


def _fault(problem: sqlite3.Error) -> Fault:
    said = str(problem)
    known = {
        "UNIQUE": 2627, "NOT NULL": 515, "CHECK": 547, "FOREIGN KEY": 547, "no such table": 208, "is locked": 1222,
    }  # fmt: skip
    return Fault(next((number for words, number in known.items() if words in said), 102), said)
