"""A worker is killed at every point where the dispatch is about to change something; the next worker goes on."""

import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from office import Office

pytestmark = pytest.mark.crash

CHILD = Path(__file__).parents[2] / "support" / "scripts" / "crash_dispatch.py"
LEASE = 1.0

CLAIM = [
    "ledger UPDATE 1", "ledger COMMIT 1",  # rows of ended processes are taken over
    "ledger INSERT 1", "ledger COMMIT 2",  # noted
    "VejmanFakturering UPDATE 1", "VejmanFaktureringLog INSERT 1", "VejmanFaktureringLog COMMIT 1",  # claimed
    "ledger UPDATE 2", "ledger COMMIT 3",  # known to be claimed
    "process_steps INSERT 1", "process_steps COMMIT 1",
]  # fmt: skip
PUSH = [
    "Queues INSERT 1", "Queues COMMIT 1",
    "VejmanFakturering UPDATE 2", "VejmanFaktureringLog INSERT 2", "VejmanFaktureringLog COMMIT 2",
    "ledger UPDATE 3", "ledger COMMIT 4",
    "process_steps INSERT 2", "process_steps COMMIT 2",
]  # fmt: skip
FINALISE = [
    "Queues DELETE 1", "Queues COMMIT 2",  # what a caseworker undid after the push
    "ledger UPDATE 4", "ledger UPDATE 5", "ledger COMMIT 5",
    "process_steps INSERT 3", "process_steps COMMIT 3",
]  # fmt: skip


def furnish(furnished: Path, folder: Path) -> Office:
    """Three sent rows, the second of which a caseworker undoes as soon as it is queued, a new one, and a dispatch."""
    shutil.copytree(furnished, folder)
    office = Office(folder)
    office.add([(11, "Æ-1", "Afsendt"), (None, "Ø-2", "Afsendt"), (13, "Å-3", "Afsendt"), (14, "26-4", "Ny")])
    office.change(
        "CREATE TRIGGER caseworker AFTER UPDATE ON VejmanFakturering"
        " WHEN NEW.ID = 2 AND NEW.FakturaStatus = 'TilFakturering'"
        " BEGIN UPDATE VejmanFakturering SET FakturaStatus = 'Ny' WHERE ID = 2; END"
    )
    office.start()
    return office


def crash(furnished: Path, folder: Path, point: str) -> tuple[object, ...]:
    """How a worker ended that was killed at this point, and what is there after the next one."""
    office = furnish(furnished, folder)
    killed, _out = office.python(str(CHILD), point)
    time.sleep(LEASE + 0.1)  # the dead worker's lease runs out by the host's clock
    again, _out = office.python("-m", "process_manager", "work")
    [(status, _message)] = office.processes()
    return killed, again, status, office.statuses(), office.elements(), office.audit(), set(office.ledger())


WHOLE = (
    -9,
    0,
    "succeeded",
    {1: "TilFakturering", 2: "Ny", 3: "TilFakturering", 4: "Ny"},
    [
        ("1", {"ID": 1, "VejmanID": 11, "Tilladelsesnr": "Æ-1"}, "NEW"),
        ("3", {"ID": 3, "VejmanID": 13, "Tilladelsesnr": "Å-3"}, "NEW"),
    ],
    [(row, *change) for row in (1, 2, 3) for change in (("Afsendt", "Claimed"), ("Claimed", "TilFakturering"))],
)


def test_the_points_are_those_that_an_undisturbed_run_passes(furnished: Path, tmp_path: Path) -> None:
    office = furnish(furnished, tmp_path / "office")

    _code, recorded = office.python(str(CHILD), "record")

    assert recorded.splitlines() == [*CLAIM, *PUSH, *FINALISE]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("points", [CLAIM, PUSH, FINALISE], ids=["claim", "push", "finalise"])
def test_d4_killed_before_in_and_after_a_step_nothing_is_lost_doubled_or_left_claimed(
    furnished: Path, tmp_path: Path, points: list[str]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(lambda point: crash(furnished, tmp_path / point.replace(" ", "-"), point), points))

    assert {point: end[:-1] for point, end in zip(points, ends, strict=True)} == dict.fromkeys(points, WHOLE)
    assert {state for end in ends for state in end[-1]} <= {"done", "withdrawn", "let_go"}  # type: ignore[attr-defined]
