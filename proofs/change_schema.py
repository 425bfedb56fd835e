"""Changes a schema and is killed after a statement: each line of stdin is one such change, answered by one line.

A line is JSON: the URL, whether up or down, the version, and the number of the statement. What changes nothing is not
counted, nor what is cleared away before a change down: that is the next change's own. The answer is `killed`, or
`whole` for one that was over before.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import sqlalchemy as sa

from process_manager.database import connect, migrate, schema

KILLED = 9
LOOKS = ("select", "show", "describe", "pragma", "set", "begin")


def change(url: str, way: str, revision: str, nth: int) -> None:
    """Make one change, with a death in it."""
    database = connect(url)
    counted = 0

    def after(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal counted
        is_look = statement.lstrip().lower().startswith(LOOKS)
        if not is_look and (way == "up" or counted or "alembic_version" in statement):
            counted += 1
            if counted == nth:
                os._exit(KILLED)

    sa.event.listen(database.engine, "after_cursor_execute", after)
    {"up": schema.upgrade, "down": schema.downgrade}[way](database, revision)
    database.close()


def main() -> None:
    """Each change in a child of its own, forked: to start one anew costs more than the change."""
    migrate.newest()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                change(**json.loads(line))
                os._exit(0)
            finally:
                os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print({0: "whole", KILLED: "killed"}.get(code, f"ended with {code}"), flush=True)


if __name__ == "__main__":
    main()
