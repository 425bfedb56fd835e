from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from backends import serving

from benchmarks import workload
from benchmarks.peers import pgfloor, places
from benchmarks.peers.places import Cluster
from process_manager.database import Database
from process_manager.store.tables import process_steps, processes


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with serving("postgresql_18") as server:
        yield Cluster(server)


def written(cluster: Cluster, count: int, drain: Callable[[Database], object]) -> dict[str, list[dict[str, object]]]:
    """Every row of processes and history after so many were drained, a moment or a worker shown only as being there."""
    with places.laid_out(cluster) as database:
        workload.enqueue(database, count)
        drain(database)
        with database.read() as connection:
            return {table.name: list(rows(connection, table)) for table in (processes, process_steps)}


def rows(connection: sa.Connection, table: sa.Table) -> Iterator[dict[str, object]]:
    for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings():
        yield {name: present(name, value) for name, value in row.items()}


def present(column: str, value: object) -> object:
    is_fleeting = column.endswith("_at") or column == "worker"
    return "…" if is_fleeting and value is not None else value


@pytest.mark.parametrize("count", [7, 130])
def test_the_floor_on_postgresql_writes_the_rows_that_the_engine_writes(cluster: Cluster, count: int) -> None:
    engine = written(cluster, count, lambda database: workload.drain(database, count))
    by_hand = written(cluster, count, lambda database: pgfloor.drain(places.url_of(database)))

    assert by_hand == engine
    assert len(engine["process_steps"]) == 4 * count
