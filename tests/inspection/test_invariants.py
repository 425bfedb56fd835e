"""Whether `doctor` sees what may never be: each invariant is broken in real rows, behind the engine's back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from family_steps import MISCOUNTED
from limit_acts import CROWDED
from rig import execute, start, work
from task_acts import UNHEARD

from process_manager import clock
from process_manager.database import Database
from process_manager.gates.gate import Gates
from process_manager.inspection import Finding, Surroundings, invariants, what_must_hold
from process_manager.inspection.findings import Result
from process_manager.store import invariants as auditing
from process_manager.store import workers
from process_manager.store.workers import Registered

LEASE = timedelta(seconds=90)
RUN = """UPDATE processes SET status = 'running', worker = 'w', due_at = NULL, waiting_for = NULL,
    step_started_at = created_at, lease_ends_at = '2999-01-01 00:00:00.000000'"""
ALL = invariants.names(quick=False)


@pytest.fixture
def sound(database: Database) -> Iterator[Database]:
    """Processes 1 and 2 have ended, 3 is the head of a lane and 4 behind it, 5 and 6 hold keys, 7 runs, 8 waits."""
    start(database, order_key="k")
    start(database)
    work(database)
    start(database, order_key="k")
    start(database, order_key="k")
    start(database, dedup_key="a")
    start(database, dedup_key="b")
    start(database)
    start(database, at=clock.now() + timedelta(days=1))
    execute(database, RUN + " WHERE id = 7")
    yield database


def tamper(database: Database, *statements: str) -> None:
    """Change rows with every guard of the database off."""
    with closing(sqlite3.connect(str(database.engine.url.database))) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(statement)


def audited(database: Database) -> list[Finding]:
    return list(invariants.audit(database, invariants.values(clock.now(), lease=LEASE), names=ALL))


def broken(database: Database) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Which invariants are broken, how often, and by which processes."""
    return {each.what: (each.count, each.ids) for each in audited(database) if each.result is Result.PROBLEM}


