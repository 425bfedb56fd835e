"""All that the page of one process shows, in at most twelve statements however long its history is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from process_manager import files, serialization
from process_manager.definition.registry import Registry
from process_manager.inspection import masking, step_line
from process_manager.inspection.masking import Shield
from process_manager.inspection.payload_changes import Details, payload_changes
from process_manager.inspection.people import PersonAct, people, reruns
from process_manager.inspection.process_files import ProcessFile, files_shown
from process_manager.inspection.processes import Overview, overviews, require
from process_manager.inspection.rounds import Round, rounds
from process_manager.inspection.sentence import Sentence, sentence
from process_manager.inspection.step_history import History, with_events, with_evidence
from process_manager.inspection.step_line import StepLine
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.unreadable import Row
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.claim import parent_of
from process_manager.lifecycle.status import Status
from process_manager.store import one_process
from process_manager.store.filters import ERRORS

MOST_RUNS: Final = 200
MOST_SAID: Final = 200
MOST_ACTS: Final = 50
MOST_RELATED: Final = 10


@dataclass(frozen=True, slots=True)
class Relative:
    """A process that has to do with another, and how: parent, child, rerun of, rerun as, ahead or behind."""

    how: str
    id: int
    name: str
    reference: str | None
    status: str


@dataclass(frozen=True, slots=True)
class ProcessPage:
    """A process with all that its page shows.

    Attributes:
        process: Where it stands.
        sentence: The same in a sentence.
        steps: Its steps in order.
        knows_steps: Whether they are those of its class, and not those that were seen.
        told: Its newest history rows, the oldest first.
        is_cut: Whether there are older ones.
        rounds: What ran, the newest round first.
        error: The run that failed last; None once it went well after that.
        details: Its payload, and which step changed what.
        people: What people did, the newest first.
        relatives: Other processes that have to do with it.
        files: The files that it was started with.
        is_masked: Whether anything of it is masked.
        said_until: The place of the newest thing that a step said, after which the log goes on.
        passed: How often others have passed its step since it failed there; None where it did not.
    """

    process: Overview
    sentence: Sentence
    steps: tuple[StepLine, ...]
    knows_steps: bool
    told: tuple[History, ...]
    is_cut: bool
    rounds: tuple[Round, ...]
    error: History | None
    details: Details
    people: tuple[PersonAct, ...]
    relatives: tuple[Relative, ...]
    files: tuple[ProcessFile, ...]
    is_masked: bool
    said_until: tuple[int, int] = (0, 0)
    passed: int | None = None


def process_page(
    connection: sa.Connection,
    process_id: int,
    *,
    around: Surroundings,
    registry: Registry,
    viewer: Viewer = CONSOLE,
) -> ProcessPage:
    """Return all that the page of a process shows.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        around: What surrounds it, from `look_around`.
        registry: The classes that are known here: they know its steps.
        viewer: Who asks.

    Returns:
        The process, its history and its relatives, of each the newest.

    Raises:
        UnknownId: There is no such process.
    """
    row = require(connection, process_id, viewer)
    chained = one_process.acts_on(connection, process_id, most=MOST_ACTS)
    related = _related(connection, row, how := _rerun(row, chained), viewer)
    shields = masking.shields(connection, [row, *related], viewer)
    (process,) = overviews(connection, [row], shields, viewer)
    shield = shields.get(process_id)
    recorded = one_process.newest_history(connection, process_id, most=MOST_RUNS)
    said = one_process.newest_evidence(connection, process_id, most=MOST_SAID)
    told = with_events(connection, with_evidence(row, recorded[::-1], said[::-1], shield), shield)
    names = step_line.names_of(process, registry)
    return ProcessPage(
        process=process,
        sentence=sentence(process, around, names),
        steps=step_line.step_line(process, told, registry),
        knows_steps=bool(names),
        told=tuple(told),
        is_cut=bool(told) and told[0].seq > 1,
        rounds=rounds(told),
        error=_error(process, told),
        details=payload_changes(_start(row, shield), told),
        people=people(told, chained, shield),
        relatives=_relatives(row, how, related, shields),
        files=tuple(files_shown(files.of_process(connection, process_id), shield)),
        is_masked=shield is not None,
        said_until=(said[0]["seq"], said[0]["number"]) if said else (0, 0),
        passed=_passed(connection, process, recorded),
    )


def _passed(connection: sa.Connection, process: Overview, recorded: Sequence[sa.RowMapping]) -> int | None:
    since = process.updated_at
    if process.status != Status.FAILED or process.step is None or since is None or not recorded:
        return None
    newest_id = recorded[0]["newest_id"]
    return one_process.passed(connection, process.name, process.step, since=since, newest_id=newest_id)


def earlier_history(
    connection: sa.Connection, process_id: int, *, below: int | None, limit: int, viewer: Viewer = CONSOLE
) -> list[History]:
    """Return history rows of a process before one of them, the newest first.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        below: The seq of that row; None for the newest rows.
        limit: How many, at most.
        viewer: Who asks.

    Returns:
        The rows, without what their steps said while they ran.

    Raises:
        UnknownId: There is no such process.
    """
    row = {**require(connection, process_id, viewer), "status": ""}  # what runs now is not among them
    shield = masking.shields(connection, [row], viewer).get(process_id)
    found = one_process.newest_history(connection, process_id, most=limit, below=below)
    return with_events(connection, with_evidence(row, found, (), shield), shield)


def _start(row: Row, shield: Shield | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = serialization.loads(row["parameters"] or "{}")
    return found if shield is None else shield.payload(found, 0)


def _error(process: Overview, told: Sequence[History]) -> History | None:
    """Return the newest run where that failed; a person's act after it takes nothing from it while it stands still."""
    if process.status == Status.SUCCEEDED:
        return None
    newest = next((each for each in reversed(told) if each.by is None and each.outcome != "started"), None)
    return newest if newest is not None and newest.outcome in ERRORS else None


