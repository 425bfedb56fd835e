import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from rig import NOON, Three, execute, row, start
from rows import LEASE, answer, everything

from process_manager import Done, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import NotJson
from process_manager.lifecycle import intervention
from process_manager.lifecycle.transition import HistoryEntry, Seen
from process_manager.operations import Start
from process_manager.store import claiming, queries, recording, transition_rows
from process_manager.store.claiming import Lease

pytestmark = pytest.mark.every_database

ACT = HistoryEntry("a", 0, "restart", "SAP is back", NOON, NOON, by="Ada")


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


def looked_at(database: Database, process_id: int) -> Seen:
    """A process as a person sees it now."""
    with database.read() as connection:
        return transition_rows.seen(queries.process(connection, process_id) or {})


def test_a_row_changed_while_a_person_looked_is_not_overwritten(database: Database) -> None:
    process_id = start(database, at=NOON + LEASE)
    seen = looked_at(database, process_id)
    with database.begin() as connection:
        claiming.claim_one(connection, process_id, Lease("w", NOON, NOON + LEASE))

    with database.begin() as connection:
        restarted = recording.record(connection, [intervention.restarted(seen, NOON, ACT, reruns=None)])
        abandoned = recording.record(connection, [intervention.abandoned(seen, NOON, ACT)])

    assert (restarted.kept, abandoned.kept) == ([], [])
    assert row(database, process_id)["status"] == "running"


def test_what_rests_for_another_reason_by_now_is_not_overwritten(database: Database) -> None:
    start(database, order_key="o")
    behind = start(database, order_key="o", at=NOON + LEASE)
    seen = looked_at(database, behind)
    changed = "UPDATE processes SET waiting_for = 'moment', due_at = retry_after WHERE id = :behind"
    execute(database, changed, behind=behind)

    with database.begin() as connection:
        abandoned = recording.record(connection, [intervention.abandoned(seen, NOON, ACT)])

    assert (seen.state.waiting_for, abandoned.kept) == ("lane", [])
    assert row(database, behind)["status"] == "waiting"


def test_what_a_worker_and_what_people_did_is_recorded_in_one_batch(database: Database) -> None:
    held, waits, due = start(database), start(database, at=NOON + LEASE), start(database, dedup_key="k")
    with database.begin() as connection:
        claim = claiming.claim_one(connection, held, Lease("w", NOON, NOON + LEASE))
    assert claim is not None
    restarted = intervention.restarted(looked_at(database, waits), NOON, ACT, reruns=None)
    abandoned = intervention.abandoned(looked_at(database, due), NOON, ACT._replace(outcome="abandon"))
    batch = [restarted, answer(claim, Done("ok")), abandoned]

    with database.begin() as connection:
        result = recording.record(connection, batch)

    assert result == recording.RecordResult(batch, [], [])
    stands = {process_id: row(database, process_id) for process_id in (held, waits, due)}
    names = ("status", "step", "round", "seq", "fence", "due_at", "waiting_for", "finished_at")
    assert [tuple(each[name] for name in names) for each in stands.values()] == [
        ("running", "b", 1, 1, 1, None, None, None),
        ("pending", "a", 2, 1, 0, NOON, None, None),
        ("abandoned", "a", 1, 1, 1, None, None, NOON),
    ]
    history = execute(database, "SELECT process_id, seq, round, outcome, worker FROM process_steps ORDER BY 1")
    assert [tuple(each) for each in history] == [
        (held, 1, 1, "done", "w"), (waits, 1, 2, "restart", None), (due, 1, 1, "abandon", None)
    ]  # fmt: skip
    assert start(database, dedup_key="k") != due


def test_a_read_never_waits_for_a_writer(database: Database) -> None:
    start(database)

    with database.begin() as writer:
        writer.execute(sa.text("DELETE FROM processes"))
        with database.read() as reader:
            assert reader.execute(sa.text("SELECT count(*) FROM processes")).scalar() == 1
