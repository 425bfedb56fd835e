"""The office's invoice table: every statement on it, one function each, for SQL Server and SQLite, never committing."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from process_manager.integrations.databases import OutsideDatabase, outside
from process_manager.plurals import counted
from process_manager.settings import Settings
from processes.fakturering_settings import FaktureringSettings

SETTING: Final = "PROCESS_MANAGER_FAKTURERING_URL"

SOURCE: Final = "VejmanKassen.dbo.VejmanFakturering"
"""What the ledger calls this table."""

PORTION: Final = 500
"""Rows taken at once: SQL Server turns 5,000 row locks into one of the table, whatever the hints say."""


SHOWN: Final = 10
"""Ids that a message names."""


class FakturaStatus(StrEnum):
    """Where an invoice row stands, in the office's words."""

    NY = "Ny"
    AFSENDT = "Afsendt"
    CLAIMED = "Claimed"
    TIL_FAKTURERING = "TilFakturering"
    FAKTURERET = "Faktureret"
    FAKTURER_IKKE = "FakturerIkke"


UNDONE: Final = frozenset({FakturaStatus.NY, FakturaStatus.AFSENDT, FakturaStatus.FAKTURER_IKKE})
"""Where a person puts a row that must not go to SAP after all."""


@dataclass(frozen=True, slots=True)
class Move:
    """A transition that the robot makes, and what the audit row calls it."""

    action: str
    old: FakturaStatus
    new: FakturaStatus


CLAIM: Final = Move("Claim", FakturaStatus.AFSENDT, FakturaStatus.CLAIMED)
HAND_OVER: Final = Move("TilFakturering", FakturaStatus.CLAIMED, FakturaStatus.TIL_FAKTURERING)


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """What the queue needs to know of a row."""

    id: int
    vejman_id: int | None
    permit: str
    status: str


_SQLITE: Final = {
    "rows": "VejmanFakturering",
    "log": "VejmanFaktureringLog",
    "held": "VejmanFakturering",
    "dirty": "VejmanFakturering",
    "there": "VejmanFakturering",
    "sought": "",
    "top": "",
    "limit": "LIMIT :limit",
    "ids": "(SELECT value FROM json_each(:ids))",
    "claims": """(SELECT json_extract(value, '$.id') AS ID, json_extract(value, '$.mark') AS Mark
          FROM json_each(:claims))""",
    "ends_with": "'%' || c.Mark",
}

# NOLOCK only where a stale answer does no harm: what it yields is checked again by the statement that writes.
# FORCESEEK because a scan would keep the lock of every row that it reads, or wait for those of others.
_MSSQL: Final = {
    "rows": "[VejmanKassen].[dbo].[VejmanFakturering]",
    "log": "[VejmanKassen].[dbo].[VejmanFaktureringLog]",
    "held": """[VejmanKassen].[dbo].[VejmanFakturering]
     WITH (UPDLOCK, READPAST, ROWLOCK, READCOMMITTEDLOCK, FORCESEEK)""",
    "dirty": "[VejmanKassen].[dbo].[VejmanFakturering] WITH (NOLOCK)",
    "there": "[VejmanKassen].[dbo].[VejmanFakturering] WITH (NOLOCK, FORCESEEK)",
    "sought": " WITH (FORCESEEK)",
    "top": "TOP (:limit) ",
    "limit": "",
    "ids": "(SELECT CAST(value AS int) FROM OPENJSON(CAST(:ids AS nvarchar(max))))",
    "claims": """OPENJSON(CAST(:claims AS nvarchar(max)))
          WITH (ID int '$.id', Mark nvarchar(100) '$.mark')""",
    "ends_with": "N'%' + c.Mark",
}

_BOTH: Final = {
    "count": "SELECT COUNT(*) FROM {dirty} WHERE FakturaStatus = :status",
    "candidates": """SELECT {top}ID
FROM {dirty}
WHERE FakturaStatus = :status AND ID > :after
ORDER BY ID
{limit}""",
    "recognise": """SELECT v.ID
FROM {claims} AS c
INNER JOIN {rows} AS v{sought} ON v.ID = c.ID
WHERE v.FakturaStatus = :status
  AND EXISTS (
      SELECT 1 FROM {log} AS l
      WHERE l.RowID = v.ID AND l.NewStatus = :status AND l.PerformedBy LIKE {ends_with}
  )
ORDER BY v.ID""",
    "hold": """SELECT ID, VejmanID, Tilladelsesnr, FakturaStatus
FROM {held}
WHERE ID IN {ids}
ORDER BY ID""",
    "statuses": "SELECT ID, FakturaStatus FROM {there} WHERE ID IN {ids}",
    "resting": """SELECT {top}ID, VejmanID, Tilladelsesnr, FakturaStatus
FROM {dirty}
WHERE FakturaStatus IN (:claimed, :handed_over) AND ID > :after
ORDER BY ID
{limit}""",
}

