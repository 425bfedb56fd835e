"""A database's own settings: its version, its text encoding, its isolation levels, whether commits are durable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa


class ServerSettings(NamedTuple):
    """How a database is set up, in its own words; what it does not tell is empty."""

    version: str
    encoding: str
    isolation: str  # of this session
    by_default: str  # of a session that asks for none
    row_versions: str  # SQL Server: whether READ COMMITTED reads row versions; and whether SNAPSHOT is allowed
    durability: Mapping[str, str]
    rules: Mapping[str, str]  # other settings that must be right


def ask(connection: sa.Connection) -> ServerSettings:
    """Return the settings of this connection's database."""
    return _ASK[connection.dialect.name](connection)


def _sqlite(connection: sa.Connection) -> ServerSettings:
    version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar())
    pragmas = ("encoding", "journal_mode", "synchronous", "foreign_keys")
    found = {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in pragmas}
    lasting = {"journal_mode": found["journal_mode"]}
    rules = {}
    if found["journal_mode"] == "wal":  # otherwise this connection is read-only, and not set up like the engine's
        lasting["synchronous"] = _SYNCHRONOUS[found["synchronous"]]
        rules["foreign_keys"] = "on" if found["foreign_keys"] == "1" else "off"
    return ServerSettings(
        version=f"SQLite {version}",
        encoding=found["encoding"],
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
    found = connection.exec_driver_sql(f"SELECT {picked}").mappings().one()
    return ServerSettings(
        version=f"PostgreSQL {found['server_version']}",
        encoding=found["server_encoding"],
        isolation=found["transaction_isolation"],
        by_default=found["default_transaction_isolation"],
        row_versions="",
        durability={name: found[name] for name in ("fsync", "synchronous_commit")},
        rules={},
    )


def _mariadb(connection: sa.Connection) -> ServerSettings:
    found = connection.exec_driver_sql(MARIADB).mappings().one()
    return ServerSettings(
        version=f"MariaDB {found['version']}",
        encoding=found["encoding"],
        isolation=_spaced(found["isolation"]),
        by_default=_spaced(found["by_default"]),
        row_versions="",
        durability={"innodb_flush_log_at_trx_commit": str(found["flush"])},
        rules={"sql_mode": found["sql_mode"]},
    )


def _mssql(connection: sa.Connection) -> ServerSettings:
    found = connection.exec_driver_sql(MSSQL).mappings().one()
    committed = "on" if found["reads_versions"] else "off"
    return ServerSettings(
        version=f"SQL Server {found['version']} ({found['edition']})",
        encoding=found["encoding"],
        isolation=_LEVELS.get(found["isolation"], "unknown"),
        by_default="read committed",
        row_versions=f"READ_COMMITTED_SNAPSHOT {committed}, ALLOW_SNAPSHOT_ISOLATION {found['snapshot']}",
        durability={"delayed_durability": found["durability"]},
        rules={"compatibility_level": str(found["compatibility"])},
    )


def quick_check(connection: sa.Connection, *, most: int) -> list[str]:
    """Return what is damaged in an SQLite file, at most `most` problems; it reads the whole file."""
    found = connection.exec_driver_sql(f"PRAGMA quick_check({int(most)})").scalars()
    return [text for text in found if text != "ok"]


def is_write_ahead(file: Path) -> bool:
    """Return whether an SQLite file has a write-ahead log, by its header: a worker that opens the file turns it on."""
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