# What is done to the rows, and what must be found: nothing else.
CASES: dict[str, tuple[list[str], dict[str, tuple[int, tuple[int, ...]]]]] = {
    "a pending process without a moment": (
        ["UPDATE processes SET due_at = NULL WHERE id = 5"],
        {"nothing waits unseen": (1, (5,))},
    ),
    "a waiting process that does not say for what": (
        ["UPDATE processes SET status = 'waiting', due_at = NULL, waiting_for = NULL WHERE id IN (5, 6)"],
        {"nothing waits unseen": (2, (5, 6))},
    ),
    "a running process without a lease": (
        ["UPDATE processes SET lease_ends_at = NULL WHERE id = 7"],
        {"nothing waits unseen": (1, (7,))},
    ),
    "a process that waits in no lane": (
        ["UPDATE processes SET order_key = NULL WHERE id = 4"],
        {"nothing waits unseen": (1, (4,))},
    ),
    "more at work than a limit has seats": (CROWDED, {"seats": (1, (7,))}),
    "an end that is not one": (
        ["UPDATE processes SET finished_at = NULL WHERE id = 2"],
        {"nothing waits unseen": (1, (2,))},
    ),
    "an open process with an end": (
        ["UPDATE processes SET finished_at = created_at WHERE id = 8"],
        {"nothing waits unseen": (1, (8,))},
    ),
    "a lease that ended long ago": (
        ["UPDATE processes SET lease_ends_at = '2026-01-01 00:00:00.000000' WHERE id = 7"],
        {"leases": (1, (7,))},
    ),
    "a head that waits behind nobody": (
        ["UPDATE processes SET status = 'waiting', waiting_for = 'lane', due_at = NULL WHERE id = 3"],
        {"heads of lanes": (1, (3,))},
    ),
    "a due process behind another of its lane": (
        ["UPDATE processes SET status = 'pending', waiting_for = NULL, due_at = created_at WHERE id = 4"],
        {"order in lanes": (1, (4,))},
    ),
    "two of a lane that run at once": (
        [RUN + " WHERE id IN (3, 4)"],
        {"order in lanes": (1, (4,)), "one at a time in lanes": (1, (3,))},
    ),
    "a key whose process has ended": (
        ["INSERT INTO dedup_keys (name, key_hash, process_id, scope) VALUES ('three', 'x', 2, 'while_open')"],
        {"dedup keys freed": (1, (2,))},
    ),
    "a key whose process is gone": (
        ["INSERT INTO dedup_keys (name, key_hash, process_id, scope) VALUES ('three', 'x', 99, 'while_open')"],
        {"dedup keys freed": (1, (99,))},
    ),
    "a key for ever of a process that has ended": (
        ["INSERT INTO dedup_keys (name, key_hash, process_id, scope) VALUES ('three', 'x', 2, 'for_ever')"],
        {},
    ),
    "open processes without their keys": (
        ["DELETE FROM dedup_keys"],
        {"dedup keys held": (2, (5, 6))},
    ),
    "a key that another process holds": (
        ["UPDATE dedup_keys SET process_id = 6 WHERE process_id = 5"],
        {"dedup keys held": (1, (5,))},
    ),
    "a command that is open twice": (
        ["UPDATE processes SET command_key = 'tidy' WHERE id IN (2, 5, 6)"],
        {"commands": (1, (5,))},
    ),
    "a process that waits for an event, nobody knows which": (
        ["UPDATE processes SET status = 'waiting', waiting_for = 'event', due_at = NULL WHERE id = 5"],
        {"waits for events": (1, (5,))},
    ),
    "a process that an event should have woken": (
        [
            "UPDATE processes SET status = 'waiting', waiting_for = 'event', due_at = NULL WHERE id = 5",
            "INSERT INTO event_waits (process_id, seq, key, number, step_key, is_open) VALUES (5, 1, 'a', 0, 'a/0', 1)",
            'INSERT INTO event_signals (key, number, stated_at, "by")'
            " VALUES ('a', 1, '2026-01-01 00:00:00.000000', 'Ada')",
        ],
        {"events heard": (1, (5,))},
    ),
    "a process that has ended and waits": (
        [
            "INSERT INTO event_waits (process_id, seq, key, number, step_key, is_open) VALUES (2, 1, 'a', 0, 'a/0', 1)",
            "UPDATE processes SET finished_at = '2026-01-01 00:00:00.000000' WHERE id = 2",
        ],
        {"waits ended": (1, (2,))},
    ),
    **MISCOUNTED | UNHEARD,
    "a history without its first row": (
        ["DELETE FROM process_steps WHERE process_id = 1 AND seq = 1"],
        {"history without gaps": (1, (1,))},
    ),
    "a history with a gap": (
        ["DELETE FROM process_steps WHERE process_id IN (1, 2) AND seq = 2"],
        {"history without gaps": (2, (1, 2))},
    ),
    "a history with a double": (
        [
            "ALTER TABLE process_steps RENAME TO guarded",
            "CREATE TABLE process_steps AS SELECT * FROM guarded",
            "INSERT INTO process_steps SELECT * FROM guarded WHERE process_id = 2 AND seq = 2",
        ],
        {"history without gaps": (1, (2,))},
    ),
    "a history without its last row": (
        ["DELETE FROM process_steps WHERE process_id = 1 AND seq = 3"],
        {"history complete": (1, (1,))},
    ),
    "a history without a row": (
        ["DELETE FROM process_steps WHERE process_id = 1"],
        {"history complete": (1, (1,))},
    ),
    "a history that goes on after its end": (
        ["UPDATE processes SET seq = 2 WHERE id = 1"],
        {"history complete": (1, (1,))},
    ),
    "history and evidence without a process": (
        [
            "DELETE FROM processes WHERE id = 2",
            "INSERT INTO evidence (process_id, seq, number, kind, made_at, body)"
            " VALUES (2, 1, 1, 'log', '2026-01-01 00:00:00.000000', '{}')",
        ],
        {"nothing orphaned": (2, (2,))},
    ),
}


def test_sound_rows_break_no_law(sound: Database) -> None:
    findings = audited(sound)

    assert [(each.what, each.result) for each in findings] == [
        (invariant.what, "ok") for invariant in what_must_hold.INVARIANTS.values()
    ]


@pytest.mark.parametrize("name", CASES)
def test_what_may_never_be_is_found_and_nothing_else(sound: Database, name: str) -> None:
    statements, expected = CASES[name]
    tamper(sound, *statements)

    assert broken(sound) == expected


