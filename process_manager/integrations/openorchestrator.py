"""The database of OpenOrchestrator (releases 2.0.1 and 3.0.0): push, find and withdraw queue elements."""

from __future__ import annotations

import codecs
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.errors import IllegalValue, SchemaMismatch

RELEASES: Final = {"1c87ed320c78": "3.0.0", "90d46abd44a3": "2.0.1"}
"""The releases that were tested, by the revision of their databases."""

DATA_LENGTH: Final = 2000
REFERENCE_LENGTH: Final = 100
NAME_LENGTH: Final = 100

_COLUMNS: Final = frozenset(
    {
        "id",
        "queue_name",
        "status",
        "data",
        "reference",
        "created_date",
        "start_date",
        "end_date",
        "message",
        "created_by",
    }
)


@dataclass(frozen=True, slots=True)
class Element:
    """A queue element to push; IllegalValue when it does not fit its columns."""

    id: uuid.UUID
    reference: str
    data: str
    codec: str | None = None
    """The code page of its columns, from `codec_of`; None when they store every character."""

    def __post_init__(self) -> None:
        of_data = f"the data of element {self.reference}"
        for what, text, length in (
            ("the reference", self.reference, REFERENCE_LENGTH),
            (of_data, self.data, DATA_LENGTH),
        ):
            _check_length(what, text, length)
            if self.codec is not None:
                _check_letters(what, text, length, self.codec)


@dataclass(frozen=True, slots=True)
class Known:
    """Which references a queue already has."""

    pushed: frozenset[str]
    """References whose own element is there, whatever became of it."""
    live: frozenset[str]
    """References with an element that is NEW or IN_PROGRESS, whoever pushed it."""

    @property
    def references(self) -> frozenset[str]:
        """Return the references that need no element any more."""
        return self.pushed | self.live


def element_id(row_id: str, batch: str) -> uuid.UUID:
    """Return the id for the element of one row in one batch: the primary key refuses to push it again."""
    return uuid.uuid5(uuid.UUID(batch), row_id)


def check_queue_name(name: str) -> None:
    """Raise IllegalValue when the name is empty or longer than its column."""
    if not name:
        raise IllegalValue(what="queue_name", value=name, problem="is empty", hint="Name the queue.")
    _check_length("the queue name", name, NAME_LENGTH)


def release_of(connection: sa.Connection, shown: str) -> str:
    """Return the release of this database; "unknown" for an untested one whose queues look the same.

    Raises:
        SchemaMismatch: It has no queues as OpenOrchestrator makes them.
    """
    inspector = sa.inspect(connection)
    columns = {column["name"] for column in inspector.get_columns("Queues")} if inspector.has_table("Queues") else set()
    if not columns >= _COLUMNS:
        raise SchemaMismatch(
            url=shown,
            found="no table Queues as OpenOrchestrator makes it",
            wanted="that of its releases 2.0.1 and 3.0.0",
            hint="Name the database of OpenOrchestrator.",
        )
    if not inspector.has_table("alembic_version"):
        return "unknown"
    return RELEASES.get(str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()), "unknown")


def codec_of(connection: sa.Connection) -> str | None:
    """Return the code page of this database's columns, which would silently replace characters that it lacks.

    None where every character is stored: everywhere but in SQL Server's VARCHAR.
    """
    if connection.dialect.name != "mssql":
        return None
    page = connection.execute(sa.text(CODE_PAGE)).scalar()
    try:
        return None if page is None else codecs.lookup(f"cp{page}").name
    except LookupError:  # Python does not know this code page
        return None


def known(connection: sa.Connection, queue_name: str, ids: Mapping[str, uuid.UUID]) -> Known:
    """Return what the queue has of these references, each given with the id of its own element."""
    parameters = {
        "queue_name": queue_name,
        "ids": json.dumps([_id_text(connection, each) for each in ids.values()]),
        "references": _json(ids),
    }
    rows = _run(connection, "known", parameters).all()
    own = {each: reference for reference, each in ids.items()}
    found = (own.get(uuid.UUID(str(row.id))) for row in rows)
    return Known(
        pushed=frozenset(reference for reference in found if reference is not None),
        live=frozenset(row.reference for row in rows if row.status in ("NEW", "IN_PROGRESS")),
    )


def push(
    connection: sa.Connection, queue_name: str, elements: Collection[Element], *, created_by: str, now: datetime
) -> None:
    """Add these elements, all NEW; an id that is already there is left as it is.

    Args:
        connection: Inside the caller's transaction, on OpenOrchestrator's database.
        queue_name: The queue.
        elements: What to add.
        created_by: Who adds them.
        now: The present moment.

    Raises:
        IllegalValue: A text does not fit its column.
    """
    given = [
        {"id": _id_text(connection, element.id), "reference": element.reference, "data": element.data}
        for element in elements
    ]
    codec = codec_of(connection)
    if codec is not None:
        _check_letters("the queue name", queue_name, NAME_LENGTH, codec)
    for element in elements:
        replace(element, codec=codec)  # raises IllegalValue if the columns cannot store it unchanged
    # OpenOrchestrator's own client writes the naive local time of its host, and hands out the oldest first.
    created = now.astimezone().replace(tzinfo=None)
    parameters = {
        "queue_name": queue_name,
        "created": created,
        "created_by": serialization.clean(created_by, NAME_LENGTH),
        "elements": json.dumps(given, ensure_ascii=False),
    }
    _run(connection, "push", parameters)


