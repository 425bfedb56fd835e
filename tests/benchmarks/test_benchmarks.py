import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks import floor, workload
from benchmarks.__main__ import Sizes, measure
from benchmarks.figures import Figure, held_against, table, write
from process_manager.database import Database

pytestmark = pytest.mark.slow

TINY = Sizes(processes=20, starts=20, rounds=1, samples=5, memory=20, idle_seconds=0.1, one=2, many=20)


def written(folder: Path, *acts: Callable[[Database], object]) -> dict[str, list[dict[str, object]]]:
    """Every row of processes and history after these acts, a moment or a worker shown only as being there."""
    database = workload.make_database(folder)
    for act in acts:
        act(database)
    with closing(sqlite3.connect(workload.path_of(database))) as connection:
        connection.row_factory = sqlite3.Row
        found = {name: rows(connection, name) for name in ("processes", "process_steps")}
    workload.remove(database)
    return found


def rows(connection: sqlite3.Connection, name: str) -> list[dict[str, object]]:
    return [
        {column: present(column, row[column]) for column in row.keys()}  # noqa: SIM118 - a Row iterates its values
        for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")  # noqa: S608 - a name of ours
    ]


def present(column: str, value: object) -> object:
    is_fleeting = column.endswith("_at") or column == "worker"
    return "…" if is_fleeting and value is not None else value


@pytest.mark.parametrize("count", [7, 130])
def test_the_floor_writes_the_rows_that_the_engine_writes(tmp_path: Path, count: int) -> None:
    def enqueue(database: Database) -> None:
        workload.enqueue(database, count)

    engine = written(tmp_path, enqueue, lambda database: workload.drain(database, count))
    by_hand = written(tmp_path, enqueue, lambda database: floor.drain(workload.path_of(database)))

    assert by_hand == engine
    assert len(engine["process_steps"]) == 4 * count


def test_the_floor_starts_the_processes_that_the_engine_starts(tmp_path: Path) -> None:
    engine = written(tmp_path, lambda database: workload.enqueue(database, 12))
    by_hand = written(tmp_path, lambda database: floor.enqueue(workload.path_of(database), 12))

    assert by_hand == engine
    assert len(engine["processes"]) == 12


def test_a_drain_that_leaves_a_process_behind_is_no_measurement(tmp_path: Path) -> None:
    database = workload.make_database(tmp_path)
    workload.enqueue(database, 2)

    with pytest.raises(RuntimeError, match="of 3 processes"):
        workload.drain(database, 3)
    workload.remove(database)


def test_every_figure_is_measured(tmp_path: Path) -> None:
    figures = list(measure(tmp_path, TINY))

    assert [each.figure for each in figures] == [
        "sqlite_steps_per_second",
        "sqlite_enqueue_per_second",
        "sqlite_latency_ms",
        "sqlite_latency_p99_ms",
        "worker_memory_mb",
        "worker_memory_growth_mb",
        "idle_cpu_percent",
        "statements_per_step_one",
        "statements_per_step_many",
        "commits_per_step_one",
        "commits_per_step_many",
    ]
    assert list(tmp_path.iterdir()) == []


def test_figures_are_kept_as_a_list_and_shown_as_a_table(tmp_path: Path) -> None:
    figures = [held_against("wait_ms", 3, "ms", 12), Figure("rate", 20500.0, "steps/s", "nothing")]

    write(figures, tmp_path / "kept.json")

    assert json.loads((tmp_path / "kept.json").read_text("utf-8")) == [
        {"figure": "wait_ms", "value": 3, "unit": "ms", "against": "at most 12 ms", "ratio": 0.25},
        {"figure": "rate", "value": 20500.0, "unit": "steps/s", "against": "nothing", "ratio": None},
    ]
    assert table(figures).splitlines() == [
        "figure    value  unit     ratio  against",
        "wait_ms   3.000  ms        0.25  at most 12 ms",
        "rate     20,500  steps/s         nothing",
    ]
