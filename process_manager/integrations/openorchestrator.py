"""An OpenOrchestrator database (its releases 2.0.1 and 3.0.0): pushing, finding and withdrawing queue elements."""

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
"""The releases that were tried, by the revision their databases carry."""

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
    """A queue element to be pushed; IllegalValue when it would not fit its columns."""

    id: uuid.UUID
    reference: str
    data: str
    codec: str | None = None
    """How its columns keep letters, as `codec_of` tells; None: all of them."""

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
    """Those whose own element is there, whatever became of it."""
    live: frozenset[str]
    """Those with an element that is NEW or IN_PROGRESS, whoever pushed it."""

    @property
    def references(self) -> frozenset[str]:
        """Those that need no element any more."""
        return self.pushed | self.live


def element_id(row_id: str, batch: str) -> uuid.UUID:
    """The id of the element of one row in one batch: pushing it again is refused by the primary key."""
    return uuid.uuid5(uuid.UUID(batch), row_id)


def check_queue_name(name: str) -> None:
    """IllegalValue when the name is empty or longer than its column."""
    if not name:
        raise IllegalValue(what="queue_name", value=name, problem="is empty", cure="Name the queue.")
    _check_length("the queue name", name, NAME_LENGTH)


def release_of(connection: sa.Connection, shown: str) -> str:
    """The release of this database, "unknown" for one not tried whose queues look the same; else SchemaMismatch."""
    inspector = sa.inspect(connection)
    columns = {column["name"] for column in inspector.get_columns("Queues")} if inspector.has_table("Queues") else set()
    if not columns >= _COLUMNS:
        raise SchemaMismatch(
            url=shown,
            found="no table Queues as OpenOrchestrator makes it",
            wanted="that of its releases 2.0.1 and 3.0.0",
            cure="Name the database of OpenOrchestrator.",
        )
    if not inspector.has_table("alembic_version"):
        return "unknown"
    return RELEASES.get(str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()), "unknown")


def codec_of(connection: sa.Connection) -> str | None:
    """How the columns of this database keep letters: those that a code page lacks would become others, unsaid.

    None where every letter is kept: everywhere but in SQL Server's VARCHAR.
    """
    if connection.dialect.name != "mssql":
        return None
    page = connection.execute(sa.text(CODE_PAGE)).scalar()
    try:
        return None if page is None else codecs.lookup(f"cp{page}").name
    except LookupError:  # one that Python does not know
        return None


def known(connection: sa.Connection, queue_name: str, ids: Mapping[str, uuid.UUID]) -> Known:
    """What the queue has of these references, each given with the id that its own element has."""
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
    """Add these elements, all NEW; an id that is already there is left as it is."""
    given = [
        {"id": _id_text(connection, element.id), "reference": element.reference, "data": element.data}
        for element in elements
    ]
    codec = codec_of(connection)
    if codec is not None:
        _check_letters("the queue name", queue_name, NAME_LENGTH, codec)
    for element in elements:
        replace(element, codec=codec)  # IllegalValue for one that would not be kept as it is
    # The stock client writes the naive local time of its host, and hands out the oldest first.
    created = now.astimezone().replace(tzinfo=None)
    parameters = {
        "queue_name": queue_name,
        "created": created,
        "created_by": serialization.clean(created_by, NAME_LENGTH),
        "elements": json.dumps(given, ensure_ascii=False),
    }
    _run(connection, "push", parameters)


def withdraw(connection: sa.Connection, queue_name: str, references: Collection[str]) -> None:
    """Remove the elements with these references that are still NEW: no robot has seen them."""
    _run(connection, "withdraw", {"queue_name": queue_name, "references": _json(references)})


# On SQL Server the columns are VARCHAR: what they are compared with is made so, or each row's would be converted first.
# HOLDLOCK keeps the place of an id until this transaction ends, which is short.
CODE_PAGE: Final = (
    "SELECT CAST(COLLATIONPROPERTY(collation_name, 'CodePage') AS int) FROM sys.columns"
    """ WHERE object_id = OBJECT_ID('"Queues"') AND name = 'data' AND system_type_id = 167"""
)
"""SQL Server's number of how a VARCHAR keeps letters; of an NVARCHAR there is none."""

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

# Statuses are written as literals: on PostgreSQL they are an enumeration, which takes no text parameter.
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
    """The text of every statement, as this database is sent it; parameters are written :name."""
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
        lacking = text[problem.start]
        raise IllegalValue(
            what=what,
            value=serialization.clean(text, 60),
            problem=f"has {lacking!r}, which its column ({codec}) cannot keep",
            cure="Write it otherwise at its source.",
        ) from None
    if size > length:
        raise IllegalValue(
            what=what,
            value=serialization.clean(text, 60),
            problem=f"takes {size} bytes in its column ({codec}), more than its {length}",
            cure="Shorten it at its source.",
        )


def _check_length(what: str, text: str, length: int) -> None:
    if serialization.length(text) > length:
        raise IllegalValue(
            what=what,
            value=serialization.clean(text, 60),
            problem=f"has {serialization.length(text)} characters, more than the {length} of its column",
            cure="Shorten it at its source.",
        )
