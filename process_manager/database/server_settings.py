"""What a database says of itself: its version, how it keeps text, what a transaction sees, whether commits last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa


class ServerSettings(NamedTuple):
    """How a database is set up, in its own words; what it does not know is empty."""

    version: str
    encoding: str
    isolation: str  # of this session
    by_default: str  # of a session that asks for none
    row_versions: str  # SQL Server: whether READ COMMITTED reads row versions; and whether SNAPSHOT is allowed
    durability: Mapping[str, str]
    rules: Mapping[str, str]  # what else must be so


def ask(connection: sa.Connection) -> ServerSettings:
    """How the database of this connection is set up."""
    return _ASK[connection.dialect.name](connection)


def _sqlite(connection: sa.Connection) -> ServerSettings:
    version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar())
    pragmas = ("encoding", "journal_mode", "synchronous", "foreign_keys")
    said = {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in pragmas}
    lasting = {"journal_mode": said["journal_mode"]}
    rules = {}
    if said["journal_mode"] == "wal":  # else this connection only looks, and was not set up as the engine's are
        lasting["synchronous"] = _SYNCHRONOUS[said["synchronous"]]
        rules["foreign_keys"] = "on" if said["foreign_keys"] == "1" else "off"
    return ServerSettings(
        version=f"SQLite {version}",
        encoding=said["encoding"],
        isolation="serializable",
        by_default="serializable",
        row_versions="",
        durability=lasting,
        rules=rules,
    )


def _postgresql(connection: sa.Connection) -> ServerSettings:
    named = ("server_version", "server_encoding", "transaction_isolation", "default_transaction_isolation", "fsync",
             "synchronous_commit")  # fmt: skip
    picked = ", ".join(f"current_setting('{name}') AS {name}" for name in named)
    said = connection.exec_driver_sql(f"SELECT {picked}").mappings().one()
    return ServerSettings(
        version=f"PostgreSQL {said['server_version']}",
        encoding=said["server_encoding"],
        isolation=said["transaction_isolation"],
        by_default=said["default_transaction_isolation"],
        row_versions="",
        durability={name: said[name] for name in ("fsync", "synchronous_commit")},
        rules={},
    )


def _mariadb(connection: sa.Connection) -> ServerSettings:
    said = connection.exec_driver_sql(MARIADB).mappings().one()
    return ServerSettings(
        version=f"MariaDB {said['version']}",
        encoding=said["encoding"],
        isolation=_spaced(said["isolation"]),
        by_default=_spaced(said["by_default"]),
        row_versions="",
        durability={"innodb_flush_log_at_trx_commit": str(said["flush"])},
        rules={"sql_mode": said["sql_mode"]},
    )


def _mssql(connection: sa.Connection) -> ServerSettings:
    said = connection.exec_driver_sql(MSSQL).mappings().one()
    committed = "on" if said["reads_versions"] else "off"
    return ServerSettings(
        version=f"SQL Server {said['version']} ({said['edition']})",
        encoding=said["encoding"],
        isolation=_LEVELS.get(said["isolation"], "unknown"),
        by_default="read committed",
        row_versions=f"READ_COMMITTED_SNAPSHOT {committed}, ALLOW_SNAPSHOT_ISOLATION {said['snapshot']}",
        durability={"delayed_durability": said["durability"]},
        rules={"compatibility_level": str(said["compatibility"])},
    )


def quick_check(connection: sa.Connection, *, most: int) -> list[str]:
    """What is broken in an SQLite file, at most so many; it reads the whole file."""
    found = connection.exec_driver_sql(f"PRAGMA quick_check({int(most)})").scalars()
    return [text for text in found if text != "ok"]


def is_write_ahead(file: Path) -> bool:
    """Whether an SQLite file has a write-ahead log, by its header: a worker that opens it gives it one."""
    with file.open("rb") as opened:
        return opened.read(20)[18:] == b"\x02\x02"


MARIADB: Final = (
    "SELECT @@version AS version, @@character_set_database AS encoding, @@session.tx_isolation AS isolation,"
    " @@global.tx_isolation AS by_default, @@session.sql_mode AS sql_mode,"
    " @@innodb_flush_log_at_trx_commit AS flush"
)
MSSQL: Final = (
    "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,"
    " CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition,"
    " d.collation_name AS encoding, d.snapshot_isolation_state_desc AS snapshot,"
    " d.is_read_committed_snapshot_on AS reads_versions, d.delayed_durability_desc AS durability,"
    " d.compatibility_level AS compatibility,"
    " (SELECT s.transaction_isolation_level FROM sys.dm_exec_sessions s WHERE s.session_id = @@SPID) AS isolation"
    " FROM sys.databases d WHERE d.database_id = DB_ID()"
)
_SYNCHRONOUS: Final = {"0": "off", "1": "normal", "2": "full", "3": "extra"}
_LEVELS: Final = {1: "read uncommitted", 2: "read committed", 3: "repeatable read", 4: "serializable", 5: "snapshot"}
_ASK: Final[Mapping[str, Callable[[sa.Connection], ServerSettings]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "mariadb": _mariadb,
    "mssql": _mssql,
}


def _spaced(level: str) -> str:
    return level.replace("-", " ").lower()
