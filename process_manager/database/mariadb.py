"""MariaDB, reached by its ODBC driver: supported, and where pyodbc meets a real server in the tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.errors import DatabaseUnreachable

DRIVER: Final = "MariaDB Unicode"
"""What its driver is called on Debian; `?driver=…` names another."""


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

    @sa.event.listens_for(engine, "connect")
    def limited(driver: Any, _record: Any) -> None:
        cursor = driver.cursor()
        cursor.execute(
            f"SET SESSION max_statement_time = {limit:.3f}, innodb_lock_wait_timeout = {max(1, int(limit / 2))},"
            " sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'"
        )
        found = cursor.execute("SELECT @@character_set_database").fetchone()[0]
        cursor.close()
        if found != "utf8mb4":
            raise DatabaseUnreachable(
                url=shown,
                problem=f"its character set is {found}, which cannot hold every text",
                cure="Make one with CREATE DATABASE … CHARACTER SET utf8mb4.",
            )