def withdraw(connection: sa.Connection, queue_name: str, references: Collection[str]) -> None:
    """Delete the elements with these references that are still NEW: no robot has seen them."""
    _run(connection, "withdraw", {"queue_name": queue_name, "references": _json(references)})


# On SQL Server the columns are VARCHAR: values are cast to that, or each row's column would be converted first.
# HOLDLOCK reserves an id until this short transaction ends.
CODE_PAGE: Final = (
    "SELECT CAST(COLLATIONPROPERTY(collation_name, 'CodePage') AS int) FROM sys.columns"
    """ WHERE object_id = OBJECT_ID('"Queues"') AND name = 'data' AND system_type_id = 167"""
)
"""SQL Server's number for the code page of a VARCHAR; an NVARCHAR has none."""

_SQLITE: Final = {
    "queue_name": ":queue_name",
    "sought": "",
    "unless": "",
    "ids": "(SELECT value FROM json_each(:ids))",
    "references": "(SELECT value FROM json_each(:references))",
    "given": """(SELECT json_extract(value, '$.id') AS id, json_extract(value, '$.reference') AS reference,
           json_extract(value, '$.data') AS data FROM json_each(:elements)) AS given""",
}
_MSSQL: Final = {
    "ids": "(SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(CAST(:ids AS nvarchar(max))))",
    "references": """(SELECT CAST(value AS varchar(100)) COLLATE DATABASE_DEFAULT
                     FROM OPENJSON(CAST(:references AS nvarchar(max))))""",
    "queue_name": "CAST(:queue_name AS varchar(100))",
    "sought": " WITH (FORCESEEK)",
    "unless": " WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK)",
    "given": """OPENJSON(CAST(:elements AS nvarchar(max)))
     WITH (id uniqueidentifier '$.id', reference nvarchar(100) '$.reference', data nvarchar(2000) '$.data') AS given""",
}
_POSTGRESQL: Final = {
    "queue_name": ":queue_name",
    "sought": "",
    "unless": "",
    "ids": "(SELECT CAST(value AS uuid) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)) AS value)",
    "references": "(SELECT value FROM jsonb_array_elements_text(CAST(:references AS jsonb)) AS value)",
    "given": "jsonb_to_recordset(CAST(:elements AS jsonb)) AS given(id uuid, reference text, data text)",
}
_DIALECTS: Final = {"sqlite": _SQLITE, "mssql": _MSSQL, "postgresql": _POSTGRESQL}

# Statuses are literals: on PostgreSQL they are an enumeration, which accepts no text parameter.
_TEMPLATES: Final = {
    "known": """SELECT id, reference, status FROM "Queues"{sought}
WHERE id IN {ids}
UNION
SELECT id, reference, status FROM "Queues"
WHERE queue_name = {queue_name} AND status IN ('NEW', 'IN_PROGRESS') AND reference IN {references}""",
    "push": """INSERT INTO "Queues" (id, queue_name, status, data, reference, created_date, created_by)
SELECT given.id, :queue_name, 'NEW', given.data, given.reference, :created, :created_by
FROM {given}
WHERE NOT EXISTS (SELECT 1 FROM "Queues" AS q{unless} WHERE q.id = given.id)""",
    "withdraw": """DELETE FROM "Queues"
WHERE queue_name = {queue_name} AND status = 'NEW' AND reference IN {references}""",
}


def statements(dialect: str) -> dict[str, str]:
    """Return the text of every statement for this database; parameters are written :name."""
    return {name: template.format_map(_DIALECTS[dialect]) for name, template in _TEMPLATES.items()}


_TEXTS: Final = {dialect: statements(dialect) for dialect in _DIALECTS}


def _run(connection: sa.Connection, name: str, parameters: Mapping[str, Any]) -> sa.CursorResult[Any]:
    text = sa.text(_TEXTS[connection.dialect.name][name])
    if "created" in parameters:
        text = text.bindparams(sa.bindparam("created", type_=sa.DateTime()))
    return connection.execute(text, parameters)


def _id_text(connection: sa.Connection, value: uuid.UUID) -> str:
    return value.hex if connection.dialect.name == "sqlite" else str(value)


def _json(texts: Collection[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)


def _check_letters(what: str, text: str, length: int, codec: str) -> None:
    try:
        size = len(text.encode(codec))
    except UnicodeEncodeError as problem:
        missing = text[problem.start]
        raise IllegalValue(
            what=what,
            value=serialization.clean(text, 60),
            problem=f"has {missing!r}, which its column ({codec}) cannot store",
            hint="Replace it at its source.",
        ) from None
    if size > length:
        raise IllegalValue(
            what=what,
            value=serialization.clean(text, 60),
            problem=f"takes {size} bytes in its column ({codec}), more than its {length}",
            hint="Shorten it at its source.",
        )


def _check_length(what: str, text: str, length: int) -> None:
    if serialization.length(text) > length:
        raise IllegalValue(
            what=what,
            value=serialization.clean(text, 60),
            problem=f"has {serialization.length(text)} characters, more than the {length} of its column",
            hint="Shorten it at its source.",
        )
