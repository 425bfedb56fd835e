"""A worker that is killed: `crash_dispatch.py POINT` runs `process-manager work` and dies by SIGKILL at that point.

A point is a write to one of the tables below or the COMMIT after it, counted from 1, such as `Queues COMMIT 1`; the
kill comes before it takes effect. With POINT `record` nothing is killed and the points passed are written to stdout.
"""

import os
import signal
import sys
from collections import Counter

from sqlalchemy import Connection, Engine, event

from process_manager.cli import main

# `process_steps` stands for the engine's record of a step: its work is done, and nobody knows.
TABLES = ("ledger", "process_steps", "VejmanFaktureringLog", "VejmanFakturering", "Queues")

point = sys.argv[1]
passed: Counter[str] = Counter()


def pass_by(what: str) -> None:
    passed[what] += 1
    name = f"{what} {passed[what]}"
    if point == "record":
        print(name, flush=True)
    elif name == point:
        os.kill(os.getpid(), signal.SIGKILL)


@event.listens_for(Engine, "before_cursor_execute")
def _statement(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    verb = statement.split(maxsplit=1)[0]
    if verb not in ("INSERT", "UPDATE", "DELETE"):
        return
    table = next((name for name in TABLES if name in statement), None)
    if table:
        connection.info["point"] = table
        pass_by(f"{table} {verb}")


@event.listens_for(Engine, "commit")
def _commit(connection: Connection) -> None:
    table = connection.info.pop("point", None)
    if table:
        pass_by(f"{table} COMMIT")


if __name__ == "__main__":
    sys.argv = ["process-manager", "work"]
    sys.exit(main())
