"""Questions of the engine's own: what they are answered on rows that are there."""

from __future__ import annotations

from datetime import timedelta

from rig import execute, start, work

from process_manager.database import Database
from process_manager.store import queries


def test_how_long_a_step_took_is_told_of_its_last_runs_among_the_newest_twenty_thousand_processes(
    database: Database,
) -> None:
    start(database)
    execute(database, "UPDATE sqlite_sequence SET seq = 20001 WHERE name = 'processes'")
    second, third, fourth = (start(database) for _ in range(3))
    work(database)
    for process_id, seconds in ((1, 1), (second, 2), (third, 3), (fourth, 4)):
        execute(
            database, "UPDATE process_steps SET started_at = :began, finished_at = :ended WHERE process_id = :id",
            began="2026-11-23 12:00:00.000000", ended=f"2026-11-23 12:00:0{seconds}.000000", id=process_id,
        )  # fmt: skip
    execute(database, "UPDATE process_steps SET outcome = 'retry' WHERE process_id = :id AND step = 'b'", id=fourth)

    with database.read() as connection:
        found = {step: queries.durations(connection, "three", 1, step, most=2) for step in ("a", "b")}
        every = queries.durations(connection, "three", 1, "a", most=9)

    assert found == {"a": seconds_of(4, 3), "b": seconds_of(3, 2)}
    assert every == seconds_of(4, 3, 2)


def seconds_of(*lengths: int) -> list[timedelta]:
    return [timedelta(seconds=length) for length in lengths]
