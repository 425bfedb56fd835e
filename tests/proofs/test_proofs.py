"""The proofs in short: what `make proofs` shows at length."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backends import SQL_SERVER

from benchmarks.hosting import Server
from proofs import places, rows
from proofs.rows import Row
from proofs.scenarios import DEFAULT, SCENARIOS

pytestmark = pytest.mark.crash

OWN = ["mssql"] if os.environ.get(SQL_SERVER) else []
KILLS = {"sigkill": 12, "server-restarts": 3, "swallowed-commits": 20, "silent-connection": 1}


@pytest.fixture(scope="module")
def behind() -> Iterator[Callable[[str], Server | None]]:
    """The server of a kind of database, started when it is first asked for."""
    with contextlib.ExitStack() as stack:
        started: dict[str, Server | None] = {}

        def server(name: str) -> Server | None:
            if name not in started:
                started[name] = stack.enter_context(places.server(name, durable=False))
            return started[name]

        yield server


def cells() -> list[object]:
    """Every proof on every database that it concerns."""
    return [
        pytest.param(name, database, id=f"{name}-{database}", marks=skipped(scenario.missing(database)))
        for name, scenario in SCENARIOS.items()
        if name in DEFAULT
        for database in [
            *scenario.databases,
            *(["mssql"] if os.environ.get(SQL_SERVER) and scenario.suits_lent else []),
        ]
    ]


def skipped(missing: str | None) -> pytest.MarkDecorator:
    return pytest.mark.skipif(missing is not None, reason=missing or "")


@pytest.mark.parametrize(("name", "database"), cells())
def test_nothing_is_lost_or_doubled(
    name: str, database: str, behind: Callable[[str], Server | None], request: pytest.FixtureRequest
) -> None:
    scenario = SCENARIOS[name]
    server = request.getfixturevalue("emptied") if database == "mssql" else behind(database)

    with places.place(database, server) as place:
        row = scenario.prove(place, scenario.short)

    assert row.counted() == {
        "figure": row.figure,
        "database": database,
        "processes": row.processes,
        "kills": KILLS.get(name, row.kills),
        "lost": 0,
        "doubled": 0,
        "faults": (),
    }


def row(figure: str, database: str, **changes: object) -> Row:
    plain = {"processes": 1, "kills": 2, "lost": 0, "doubled": 0, "seconds": 3.0}
    return Row(figure, database, **{**plain, **changes})


def test_a_row_takes_the_place_of_an_earlier_one_of_its_figure_and_database(tmp_path: Path) -> None:
    file = tmp_path / "crash.json"

    rows.keep([row("drain", "sqlite"), row("drain", "postgresql")], file)
    rows.keep([row("drain", "sqlite", lost=4, more={"rounds": 5})], file)

    assert json.loads(file.read_text("utf-8")) == [
        {**kept("sqlite"), "lost": 4, "rounds": 5},
        kept("postgresql"),
    ]


def kept(database: str) -> dict[str, object]:
    return {
        "figure": "drain",
        "database": database,
        "processes": 1,
        "kills": 2,
        "lost": 0,
        "doubled": 0,
        "faults": [],
        "seconds": 3.0,
    }


@pytest.mark.parametrize("flaw", [{"lost": 1}, {"doubled": 1}, {"faults": ("a worker ended",)}])
def test_a_proof_does_not_hold_with_a_single_flaw(flaw: dict[str, object]) -> None:
    assert row("drain", "sqlite").holds
    assert not row("drain", "sqlite", **flaw).holds
