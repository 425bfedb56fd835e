"""MariaDB through its ODBC driver: supported, and the server on which the tests exercise pyodbc."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.errors import DatabaseUnreachable

DRIVER: Final = "MariaDB Unicode"
"""The driver's name on Debian; `?driver=…` names another."""


SESSION_VARIABLES: Final = {
    "sql_mode": "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
    "time_zone": "'+00:00'",
    "sql_select_limit": "18446744073709551615",
    "sql_safe_updates": "0",
    "sql_auto_is_null": "0",
    "sql_big_selects": "1",
    "completion_type": "'NO_CHAIN'",
    "foreign_key_checks": "1",
    "unique_checks": "1",
    "check_constraint_checks": "1",
}
"""The variables of a session, whatever the server's defaults or `init_connect` say: our statements rely on them."""

_CHARACTERS: Final = "SELECT @@character_set_database, @@character_set_client, @@character_set_results"


def odbc_url(url: URL) -> URL:
    """Return the URL with its port as an option of the ODBC driver, which SQLAlchemy writes for SQL Server only."""
    if "odbc_connect" in url.query:
        return url
    port = {"port": str(url.port)} if url.port else {}
    return url._replace(port=None).set(query={"driver": DRIVER, "charset": "utf8mb4", **port, **url.query})


def options(_url: URL, *, call_timeout: timedelta) -> dict[str, Any]:
    """Return the engine's options. Each statement sees what was committed before it, as on every other database."""
    seconds = max(1, int(call_timeout.total_seconds()))
    return {"connect_args": {"timeout": seconds}, "isolation_level": "READ COMMITTED"}


def prepare(engine: sa.Engine, *, call_timeout: timedelta, shown: str) -> None:
    """Set the timeouts of every session, and refuse a database that cannot store every text."""
    limit = call_timeout.total_seconds() / 2
    lock_wait = max(1, int(limit / 2))

    variables = ", ".join(f"{name} = {value}" for name, value in SESSION_VARIABLES.items())

    @sa.event.listens_for(engine, "connect")
    def limited(driver: Any, _record: Any) -> None:
        cursor = driver.cursor()
        cursor.execute(
            f"SET SESSION max_statement_time = {limit:.3f}, innodb_lock_wait_timeout = {lock_wait}, {variables}"
        )
        there, *here = cursor.execute(_CHARACTERS).fetchone()
        cursor.close()
        _require_utf8mb4(there, here, shown)


def _require_utf8mb4(there: str, here: Sequence[str], shown: str) -> None:
    """Raise DatabaseUnreachable when the database or the connection cannot store every text."""
    if there != "utf8mb4":
        raise DatabaseUnreachable(
            url=shown,
            problem=f"its character set is {there}, which cannot store every text",
            hint="Create one with CREATE DATABASE … CHARACTER SET utf8mb4.",
        )
    if set(here) != {"utf8mb4"}:
        raise DatabaseUnreachable(
            url=shown,
            problem=f"the character set of its connection is {here[0]}, which cannot carry every text",
            hint="Write charset=utf8mb4 in the URL.",
        )
