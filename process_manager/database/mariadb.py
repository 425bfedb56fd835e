"""MariaDB, reached by its ODBC driver: supported, and where pyodbc meets a real server in the tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.errors import DatabaseUnreachable

DRIVER: Final = "MariaDB Unicode"
"""What its driver is called on Debian; `?driver=…` names another."""


OURS: Final = {
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
"""What a session is told, whatever the server's defaults or `init_connect` say: our statements mean this."""

_CHARACTERS: Final = "SELECT @@character_set_database, @@character_set_client, @@character_set_results"


def place(url: URL) -> URL:
    """The URL as its ODBC driver reads it: a port is a word of its own, as SQLAlchemy writes it for SQL Server only."""
    if "odbc_connect" in url.query:
        return url
    port = {"port": str(url.port)} if url.port else {}
    return url._replace(port=None).set(query={"driver": DRIVER, "charset": "utf8mb4", **port, **url.query})


def options(_url: URL, *, deadline: timedelta) -> dict[str, Any]:
    """What the engine is made with. Each statement sees what was committed before it, as on every other database."""
    seconds = max(1, int(deadline.total_seconds()))
    return {"connect_args": {"timeout": seconds}, "isolation_level": "READ COMMITTED"}


def prepare(engine: sa.Engine, *, deadline: timedelta, shown: str) -> None:
    """Give every statement an end, and refuse a database that cannot hold every text."""
    limit = deadline.total_seconds() / 2

    told = ", ".join(f"{name} = {value}" for name, value in OURS.items())

    @sa.event.listens_for(engine, "connect")
    def limited(driver: Any, _record: Any) -> None:
        cursor = driver.cursor()
        cursor.execute(
            f"SET SESSION max_statement_time = {limit:.3f}, innodb_lock_wait_timeout = {max(1, int(limit / 2))}, {told}"
        )
        there, *here = cursor.execute(_CHARACTERS).fetchone()
        cursor.close()
        _require_every_letter(there, here, shown)


def _require_every_letter(there: str, here: Sequence[str], shown: str) -> None:
    """DatabaseUnreachable when the database or the connection cannot hold every text."""
    if there != "utf8mb4":
        raise DatabaseUnreachable(
            url=shown,
            problem=f"its character set is {there}, which cannot hold every text",
            cure="Make one with CREATE DATABASE … CHARACTER SET utf8mb4.",
        )
    if set(here) != {"utf8mb4"}:
        raise DatabaseUnreachable(
            url=shown,
            problem=f"the character set of its connection is {here[0]}, which cannot carry every text",
            cure="Write charset=utf8mb4 in the URL.",
        )
