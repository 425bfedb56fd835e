"""Positions: a lane is worked off in their order, what is outdated is skipped, and who waits names the one ahead."""

from typing import Any

import pytest
from placed_messages import SENT, Message, Newest, Plain
from rig import NOON, execute, get, history, row, status, work
from rig import start as started

from process_manager import Process, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import HeldByAnother, Refused, UsageError
from process_manager.operations import Act, Start
from process_manager.worker.lane_sweep import LaneSweep

pytestmark = pytest.mark.every_database

ADA = Act(Actor("Ada"), "why not")


@pytest.fixture(autouse=True)
def nothing_sent() -> None:
    SENT.clear()


def start(database: Database, position: Any, what: str = "", cls: type[Process] = Message, **options: Any) -> int:
    return started(database, cls, {"pos": position, "what": what}, **{"order_key": "k", **options})


def abandon(database: Database, process_id: int) -> None:
    with database.begin() as connection:
        operations.abandon(connection, process_id, ADA)


def restart(database: Database, process_id: int) -> None:
    with database.begin() as connection:
        operations.restart(connection, process_id, ADA, registry=Registry([Message, Newest]))


def handled(database: Database) -> str | None:
    found: str | None = execute(database, "SELECT handled FROM lanes WHERE order_key = 'k'")[0][0]
    return found


def standing(database: Database, *ids: int) -> list[str]:
    return [status(database, each) for each in ids]


def test_nine_is_before_ten_whatever_came_first(database: Database) -> None:
    for position in (10, 9, "00000000000000000011", 10**20 - 1, 8):
        start(database, position)

    work(database, Message)

    assert SENT == [8, 9, 10, "00000000000000000011", 10**20 - 1]
    assert handled(database) == "9" * 20


def test_a_head_that_failed_holds_a_later_one_which_names_it_and_uses_no_attempt(database: Database) -> None:
    failed = start(database, 33, "fails")
    work(database, Message)
    later = start(database, 35)
    work(database, Message)

    found = get(database, later)
    assert (found.status, found.waiting_for) == ("waiting", f"process {failed}, ahead of it in lane 'k'")
    assert (found.attempt, history(database, later), SENT) == (0, [], [33])

    abandon(database, failed)
    work(database, Message)

    assert standing(database, failed, later) == ["abandoned", "succeeded"]
    assert SENT == [33, 35]


def test_one_that_comes_after_a_later_one_is_done_is_skipped_as_outdated_and_sends_nothing(database: Database) -> None:
    start(database, 35)
    work(database, Message)

    late = start(database, 33, dedup_key="33")

    (told,) = history(database, late)
    assert status(database, late) == "skipped"
    assert (told.outcome, told.code, told.by) == ("skip", "outdated", "its lane")
    assert told.message == "Outdated: position 35 of its lane is handled, and this one has position 33."
    assert execute(database, "SELECT count(*) FROM dedup_keys")[0][0] == 0
    work(database, Message)
    assert SENT == [35]


def test_the_same_position_twice_is_handled_once(database: Database) -> None:
    first, second = start(database, 35), start(database, 35)

    work(database, Message)

    assert standing(database, first, second) == ["succeeded", "skipped"]


@pytest.mark.parametrize("what", ["is refused", "fails"])
def test_what_is_rejected_or_abandoned_is_not_handled(database: Database, what: str) -> None:
    later = start(database, 35, what)
    work(database, Message)
    if what == "fails":
        abandon(database, later)

    earlier = start(database, 33)
    work(database, Message)

    assert (SENT, status(database, earlier), handled(database)) == ([35, 33], "succeeded", "33".zfill(20))


def test_what_skips_itself_is_handled(database: Database) -> None:
    start(database, 35, "is over")
    work(database, Message)

    assert status(database, start(database, 33)) == "skipped"


def test_a_gap_holds_nobody(database: Database) -> None:
    ids = [start(database, position) for position in (33, 35)]

    work(database, Message)

    assert standing(database, *ids) == ["succeeded"] * 2


def test_a_lower_position_goes_before_what_has_not_begun_and_waits_for_what_has(database: Database) -> None:
    later, earlier = start(database, 35), start(database, 33)
    assert get(database, later).waiting_for == f"process {earlier}, ahead of it in lane 'k'"
    assert status(database, earlier) == "pending"

    begun = start(database, 50, "fails first", order_key="l")
    work(database, Message)
    waiting = start(database, 40, order_key="l")

    assert get(database, waiting).waiting_for == f"process {begun}, ahead of it in lane 'l'"
    restart(database, begun)
    assert standing(database, begun, waiting) == ["pending", "waiting"]
    work(database, Message)
    assert standing(database, begun, waiting) == ["succeeded", "skipped"]
    assert [each for each in SENT if each < 50] == [33, 35]


