"""The column types, as each database names them.

A dialect is imported only where it is used: each costs megabytes of memory.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, overload

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware datetime, stored in UTC to the microsecond."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """Return this database's type for a datetime with microseconds."""
        if dialect.name == "mssql":
            from sqlalchemy.dialects import mssql

            return dialect.type_descriptor(mssql.DATETIME2(6))  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
        if dialect.name == "mariadb":
            from sqlalchemy.dialects import mysql

            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Return the datetime as the database stores it."""
        if value is None:
            return None
        if dialect.name == "mariadb":  # its ODBC driver truncates microseconds, but not those of a text
            return moment_text(value)
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the stored datetime as an aware one in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


@overload
def moment_text(value: datetime) -> str: ...
@overload
def moment_text(value: None) -> None: ...
def moment_text(value: datetime | None) -> str | None:
    """Return a datetime as text for a JSON parameter: the form that SQLite stores and every database can cast."""
    if value is None:
        return None
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat(" ", "microseconds")[:26]  # without the offset


def always(value: str | int | None) -> sa.ColumnElement[Any]:
    """Return a constant of ours that stands in the text of a statement, so that no call has to send it."""
    return sa.null() if value is None else sa.literal_column(f"'{value}'" if isinstance(value, str) else str(value))


def name_type(length: int) -> sa.Unicode:
    """Return a type for text that is compared byte by byte: some databases otherwise treat "a" and "A" as equal."""
    plain = sa.Unicode(length)
    exact = plain.with_variant(sa.Unicode(length, collation="Latin1_General_100_BIN2"), "mssql")
    exact = exact.with_variant(sa.Unicode(length, collation="utf8mb4_nopad_bin"), "mariadb")
    return exact.with_variant(sa.Unicode(length, collation="C"), "postgresql")


def where(condition: str) -> dict[str, Any]:
    """Return the options that limit an index to the rows of a condition, for every dialect that has such indexes."""
    return {f"{dialect}_where": sa.text(condition) for dialect in ("sqlite", "postgresql", "mssql")}


class LongText(sa.types.TypeDecorator[str]):
    """Text of unlimited length: MariaDB's own TEXT ends at 64 kB."""

    impl = sa.UnicodeText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Return this database's type for long text."""
        if dialect.name == "mariadb":
            from sqlalchemy.dialects import mysql

            return dialect.type_descriptor(mysql.LONGTEXT())
        if dialect.name == "mssql":  # NVARCHAR(max), even when no server has confirmed that it supports it: never NTEXT
            return dialect.type_descriptor(sa.Unicode())
        return dialect.type_descriptor(sa.UnicodeText())


class Bytes(sa.types.TypeDecorator[bytes]):
    """Bytes of any number: MariaDB's own BLOB ends at 64 kB, and the old IMAGE of SQL Server is no more."""

    impl = sa.LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[bytes]:
        """Return this database's type for many bytes."""
        if dialect.name == "mariadb":
            from sqlalchemy.dialects import mysql

            return dialect.type_descriptor(mysql.MEDIUMBLOB())
        if dialect.name == "mssql":  # VARBINARY(max), even when no server has confirmed that it supports it
            from sqlalchemy.dialects import mssql

            return dialect.type_descriptor(mssql.VARBINARY("max"))  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
        return dialect.type_descriptor(sa.LargeBinary())


text_type = LongText()

key_type = sa.BigInteger().with_variant(sa.Integer, "sqlite")