def _rerun(row: Row, chained: Sequence[sa.RowMapping]) -> dict[int, str]:
    """Return the processes that repeat this one, the one that it repeats, and the one that started it."""
    found = dict.fromkeys(reruns(chained), "rerun as") | ({row["rerun_of"]: "rerun of"} if row["rerun_of"] else {})
    parent = parent_of(row.get("dedup_hash"))
    return found if parent is None else found | {parent: "parent"}


def _related(connection: sa.Connection, row: Row, how: Collection[int], viewer: Viewer) -> Sequence[sa.RowMapping]:
    """Return the rows of those, of its first children, and of the others in its lane while it is open."""
    lane = row["order_key"] if row["finished_at"] is None else None
    of = one_process.Related(row["id"], how, lane)
    return one_process.relatives(connection, of, most=MOST_RELATED, kinds=viewer.kinds)


def _relatives(
    row: Row, how: Mapping[int, str], related: Sequence[sa.RowMapping], shields: Mapping[int, Shield]
) -> tuple[Relative, ...]:
    named = [_relative(each, how[each["id"]], shields) for each in related if each["what"] == "named"]
    lane = [each for each in related if each["what"] == "lane" and each["id"] != row["id"]]
    named += [_relative(each, "child", shields) for each in related if each["what"] == "child"]
    mine = _place(row)
    lane.sort(key=_place)
    return (*named, *(_relative(each, "ahead" if _place(each) < mine else "behind", shields) for each in lane))


def _place(row: Row) -> tuple[bool, str, int]:
    """Return where an open process stands in its lane: what does not rest in it is ahead of all that does."""
    return row["waiting_for"] == "lane", row["order_position"] or "", row["id"]


def _relative(row: sa.RowMapping, how: str, masked: Mapping[int, Shield]) -> Relative:
    shield = masked.get(row["id"])
    reference = row["reference"] if shield is None else shield.key("reference", row["reference"])
    return Relative(how, row["id"], row["name"], reference, row["status"])
