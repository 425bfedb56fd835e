"""The kinds of columns, as each database calls them. A dialect is loaded only where it is used: one takes megabytes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, overload

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept in UTC to the microsecond."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """What this database calls a moment with microseconds."""
        if dialect.name == "mssql":
            from sqlalchemy.dialects import mssql

            return dialect.type_descriptor(mssql.DATETIME2(6))  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
        if dialect.name == "mariadb":
            from sqlalchemy.dialects import mysql

            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """The moment as the database keeps it."""
        if value is None:
            return None
        if dialect.name == "mariadb":  # whose ODBC driver cuts the microseconds of a moment, but not those of a text
            return moment_text(value)
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """The moment as Python keeps it."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


@overload
def moment_text(value: datetime) -> str: ...
@overload
def moment_text(value: None) -> None: ...
def moment_text(value: datetime | None) -> str | None:
    """A moment as the text that SQLite stores and every database can cast, for JSON parameters."""
    if value is None:
        return None
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat(" ", "microseconds")[:26]  # without the offset


def always(value: str | int | None) -> sa.ColumnElement[Any]:
    """A value of ours that never changes: it stands in the text of a statement, so that no call has to send it."""
    return sa.null() if value is None else sa.literal_column(f"'{value}'" if isinstance(value, str) else str(value))


def name_type(length: int) -> sa.Unicode:
    """Text that is compared byte by byte: for some databases "a" equals "A" unless told otherwise."""
    plain = sa.Unicode(length)
    exact = plain.with_variant(sa.Unicode(length, collation="Latin1_General_100_BIN2"), "mssql")
    exact = exact.with_variant(sa.Unicode(length, collation="utf8mb4_nopad_bin"), "mariadb")
    return exact.with_variant(sa.Unicode(length, collation="C"), "postgresql")


def where(condition: str) -> dict[str, Any]:
    """What makes an index hold only the rows of a condition, in every dialect's words."""
    return {f"{dialect}_where": sa.text(condition) for dialect in ("sqlite", "postgresql", "mssql")}


class LongText(sa.types.TypeDecorator[str]):
    """Text without a bound: MariaDB's TEXT ends at 64 kB."""

    impl = sa.UnicodeText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """What this database calls a long text."""
        if dialect.name == "mariadb":
            from sqlalchemy.dialects import mysql

            return dialect.type_descriptor(mysql.LONGTEXT())
        if dialect.name == "mssql":  # NVARCHAR(max), also where no server says that it knows it: never NTEXT
            return dialect.type_descriptor(sa.Unicode())
        return dialect.type_descriptor(sa.UnicodeText())


text_type = LongText()

key_type = sa.BigInteger().with_variant(sa.Integer, "sqlite")
