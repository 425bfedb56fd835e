import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from rig import NOON, Three, execute, row, start
from rows import LEASE, everything

from process_manager import operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import NotJson
from process_manager.operations import Start
from process_manager.store import claiming, interventions, queries
from process_manager.store.claiming import Lease

pytestmark = pytest.mark.every_database


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with freeze_time(NOON):
        yield


def test_a_start_joins_the_callers_transaction_and_is_gone_with_it(database: Database) -> None:
    before = everything(database)

    with pytest.raises(RuntimeError), database.begin() as connection:
        operations.start(connection, Three, dedup_key="k", order_key="lane")
        raise RuntimeError

    assert everything(database) == before


def test_one_start_that_does_not_fit_refuses_the_whole_batch(database: Database) -> None:
    wanted = [Start(Three, {"n": 1}), Start(Three, {"n": b"x"})]

    with database.begin() as connection, pytest.raises(NotJson, match=r"payload.n is bytes"):
        operations.start_many(connection, wanted)

    assert execute(database, "SELECT count(*) FROM processes") == [(0,)]


def test_ids_grow_in_the_order_of_the_starts(database: Database) -> None:
    with database.begin() as connection:
        found = operations.start_many(connection, [Start(Three, {"n": number}) for number in range(2500)])

    ids = [each.id for each in found]
    assert ids == sorted(ids)
    numbers = execute(database, "SELECT parameters FROM processes ORDER BY id")
    assert [json.loads(parameters)["n"] for (parameters,) in numbers] == list(range(2500))


def test_a_whole_row_of_a_new_process(database: Database) -> None:
    later = NOON + LEASE

    process_id = start(database, payload={"æ": "ø"}, reference="26-1", order_key="lane", at=later, actor=Actor("Ada"))

    found = row(database, process_id)
    assert {name: value for name, value in found.items() if value not in (None, 0)} == {
        "id": process_id, "name": "three", "version": 1, "reference": "26-1", "channel": "default",
        "order_key": "lane", "status": "waiting", "step": "a", "round": 1, "due_at": later, "retry_after": later,
        "waiting_for": "moment", "parameters": '{"æ":"ø"}', "created_at": NOON, "created_by": "Ada",
        "updated_at": NOON,
    }  # fmt: skip


def test_a_row_changed_while_a_person_looked_is_not_overwritten(database: Database) -> None:
    process_id = start(database, at=NOON + LEASE)
    with database.read() as connection:
        seen = queries.process(connection, process_id)
    assert seen is not None
    with database.begin() as connection:
        claiming.claim_one(connection, process_id, Lease("w", NOON, NOON + LEASE))

    with database.begin() as connection:
        restarted = interventions.restart(connection, seen, step="a", reruns=None, now=NOON)
        abandoned = interventions.abandon(connection, seen, now=NOON)

    assert (restarted, abandoned) == (False, False)
    assert row(database, process_id)["status"] == "running"


def test_a_read_never_waits_for_a_writer(database: Database) -> None:
    start(database)

    with database.begin() as writer:
        writer.execute(sa.text("DELETE FROM processes"))
        with database.read() as reader:
            assert reader.execute(sa.text("SELECT count(*) FROM processes")).scalar() == 1
