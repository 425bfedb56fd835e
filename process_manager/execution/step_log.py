"""What a step says through Python's own logging, kept as lines of its process beside those of `run.log`."""

from __future__ import annotations

import logging
import threading
from contextvars import ContextVar
from typing import Final, Self

from process_manager import logs
from process_manager.definition.step_run import StepRun

OTHERS: Final = frozenset(
    {
        "alembic", "asyncio", "concurrent_log_handler", "inotify_simple", "mssql_python", "process_manager", "psycopg",
        "psycopg_pool", "pyodbc", "sqlalchemy", "sqlite3", "structlog", "transitions",
    }
)  # fmt: skip
"""Who else logs in the thread of a step, by the first name of its logger: the engine, and what it stands on."""

_keeping: ContextVar[bool] = ContextVar("keeping", default=False)
"""Whether a line is being kept here: what that logs is no line."""


class StepLog:
    """Keeps what steps log, from INFO on, for the length of its `with` block; several share one.

    It sees each record when it is made. So no handler of a program's own is in its way, and none is taken away: a
    logger that its program has set to WARNING says nothing here either.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0

    def __enter__(self) -> Self:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._before, self._made = logging.getLogRecordFactory(), self._make
                logging.setLogRecordFactory(self._made)
        return self

    def __exit__(self, *_exception: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and logging.getLogRecordFactory() is self._made:  # else another was set over it
                logging.setLogRecordFactory(self._before)

    def _make(self, *facts: object, **more: object) -> logging.LogRecord:
        record = self._before(*facts, **more)
        level: object = record.levelno  # of one that `logging.makeLogRecord` fills later there is none yet
        if self._users and isinstance(level, int) and level >= logging.INFO and not _keeping.get():
            run = logs.running.get()
            if isinstance(run, StepRun) and record.name.partition(".")[0] not in OTHERS:
                _keep(run, record)
        return record


STEP_LOG: Final = StepLog()
"""The one of this program: Python's logging is one, too."""


def _keep(run: StepRun, record: logging.LogRecord) -> None:
    token = _keeping.set(True)
    try:
        message, details = _told(record)
        run.log(message, **details)
    except Exception:  # noqa: BLE001 - what is logged may raise anything when it is written: its handlers tell of that
        run.log(str(record.msg)[:LONGEST] if isinstance(record.msg, str) else type(record.msg).__name__)
    finally:
        _keeping.reset(token)


LONGEST: Final = 2_000
"""Characters of a text that could not be put together."""


def _told(record: logging.LogRecord) -> tuple[str, dict[str, object]]:
    """Return the text of a record and its facts: those of an event, and where it comes from."""
    origin: dict[str, object] = {"level": record.levelname, "logger": record.name}
    if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
        origin["error"] = record.exc_info[0].__name__
    if not isinstance(record.msg, dict):
        return record.getMessage(), origin
    facts = {str(name): value for name, value in record.msg.items() if not str(name).startswith("_")}
    return str(facts.pop("event", "")), {**{name: facts[name] for name in facts.keys() - _OURS}, **origin}


_OURS: Final = frozenset(
    {
        "attempt", "exception", "level", "logger", "message", "name", "process_id", "self", "step", "timestamp",
        "version",
    }
)  # fmt: skip
"""What every event of ours has, and the line knows, or what stands for its text."""
