"""The judge of the proofs sees what it is there to see: every flaw that is made on purpose is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rig import execute, work

from process_manager.operations import Start
from proofs import cases, places
from proofs.judging import Verdict, judge
from proofs.laned import Run, overlaps
from proofs.places import Place

STEPS = ("a", "b", "c")


@pytest.fixture
def worked() -> Iterator[Place]:
    """Two processes that went well."""
    with places.place("sqlite", None) as place:
        given = cases.payload(place.effects, pause=0)
        place.enqueue([Start(cases.Steady, given), Start(cases.Steady, given)])
        work(place.database, cases.Steady)
        yield place


def test_what_went_well_has_no_flaw(worked: Place) -> None:
    assert judge(worked, STEPS, repeats=0) == Verdict()


@pytest.mark.parametrize(
    ("flaw", "lost", "doubled", "faults"),
    [
        pytest.param(
            "UPDATE process_steps SET outcome = 'skip' WHERE process_id = 1 AND seq = 2", 1, 0, [], id="not recorded"
        ),
        pytest.param(
            "UPDATE process_steps SET step = 'a' WHERE process_id = 1 AND seq = 2", 1, 1, [], id="recorded twice"
        ),
        pytest.param(
            "UPDATE process_steps SET seq = 9 WHERE process_id = 1 AND seq = 2",
            0,
            0,
            ["the history of 1 processes has gaps"],
            id="a gap",
        ),
        pytest.param(
            "UPDATE processes SET status = 'abandoned', step = 'c' WHERE id = 1",
            0,
            0,
            ["processes ended otherwise: {'abandoned': 1, 'succeeded': 1}"],
            id="ended otherwise",
        ),
    ],
)
def test_a_flaw_of_the_tables_is_found(worked: Place, flaw: str, lost: int, doubled: int, faults: list[str]) -> None:
    execute(worked.database, flaw)

    assert judge(worked, STEPS, repeats=0) == Verdict(lost=lost, doubled=doubled, faults=faults)


def lines(place: Place) -> tuple[Path, list[str]]:
    (file,) = place.effects.glob("*.jsonl")
    return file, file.read_text("utf-8").splitlines()


def test_a_step_that_is_recorded_and_was_not_done_is_found(worked: Place) -> None:
    file, noted = lines(worked)
    file.write_text("\n".join(noted[1:]), "utf-8")

    assert judge(worked, STEPS, repeats=0) == Verdict(lost=1, faults=["1 steps are recorded as done and were not done"])


def test_an_effect_that_is_had_twice_is_counted_and_needs_its_key(worked: Place) -> None:
    file, noted = lines(worked)
    again = json.loads(noted[0])
    again[3] = "another key"

    file.write_text("\n".join([*noted, noted[0]]), "utf-8")
    assert judge(worked, STEPS, repeats=1) == Verdict(repeated=1)
    assert judge(worked, STEPS, repeats=0).faults == ["1 effects repeated, at most 0 may be"]

    file.write_text("\n".join([*noted, json.dumps(again)]), "utf-8")
    assert judge(worked, STEPS, repeats=1).faults == ["1 effects were repeated with another idempotency key"]


def test_two_runs_of_a_lane_at_once_are_found() -> None:
    one_after_the_other = [Run(2, 3, 9), Run(0, 1, 7), Run(1, 2, 8)]

    assert overlaps(one_after_the_other) == []
    assert overlaps([*one_after_the_other, Run(0.5, 0.6, 10)]) == [(Run(0, 1, 7), Run(0.5, 0.6, 10))]
