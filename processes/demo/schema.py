"""The tables of the invoice database and of OpenOrchestrator 3.0.0 on SQLite: for the demo and for tests."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

INVOICE_TABLES: Final = (
    """CREATE TABLE VejmanFakturering (
    ID INTEGER PRIMARY KEY AUTOINCREMENT,
    VejmanID INTEGER,
    VejmanFakturaID VARCHAR(50) NOT NULL UNIQUE,
    FørsteSted VARCHAR(200),
    Ansøger VARCHAR(200),
    Tilladelsesnr VARCHAR(50),
    TilladelsesType VARCHAR(100),
    ATT VARCHAR(200),
    CvrNr VARCHAR(8),
    Enhedspris DECIMAL(18, 3),
    Meter DECIMAL(18, 3),
    Startdato DATE,
    Slutdato DATE,
    AntalDage INTEGER GENERATED ALWAYS AS (CAST(julianday(Slutdato) - julianday(Startdato) AS INTEGER) + 1),
    TotalPris DECIMAL(18, 2) GENERATED ALWAYS AS (
        round(Enhedspris * Meter * (julianday(Slutdato) - julianday(Startdato) + 1), 2)
    ),
    FakturaStatus VARCHAR(20) NOT NULL DEFAULT 'Ny',
    FakturaDato DATE,
    Ordrenummer VARCHAR(50),
    FakturaNr VARCHAR(50),
    PEZUUID VARCHAR(36)
)""",
    "CREATE INDEX IX_VejmanFakturering_FakturaStatus ON VejmanFakturering (FakturaStatus, ID)",
    """CREATE TABLE VejmanFaktureringLog (
    ID INTEGER PRIMARY KEY AUTOINCREMENT,
    RowID INTEGER NOT NULL REFERENCES VejmanFakturering (ID),
    ActionType VARCHAR(50) NOT NULL,
    OldStatus VARCHAR(20),
    NewStatus VARCHAR(20),
    PerformedBy VARCHAR(100) NOT NULL,
    PerformedAt DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
)""",
    "CREATE INDEX IX_VejmanFaktureringLog_RowID ON VejmanFaktureringLog (RowID)",
)

QUEUE_REVISION: Final = "1c87ed320c78"
"""The revision that an OpenOrchestrator 3.0.0 database carries."""

queue_metadata = sa.MetaData()


def _id(*constraints: sa.ForeignKey) -> sa.Column[str]:
    return sa.Column("id", sa.CHAR(32), *constraints, primary_key=True)


def _text(name: str, length: int, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=optional)


def _moment(name: str, *, optional: bool = False, index: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime, nullable=optional, index=index)


sa.Table("alembic_version", queue_metadata, sa.Column("version_num", sa.String(32), primary_key=True))
sa.Table(
    "Logs",
    queue_metadata,
    _id(),
    _moment("log_time"),
    _text("log_level", 5),
    _text("process_name", 100),
    sa.Column("job_id", sa.CHAR(32)),
    _text("log_message", 8000),
)
sa.Table(
    "Jobs",
    queue_metadata,
    _id(),
    _text("process_name", 100),
    _text("scheduler_name", 100),
    _text("status", 7),
    _moment("start_time"),
    _moment("end_time", optional=True),
)
sa.Table(
    "Triggers",
    queue_metadata,
    _id(),
    _text("trigger_name", 100),
    _text("process_name", 100),
    _moment("last_run", optional=True),
    _text("process_path", 250),
    _text("process_args", 1000, optional=True),
    _text("process_status", 7),
    sa.Column("is_git_repo", sa.Boolean, nullable=False),
    _text("git_branch", 100, optional=True),
    sa.Column("is_blocking", sa.Boolean, nullable=False),
    _text("scheduler_whitelist", 250, optional=True),
    sa.Column("priority", sa.Integer, nullable=False),
    _text("type", 9),
)
sa.Table(
    "Queues",
    queue_metadata,
    _id(),
    sa.Column("queue_name", sa.String(100), nullable=False, index=True),
    _text("status", 11),
    _text("data", 2000, optional=True),
    _text("reference", 100, optional=True),
    _moment("created_date", index=True),
    _moment("start_date", optional=True),
    _moment("end_date", optional=True),
    _text("message", 1000, optional=True),
    _text("created_by", 100, optional=True),
)
sa.Table(
    "Constants",
    queue_metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    _text("value", 1000),
    _moment("changed_at"),
)
sa.Table(
    "Credentials",
    queue_metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    _text("username", 250),
    _text("password", 1000),
    _moment("changed_at"),
)
sa.Table(
    "Schedulers",
    queue_metadata,
    sa.Column("machine_name", sa.String(100), primary_key=True),
    _moment("last_update"),
    _text("latest_trigger", 100, optional=True),
    _moment("latest_trigger_time", optional=True),
)
sa.Table("Single_Triggers", queue_metadata, _id(sa.ForeignKey("Triggers.id")), _moment("next_run"))
sa.Table(
    "Scheduled_Triggers",
    queue_metadata,
    _id(sa.ForeignKey("Triggers.id")),
    _text("cron_expr", 200),
    _moment("next_run"),
)
sa.Table(
    "Queue_Triggers",
    queue_metadata,
    _id(sa.ForeignKey("Triggers.id")),
    _text("queue_name", 200),
    sa.Column("min_batch_size", sa.Integer, nullable=False),
)