def test_every_law_is_asked_and_broken_by_a_case() -> None:
    found = {what for _statements, expected in CASES.values() for what in expected}

    assert what_must_hold.INVARIANTS.keys() == auditing.QUESTIONS.keys()
    assert found == {invariant.what for invariant in what_must_hold.INVARIANTS.values()}


def test_a_problem_names_five_at_most_counts_all_and_says_what_to_do(sound: Database) -> None:
    tamper(sound, "UPDATE processes SET status = 'pending', due_at = NULL, waiting_for = NULL, finished_at = NULL")

    found = next(each for each in audited(sound) if each.result is Result.PROBLEM)

    assert (found.count, found.ids) == (8, (1, 2, 3, 4, 5))
    assert found.message == (
        "8: nothing will ever move them, and nobody is told: 1 (pending), 2 (pending), 3 (pending), 4 (pending), "
        "5 (pending) and 3 more. To fix it: `abandon-process` ends one and `rerun-process` starts it again"
    )


def test_a_quick_look_asks_nothing_that_grows_with_what_has_ended() -> None:
    assert invariants.names(quick=True) == ("leases", "lane_heads", "lane_order", "lane_crowds")


def test_a_lost_lease_is_only_a_warning_where_no_worker_lives(sound: Database) -> None:
    tamper(sound, "UPDATE processes SET lease_ends_at = '2026-01-01 00:00:00.000000' WHERE id = 7")
    (found,) = (each for each in audited(sound) if each.what == "leases")

    assert invariants.forgiven(found, []).result is Result.WARNING
    assert invariants.forgiven(found, [worker()]) == found


def worker(*, version: int = 1, channels: tuple[str, ...] = ()) -> Registered:
    now = clock.now()
    steps = ("a", "b", "c")
    return Registered("w", "h", 1, now, now, 4, channels, (("three", version, steps),))


def due(database: Database, *living: Registered) -> Finding:
    with database.begin() as connection:
        for each in living:
            workers.register(connection, each)
        around = Surroundings(clock.now(), Gates(), {}, living)
        return invariants.due(connection, around, lease=LEASE)


def test_nothing_due_is_well(database: Database) -> None:
    assert due(database) == Finding("due", Result.OK, "nothing is due")


def test_what_became_due_just_now_is_well(sound: Database) -> None:
    found = due(sound, worker())

    assert (found.result, found.count, found.ids) == (Result.OK, 3, (3,))
    assert found.message.endswith("It is due: step 'a' runs as soon as a worker has room.")


@pytest.mark.parametrize(
    ("living", "said"),
    [
        ((), "no worker is running"),
        ((worker(version=2),), "No living worker knows: three 1 at a (3 in channel default)."),
        ((worker(channels=("post",)),), "It waits for a worker of channel 'default'."),
    ],
)
def test_what_nobody_takes_is_a_warning_after_a_lease(
    sound: Database, living: tuple[Registered, ...], said: str
) -> None:
    assert due(sound, *living).result is Result.OK

    execute(sound, "UPDATE processes SET due_at = :then WHERE id = 5", then=ago(minutes=2))
    execute(sound, "DELETE FROM workers")
    found = due(sound, *living)

    assert (found.result, found.ids) == (Result.WARNING, (5,))
    assert found.message.startswith("3 due; process 5 is due longest, for 2m")
    assert said in found.message


def test_what_this_host_does_not_know_is_told_while_no_worker_lives(sound: Database) -> None:
    with sound.read() as connection:
        around = Surroundings(clock.now(), Gates(), {}, (), [("three", 1, ("b", "c"))])
        found = invariants.due(connection, around, lease=LEASE)

    assert "It waits for a worker that knows step 'a' of version 1 of 'three'." in found.message
    assert found.message.endswith(" No worker lives, and this host does not know: three 1 at a (3 in channel default).")


def test_what_is_due_for_long_is_a_warning_though_a_worker_knows_it(sound: Database) -> None:
    execute(sound, "UPDATE processes SET due_at = :then WHERE id = 5", then=ago(hours=3))

    assert due(sound, worker()).result is Result.WARNING


def ago(**length: float) -> str:
    return f"{clock.now() - timedelta(**length):%Y-%m-%d %H:%M:%S}.000000"