_ONLY: Final = {
    "sqlite": {
        "move": """UPDATE VejmanFakturering
SET FakturaStatus = :new
WHERE FakturaStatus = :old AND ID IN (SELECT value FROM json_each(:ids))
RETURNING ID""",
        "audit": """INSERT INTO VejmanFaktureringLog (RowID, ActionType, OldStatus, NewStatus, PerformedBy)
SELECT value, :action, :old, :new, :by FROM json_each(:ids)""",
    },
    # One batch: a table with triggers refuses a bare OUTPUT, and a temporary table would end with its call.
    "mssql": {
        "move": """SET NOCOUNT ON;
DECLARE @moved TABLE (ID int NOT NULL PRIMARY KEY);
UPDATE v
SET FakturaStatus = :new
OUTPUT inserted.ID INTO @moved (ID)
FROM [VejmanKassen].[dbo].[VejmanFakturering] AS v
     WITH (UPDLOCK, READPAST, ROWLOCK, READCOMMITTEDLOCK, FORCESEEK)
WHERE v.FakturaStatus = :old
  AND v.ID IN (SELECT CAST(value AS int) FROM OPENJSON(CAST(:ids AS nvarchar(max))));
INSERT INTO [VejmanKassen].[dbo].[VejmanFaktureringLog] (RowID, ActionType, OldStatus, NewStatus, PerformedBy)
SELECT ID, :action, :old, :new, :by FROM @moved;
SELECT ID FROM @moved ORDER BY ID;""",
    },
}


def database(settings: Settings) -> OutsideDatabase:
    """The invoice database that the settings name."""
    return outside(FaktureringSettings.of(settings).fakturering_url, SETTING)


def statements(dialect: str) -> dict[str, str]:
    """The text of every statement on the table, as this database is sent it; parameters are written :name."""
    words = _MSSQL if dialect == "mssql" else _SQLITE
    both = {name: template.format_map(words).strip() for name, template in _BOTH.items()}
    return both | _ONLY[dialect]


_TEXTS: Final = {dialect: statements(dialect) for dialect in _ONLY}


def _run(connection: sa.Connection, name: str, parameters: Mapping[str, Any]) -> sa.CursorResult[Any]:
    return connection.execute(sa.text(_TEXTS[connection.dialect.name][name]), parameters)


def performed_by(process_id: int, batch: str) -> str:
    """Who an audit row names: the process for people, the batch as proof that a claim was ours."""
    return f"process-manager {process_id} {_mark(batch)}"


def rows_told(count: int) -> str:
    """A number of rows in words."""
    return counted(count, "row")


def named(ids: Sequence[int]) -> str:
    """Rows by their ids, the first ten of them."""
    shown = ", ".join(map(str, ids[:SHOWN]))
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return f"row{'s' if len(ids) > 1 else ''} {shown}{more}"


def count_sent(connection: sa.Connection) -> int:
    """How many rows are Afsendt."""
    return int(_run(connection, "count", {"status": FakturaStatus.AFSENDT.value}).scalar_one())


def candidates(connection: sa.Connection, *, after: int) -> list[int]:
    """The next ids that are Afsendt, at most 500, without waiting for anyone's lock."""
    parameters = {"status": FakturaStatus.AFSENDT.value, "after": after, "limit": PORTION}
    return [row.ID for row in _run(connection, "candidates", parameters)]


def move(connection: sa.Connection, ids: Collection[int], step: Move, by: str) -> list[int]:
    """The ids that made the transition, each with its audit row; what another session holds is passed by."""
    if not ids:
        return []
    moved = {"action": step.action, "old": step.old.value, "new": step.new.value, "by": by}
    if connection.dialect.name == "mssql":
        return [row.ID for row in _run(connection, "move", moved | {"ids": _json(ids)})]
    change = {"old": step.old.value, "new": step.new.value, "ids": _json(ids)}
    done = sorted(row.ID for row in _run(connection, "move", change))
    _run(connection, "audit", moved | {"ids": _json(done)})
    return done


def recognise(connection: sa.Connection, batches: Mapping[int, str]) -> list[int]:
    """The ids that are Claimed and whose audit row names their batch: a claim of ours that a crash left unrecorded."""
    claims = json.dumps([{"id": row_id, "mark": _mark(batch)} for row_id, batch in batches.items()])
    return [row.ID for row in _run(connection, "recognise", {"status": FakturaStatus.CLAIMED.value, "claims": claims})]


def hold(connection: sa.Connection, ids: Collection[int]) -> list[InvoiceRow]:
    """These rows, locked until the transaction ends; one that another session holds is missing."""
    return [_row(row) for row in _run(connection, "hold", {"ids": _json(ids)})]


def statuses(connection: sa.Connection, ids: Collection[int]) -> dict[int, str]:
    """The status of each of these rows that exists, without waiting for anyone's lock."""
    return {row.ID: row.FakturaStatus for row in _run(connection, "statuses", {"ids": _json(ids)})}


def resting(connection: sa.Connection, *, after: int) -> list[InvoiceRow]:
    """The next rows that are Claimed or TilFakturering, at most 500."""
    parameters = {
        "claimed": FakturaStatus.CLAIMED.value,
        "handed_over": FakturaStatus.TIL_FAKTURERING.value,
        "after": after,
        "limit": PORTION,
    }
    return [_row(row) for row in _run(connection, "resting", parameters)]


def _row(row: sa.Row[Any]) -> InvoiceRow:
    return InvoiceRow(row.ID, row.VejmanID, row.Tilladelsesnr or "", row.FakturaStatus)


def _json(ids: Collection[int]) -> str:
    return json.dumps(list(ids))


def _mark(batch: str) -> str:
    return batch[:8]
