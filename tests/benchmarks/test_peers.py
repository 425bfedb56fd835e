import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import ANY
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from backends import serving

from benchmarks import workload
from benchmarks.figures import Figure, write
from benchmarks.peers import neighbours, pgfloor, places
from benchmarks.peers.__main__ import PARTS, Site, Sizes, keep
from benchmarks.peers.places import Cluster, Files
from benchmarks.peers.rates import Amounts
from benchmarks.peers.rows import Bound, Row
from process_manager.database import Database
from process_manager.store.tables import process_steps, processes

pytestmark = pytest.mark.slow


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


NOBODY = Path("nowhere")
TINY = Sizes(
    amounts=Amounts(many=20, ten=10, one=2, slow=50, peer=2, rounds=1),
    samples=2,
    samples_of_peers=2,
    idle_seconds=0.1,
    backlog=100,
    lane=20,
    claims=2,
    starts=20,
    crowd=20,
    one=10,
    many=500,
    settle=0.1,
    soon=1.5,
)
BOTH = ("postgresql", "sqlite")


@pytest.fixture
def site(cluster: Cluster, tmp_path: Path) -> Site:
    return Site(cluster, Files(tmp_path), neighbours.peers(NOBODY), TINY)


def measured(site: Site, *parts: str) -> dict[str, Row]:
    return {row.figure.figure: row for part in parts for row in PARTS[part](site)}


def test_without_the_peers_ours_is_measured_and_their_rows_say_what_to_install(site: Site) -> None:
    rows = measured(site, "rates")

    assert list(rows) == [
        "postgresql_vs_dbos",
        "postgresql_vs_procrastinate",
        "postgresql_vs_floor",
        "postgresql_ten_vs_dbos",
        "postgresql_one_vs_dbos",
        "postgresql_one_vs_worker",
        "postgresql_one_vs_procrastinate",
        "sqlite_vs_dbos",
        "sqlite_vs_floor",
        "postgresql_20_ms_of_ideal",
    ]
    assert rows["postgresql_vs_dbos"].figure == Figure(
        "postgresql_vs_dbos", ANY, "steps/s", "DBOS is not installed: `make bench-peers` installs it", None
    )
    assert [name for name, row in rows.items() if row.figure.ratio is None] == [
        name for name in rows if name.endswith(("_dbos", "_procrastinate"))
    ]
    assert all(row.figure.value > 0 for row in rows.values())


def test_claims_starts_idling_and_waking_are_measured_on_both_databases(site: Site) -> None:
    rows = measured(site, "claims", "starts", "idling", "waking")

    assert set(rows) == {
        *(f"{place}_claim_{kind}_ms" for place in BOTH for kind in ("finished", "not_deployed", "lane")),
        *(f"{place}_dedup_starts_per_second" for place in BOTH),
        *(f"{place}_idle_{what}" for place in BOTH for what in ("cpu_percent", "memory_mb")),
        "postgresql_wake_p50_ms",
        "postgresql_wake_p99_ms",
        "postgresql_wake_late",
        "sqlite_wake_p50_ms",
    }


def test_no_step_runs_twice_when_several_workers_share_a_postgresql(site: Site) -> None:
    rows = measured(site, "crowd")

    assert list(rows) == ["postgresql_2_workers", "postgresql_4_workers", "postgresql_double_claims"]
    assert rows["postgresql_double_claims"].figure.value == 0


def test_a_step_costs_no_more_statements_commits_calls_bytes_and_fsyncs_than_it_may(site: Site) -> None:
    rows = measured(site, "counts")

    counted = ("statements_per_step_one", "statements_per_step_many", "commits_per_step_one",
               "python_calls_per_step_one", "python_calls_per_step_many", "python_calls_per_step_direct")  # fmt: skip
    assert set(rows) == {
        *(f"{place}_{what}" for place in BOTH for what in counted),
        "postgresql_wal_bytes_per_step",
        "sqlite_fsyncs_per_step_one",
    }
    assert [row.figure for row in rows.values() if row.verdict() == "missed"] == []
    by_strace = rows["sqlite_fsyncs_per_step_one"].figure.against
    if by_strace.startswith("not measured"):
        is_failure = os.environ.get("CI") == "true" and shutil.which("strace") is None  # it may not trace everywhere
        (pytest.fail if is_failure else pytest.skip)(by_strace)


def test_a_row_says_how_good_it_is_by_the_worst_of_its_bounds() -> None:
    bounds = (Bound("ratio", "at most", 1.3, 1.1), Bound("value", "at most", 2, 2))

    def verdict(value: float, ratio: float | None) -> str:
        return Row(Figure("claim_ms", value, "ms", "", ratio), bounds).verdict()

    assert [verdict(1, 1.05), verdict(1, 1.2), verdict(3, 1.05), verdict(1, 1.4)] == ["aim", "must", "missed", "missed"]
    assert verdict(1, None) == "aim"
    assert Row(Figure("claim_ms", 1, "ms", "")).verdict() == ""


def test_figures_are_kept_beside_those_of_other_runs_and_each_has_a_chart(tmp_path: Path) -> None:
    write([Figure("old", 1, "ms", "nothing"), Figure("rate", 1, "steps/s", "nothing")], tmp_path / "latest.json")
    rate = Row(Figure("rate", 400, "steps/s", "DBOS", 4.0), (), {"process-manager": 400, "<DBOS>": 100})

    keep([rate, Row(Figure("late", 0, "processes", "of 10"))], tmp_path)

    kept = json.loads((tmp_path / "latest.json").read_text("utf-8"))
    assert [(each["figure"], each["value"]) for each in kept] == [("old", 1), ("rate", 400), ("late", 0)]
    assert [path.name for path in (tmp_path / "charts").iterdir()] == ["rate.svg"]
    drawn = ElementTree.fromstring((tmp_path / "charts/rate.svg").read_text("utf-8"))  # noqa: S314 - our own
    assert [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")] == [
        "rate (steps/s)",
        "process-manager",
        "400",
        "<DBOS>",
        "100",
    ]
    widths = [float(each.attrib["width"]) for each in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths == [450.0, 112.5]


def test_the_peers_are_the_versions_that_the_makefile_installs() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text("utf-8")

    for peer in neighbours.peers():
        assert f"{peer.name.lower()}=={peer.version} " in makefile
        assert peer.folder.parts[-2:] == (".peers", peer.name.lower())
