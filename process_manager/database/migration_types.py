"""The column types of migrations. They never change, because migrations have used them: a new type is added instead."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

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

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the datetime as the database stores it."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)


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


long_text = LongText()


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


key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def name(length: int) -> sa.Unicode:
    """Return a type for text that is compared byte by byte."""
    exact = sa.Unicode(length).with_variant(sa.Unicode(length, collation="Latin1_General_100_BIN2"), "mssql")
    exact = exact.with_variant(sa.Unicode(length, collation="utf8mb4_nopad_bin"), "mariadb")
    return exact.with_variant(sa.Unicode(length, collation="C"), "postgresql")


def new_id(dialect: str) -> sa.ColumnElement[str]:
    """Return an expression for a new uuid, made by the database, so that one script run twice makes two."""
    return sa.literal_column(_NEW_ID[dialect], sa.Unicode())


def present(dialect: str) -> sa.ColumnElement[datetime]:
    """Return an expression for the present moment in UTC by the database's clock."""
    return sa.literal_column(_PRESENT[dialect], Moment())


_RANDOM: Final = "lower(hex(randomblob({})))"
_NEW_ID: Final = {
    "sqlite": f"{_RANDOM.format(4)} || '-' || {_RANDOM.format(2)} || '-4' || substr({_RANDOM.format(2)}, 2)"
    f" || '-' || substr('89ab', 1 + (random() & 3), 1) || substr({_RANDOM.format(2)}, 2) || '-' || {_RANDOM.format(6)}",
    "postgresql": "CAST(gen_random_uuid() AS VARCHAR)",
    "mssql": "LOWER(CONVERT(NVARCHAR(36), NEWID()))",
    "mariadb": "UUID()",
}
_PRESENT: Final = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now')",
    "postgresql": "clock_timestamp()",
    "mssql": "SYSUTCDATETIME()",
    "mariadb": "UTC_TIMESTAMP(6)",
}


def where(condition: str) -> dict[str, Any]:
    """Return the options that limit an index to the rows of a condition; MariaDB has no such index."""
    return {f"{dialect}_where": sa.text(condition) for dialect in ("sqlite", "postgresql", "mssql")}
