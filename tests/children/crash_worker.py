"""A worker that is killed at one COMMIT: `crash_worker.py FOLDER at=POINT`.

`unmarked`: the mark of a step is written and not committed yet; `marked`: it just was. `unrecorded` and `recorded` are
the same of its record.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
import sqlalchemy as sa
from cases import Acting, Together, Unverified, Verified
from rig import open_database, worker

options = dict(word.split("=", 1) for word in sys.argv[2:])
database = open_database(Path(sys.argv[1]))
plain = database.engine.dialect.do_commit
about: dict[Any, str] = {}  # what the transaction of a connection is about to commit


@sa.event.listens_for(database.engine, "after_cursor_execute")
def written(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
    if statement.startswith("UPDATE processes SET doubtful_since="):
        about[connection.connection.dbapi_connection] = "marked"
    if statement.startswith("INSERT INTO process_steps"):
        about[connection.connection.dbapi_connection] = "recorded"


def do_commit(connection: Any) -> None:
    point = about.pop(connection.dbapi_connection, "")
    if options["at"] == f"un{point}":
        psutil.Process().kill()
    plain(connection)
    if options["at"] == point:
        psutil.Process().kill()


database.engine.dialect.do_commit = do_commit  # type: ignore[method-assign]
worker(database, Acting, Verified, Unverified, Together, lease=timedelta(seconds=1), until_empty=True).run()
