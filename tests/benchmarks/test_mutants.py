"""The faults that `make mutants` makes: each is one change that Python accepts, and they are the same every time."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.mutants.__main__ import EACH, ROOMS, mutations_of
from benchmarks.mutants.mutations import Mutation, choose, find
from benchmarks.mutants.trials import TOP

SOURCE = '''\
"""A module."""

LIMIT = 1 + 1  # data of a module is no behaviour


def due(at: int, now: int = 0) -> bool:
    """Return whether it is due."""
    if not at:
        raise ValueError("it is not " + "there")
    log.info("asked", at=at, known=True)
    note(at)
    return at <= now and at is not None
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "rules.py"
    made.write_text(SOURCE, "utf-8")
    return made


def test_each_change_of_behaviour_is_a_fault_and_no_message_log_event_or_data_is(file: Path) -> None:
    found = [(each.kind, each.before, each.after) for each in find(file.parent, file)]

    assert found == [
        ("not", "not at", "(at)"),
        ("call", "note(at)", "pass"),
        ("return", "return at <= now and at is not None", "return None"),
        ("logic", "at <= now and at is not None", "(at <= now or at is not None)"),
        ("compare", "at <= now", "(at < now)"),
        ("compare", "at is not None", "(at is None)"),
    ]


def test_a_fault_changes_its_own_place_alone(file: Path) -> None:
    (fault,) = [each for each in find(file.parent, file) if each.before == "at <= now"]

    assert fault.applied(file.read_bytes()).decode() == SOURCE.replace("at <= now", "(at < now)")
    assert str(fault) == "rules.py:12 due: at <= now -> (at < now)"


def test_the_same_seed_chooses_the_same_faults_whatever_is_written_elsewhere_in_the_file(file: Path) -> None:
    first = chosen(file)
    file.write_text(SOURCE.replace("LIMIT = 1 + 1", "LIMIT = 2\n\n\ndef other() -> None:\n    due(1)"), "utf-8")

    assert first[0][1:] in [each[1:] for each in chosen(file, count=2)]


def chosen(file: Path, count: int = 1) -> list[tuple[str, ...]]:
    found = choose(file.parent, find(file.parent, file), count)
    return [(each.file, each.place, each.kind, each.before) for each in found]


@pytest.mark.parametrize("room", ROOMS)
def test_ten_faults_are_found_in_every_room_each_in_a_function_of_its_own(room: str) -> None:
    faults: list[Mutation] = choose(TOP, mutations_of(room), EACH)

    assert len({(each.file, each.place) for each in faults}) == EACH
    for fault in faults:
        source = (TOP / fault.file).read_bytes()
        assert ast.dump(ast.parse(fault.applied(source))) != ast.dump(ast.parse(source))
