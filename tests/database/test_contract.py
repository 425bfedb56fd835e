"""What the engine asks of every database: its tables, its texts and moments, and nothing of what is undone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from freezegun import freeze_time
from rig import NOON, Three, asked, execute, get, history, odd, row, start, work
from rig import claim_request as of
from rows import LEASE, answer, claim, everything, record

from process_manager import Done, Skip, StepRun, operations
from process_manager.actor import Actor
from process_manager.database import Database, error_codes, schema, schema_drift
from process_manager.database.schema_drift import SchemaDrift
from process_manager.store import claiming, dedup_keys, filters, lanes, queries, starting, tables
from process_manager.store.starting import NewProcess
from tests.store.test_schema import REVISIONS

pytestmark = pytest.mark.every_database

# --- the tables -------------------------------------------------------------------------------------------------


def test_the_migrations_lead_up_and_down_one_by_one_and_up_again(empty: Database) -> None:
    def as_declared() -> bool:
        with empty.read() as connection:
            return schema_drift.compare(connection, tables.metadata) == SchemaDrift((), ())

    for _ in range(2):
        assert [schema.upgrade(empty, revision) for revision in REVISIONS] == REVISIONS
        assert as_declared()
        assert [schema.downgrade(empty, "-1") for _ in REVISIONS] == [*reversed(REVISIONS[:-1]), "none"]
        assert set(sa.inspect(empty.engine).get_table_names()) == {"alembic_version"}
    assert schema.upgrade(empty, "head") == tables.SCHEMA
    assert as_declared()


def test_the_tables_are_those_that_the_migrations_make(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, tables.metadata)
        found = schema_drift.compare(connection, tables.metadata)

    # MariaDB has no index of some rows only: there `uq_ledger_open` is not unique, and `ledger.record` sees to it.
    known = {"uq_ledger_open"} if database.dialect == "mariadb" else set()
    assert [each for each in differences if getattr(each[-1], "name", None) not in known] == []
    assert found == SchemaDrift((), ())


def test_every_check_of_the_tables_is_there(database: Database) -> None:
    look = sa.inspect(database.engine)
    declared = {
        (table.name, str(check.name))
        for table in tables.metadata.sorted_tables
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint)
    }

    if database.dialect == "mssql":  # of which SQLAlchemy cannot ask it
        asked = "SELECT OBJECT_NAME(parent_object_id), name FROM sys.check_constraints"
        found = {(table, check) for table, check in execute(database, asked)}
    else:
        names = tables.metadata.tables
        found = {(name, str(each["name"])) for name in names for each in look.get_check_constraints(name)}

    assert len(declared) == 18
    assert found == declared


WRONG = {
    "status": "UPDATE processes SET status = 'started'",
    "running_has_lease": "UPDATE processes SET worker = 'w'",
    "closed_has_end": "UPDATE processes SET finished_at = created_at",
    "due_rests": "UPDATE processes SET status = 'failed'",
    "pending_is_due": "UPDATE processes SET due_at = NULL",
    "waiting_says_what_for": "UPDATE processes SET status = 'waiting'",
    "step": "UPDATE processes SET step = NULL",
    "counts": "UPDATE processes SET seq = -1",
}


@pytest.mark.parametrize("check", WRONG)
def test_a_row_that_breaks_a_check_is_refused_and_known_as_refused(database: Database, check: str) -> None:
    start(database)
    before = everything(database)

    with pytest.raises(sa.exc.DBAPIError) as refused:
        execute(database, WRONG[check])

    assert error_codes.is_refused_row(refused.value)
    assert not error_codes.is_transient(refused.value)
    assert everything(database) == before


# --- texts ------------------------------------------------------------------------------------------------------

TEXTS = [
    "a",
    "A",
    "a ",
    " a",
    "å",
    "Å",
    "aa",
    "æøå ÆØÅ",
    "e\u0301",
    "é",
    "😀",
    "😁",
    "𝒳𠮷",
    "ﬀ",
    "ß",
    "ss",
    "a\tb",
    "%_'\"\\",
]


KEYS = [text for text in TEXTS if not text.endswith(" ")]
"""What may be a reference, a lane or a name; one that ends in a blank is refused: SQL Server compares none there."""


def test_texts_that_differ_in_anything_are_different_references(database: Database) -> None:
    ids = {text: start(database, reference=text) for text in KEYS}

    with database.read() as connection:
        found = {text: filters.matching(connection, filters.Filter(reference=text)) for text in KEYS}
        kept = {text: row["reference"] for text, id_ in ids.items() if (row := queries.process(connection, id_))}

    assert found == {text: [id_] for text, id_ in ids.items()}
    assert kept == {text: text for text in KEYS}


def test_texts_that_differ_in_anything_are_different_lanes(database: Database) -> None:
    with freeze_time(NOON):
        ids = {text: start(database, order_key=text) for text in KEYS}
        behind = {text: start(database, order_key=text) for text in KEYS}

    with database.read() as connection:
        assert lanes.heads(connection, KEYS) == ids
    due = claim(database, limit=100)
    assert [each.id for each in due] == list(ids.values())
    assert {text: get(database, each).waiting_for for text, each in behind.items()} == {
        text: f"process {ids[text]}, ahead of it in lane {text!r}" for text in KEYS
    }


def test_a_lane_moves_on_in_the_record_that_ends_its_head_and_in_no_other(database: Database) -> None:
    with freeze_time(NOON):
        heads = {lane: start(database, order_key=lane) for lane in ("ends", "is lost", "goes on", "is alone")}
        behind = {lane: start(database, order_key=lane) for lane in ("ends", "is lost", "goes on")}
        start(database, order_key="ends")
        held = {each.order_key: each for each in claim(database)}
        lost = answer(held["is lost"]._replace(fence=9), Skip("not ours any more"))
        ended = [answer(held[lane], Skip("over")) for lane in ("is alone", "ends")]

        written = record(database, *ended, lost, answer(held["goes on"], Done()))

    assert sorted(written) == sorted(heads[lane] for lane in ("is alone", "ends", "goes on"))
    assert [each.id for each in claim(database)] == [behind["ends"]]


def test_texts_that_differ_in_anything_are_different_dedup_keys(database: Database) -> None:
    ids = {text: asked(database, dedup_key=text).id for text in TEXTS if text.strip()}

    again = {text: asked(database, dedup_key=text) for text in ids}

    assert len(set(ids.values())) == len(ids)
    assert {text: each.id for text, each in again.items() if not each.is_new} == ids


def test_texts_that_differ_in_anything_are_different_names(database: Database) -> None:
    new = [NewProcess(text, 1, text, "a", "{}", dedup_hash=dedup_keys.hashed("k")) for text in KEYS]
    with database.begin() as connection:
        ids = starting.insert(connection, new, actor=Actor("Ada"), now=NOON)
        taken = dedup_keys.take(
            connection, [(text, dedup_keys.hashed("k"), id_, "while_open") for text, id_ in zip(KEYS, ids, strict=True)]
        )

    found = {text: [each.id for each in claim(database, request=of((text, 1)), limit=100)] for text in KEYS}

    assert taken == set(ids)
    assert found == {text: [id_] for text, id_ in zip(KEYS, ids, strict=True)}


def test_what_a_step_says_comes_back_as_it_was_said(database: Database) -> None:
    def answer(run: StepRun) -> Done:
        text = run.payload["given"]
        run.log(text)
        run.exchange("SAP", request={"text": text}, response=text)
        return Done(f"told {text} end", {"text": text, text: [text]})

    process = odd(answer)
    ids = {text: start(database, process, {"given": text}, actor=Actor(f"Åse {text} Øye")) for text in TEXTS}
    work(database, process)

    for text, process_id in ids.items():
        told, found = history(database, process_id)[0], row(database, process_id)
        assert (told.message, told.payload) == (f"told {text} end", {"text": text, text: [text]})
        assert json.loads(found["payload"]) == {"given": text, "text": text, text: [text]}
        assert found["created_by"] == f"Åse {text} Øye"
        assert [each["message"] for each in told.logs] == [text]
        assert [(each["request"], each["response"]) for each in told.exchanges] == [({"text": text}, text)]


def test_a_megabyte_goes_in_and_comes_out_whole(database: Database) -> None:
    big = 'æ😀x\\"\n' * 150_000
    assert len(big.encode()) > 1_000_000
    process = odd(lambda run: Done("big", {"back": run.payload["big"][::-1]}))

    process_id = start(database, process, {"big": big})
    work(database, process)

    assert json.loads(row(database, process_id)["payload"]) == {"big": big, "back": big[::-1]}
    assert json.loads(row(database, process_id)["parameters"]) == {"big": big}
    assert history(database, process_id)[0].payload == {"back": big[::-1]}


# --- moments ----------------------------------------------------------------------------------------------------

MICROSECOND = timedelta(microseconds=1)
MOMENTS = [
    NOON + timedelta(microseconds=123_457),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, 0, 1, tzinfo=UTC),  # told twice by the clocks of Europe
    datetime(2028, 2, 29, 12, 0, 0, 500_000, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_moment_is_kept_to_the_microsecond_and_is_due_then_and_not_before(
    database: Database, moment: datetime
) -> None:
    with freeze_time(moment - timedelta(hours=1)):
        process_id = start(database, at=moment)

    assert row(database, process_id)["due_at"] == moment
    assert claim(database, now=moment - MICROSECOND) == []
    (held,) = claim(database, now=moment)
    assert row(database, process_id)["lease_ends_at"] == moment + LEASE
    record(database, answer(held, Done("ok"), at=moment + MICROSECOND))
    assert row(database, process_id)["step_started_at"] == moment + MICROSECOND
    (told, _started) = history(database, process_id)
    assert told.finished_at == moment + MICROSECOND


# --- what is undone ---------------------------------------------------------------------------------------------


def test_of_a_transaction_that_is_rolled_back_nothing_stays_and_its_rows_are_free(database: Database) -> None:
    with freeze_time(NOON):
        start(database, order_key="lane", dedup_key="k")
        start(database, order_key="lane")
    before = everything(database)

    def all_of_it(connection: sa.Connection) -> None:
        (held,) = claiming.claim_due(connection, of(("three", 1)), LEASE_FROM_NOON, limit=10)
        operations.start(connection, Three, order_key="other", dedup_key="l")
        operations.abandon(connection, held.id, operations.Act(Actor("Ada"), "wrong"))
        raise RuntimeError

    with pytest.raises(RuntimeError), database.begin() as connection:
        all_of_it(connection)
    with pytest.raises(RuntimeError):
        database.run(all_of_it)

    assert everything(database) == before
    assert [each.id for each in claim(database)] == [1]


LEASE_FROM_NOON = claiming.Lease("w", NOON, NOON + LEASE)


def test_a_statement_that_is_refused_rolls_its_whole_transaction_back(database: Database) -> None:
    before = everything(database)

    with pytest.raises(sa.exc.DBAPIError), database.begin() as connection:
        operations.start(connection, Three)
        connection.execute(sa.text(WRONG["status"]))

    assert everything(database) == before