def test_more_than_a_hundred_are_skipped_when_their_turn_comes(database: Database) -> None:
    failed = start(database, 500, "fails first")
    work(database, Message)
    with database.begin() as connection:
        wanted = [Start(Message, {"pos": position}, order_key="k") for position in [*range(1, 251), 501]]
        operations.start_many(connection, wanted)
    restart(database, failed)

    work(database, Message)

    counted = dict(execute(database, "SELECT status, count(*) FROM processes GROUP BY status"))
    assert counted == {"skipped": 250, "succeeded": 2}
    assert SENT == [500, 500, 501]


def test_with_superseded_only_the_newest_of_those_that_wait_runs(database: Database) -> None:
    begun = start(database, 1, "fails", Newest)
    work(database, Newest)
    ids = [start(database, position, cls=Newest) for position in (4, 2, 3)]
    assert standing(database, *ids) == ["waiting"] * 3

    abandon(database, begun)
    work(database, Newest)

    assert standing(database, *ids) == ["succeeded", "skipped", "skipped"]
    assert [history(database, each)[0].code for each in ids] == [None, "superseded", "superseded"]
    assert (
        history(database, ids[1])[0].message == f"Superseded: process {ids[0]} with position 4 waits behind position 2."
    )
    assert SENT == [1, 4]


def test_with_superseded_one_that_is_due_and_has_not_begun_is_skipped_too(database: Database) -> None:
    older, newer = start(database, 1, cls=Newest), start(database, 2, cls=Newest)
    oldest = start(database, 0, cls=Newest)

    assert standing(database, older, newer, oldest) == ["skipped", "pending", "skipped"]


def test_a_lane_has_positions_for_all_or_for_none(database: Database) -> None:
    first, plain = start(database, 1), start(database, 1, cls=Plain, order_key="plain")

    with pytest.raises(UsageError, match=f"a 'plain' has none, and process {first}, which is open in it, has a pos"):
        start(database, 2, cls=Plain)
    with pytest.raises(UsageError, match=f"a 'message' has a position, and process {plain}, which is .* has none"):
        start(database, 2, order_key="plain")
    with database.begin() as connection:
        wanted = [Start(cls, {"pos": 1}, order_key="new") for cls in (Message, Plain, Message)]
        ended = operations.start_each(connection, wanted)
    assert [isinstance(each, UsageError) for each in ended] == [False, True, False]
    work(database, Message, Plain)
    start(database, 3, cls=Plain)  # all that had positions has ended


def test_one_that_was_rejected_is_restarted_unless_a_later_one_is_handled(database: Database) -> None:
    rejected = start(database, 33, "is refused")
    work(database, Message)
    later = start(database, 35)
    restart(database, rejected)
    assert standing(database, rejected, later) == ["pending", "waiting"]
    work(database, Message)
    assert standing(database, rejected, later) == ["rejected", "succeeded"]

    with pytest.raises(Refused, match="it is outdated: position 35 of its lane is handled, and its own is 33"):
        restart(database, rejected)


def test_one_that_was_rejected_waits_for_what_has_begun(database: Database) -> None:
    rejected = start(database, 33, "is refused")
    work(database, Message)
    begun = start(database, 35, "fails")
    work(database, Message)

    with pytest.raises(HeldByAnother, match=f"process {begun}, which is ahead of it in its lane"):
        restart(database, rejected)


def test_abandoning_one_that_waits_moves_nobody_on(database: Database) -> None:
    failed = start(database, 1, "fails")
    work(database, Message)
    waiting, last = start(database, 2), start(database, 3)

    abandon(database, waiting)

    assert standing(database, failed, waiting, last) == ["failed", "abandoned", "waiting"]
    assert row(database, last)["due_at"] is None


def test_a_lane_that_once_had_positions_is_swept_like_any_other(database: Database) -> None:
    start(database, 1, cls=Newest)
    work(database, Newest)
    head = start(database, 0, cls=Plain)
    execute(
        database, "UPDATE processes SET status = 'waiting', waiting_for = 'lane', due_at = NULL WHERE id = :id", id=head
    )

    with database.connect() as connection, connection.begin():
        LaneSweep().go_on(connection, NOON)

    assert status(database, head) == "pending"
