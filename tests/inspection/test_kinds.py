"""Who may see some kinds of processes is answered as if there were no others, whatever is asked."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from event_acts import no_event
from freezegun import freeze_time
from rig import NOON, execute
from two_kinds import REGISTRY, Place, Secret

from process_manager import inspection
from process_manager.database import Database
from process_manager.definition import command
from process_manager.errors import NotFound, UnknownId
from process_manager.gates import quiet
from process_manager.gates.gate import Gates
from process_manager.inspection import FIRST, Filter, TaskFilter, Viewer
from process_manager.inspection.command_page import Here
from process_manager.inspection.report_period import ReportDays

pytestmark = pytest.mark.every_database

SEES = Viewer(kinds=frozenset({"ours", "ours-run"}))
NOTHING = Viewer(kinds=frozenset())
LATER = NOON + timedelta(hours=3)
WINDOW, OWN_WINDOW = quiet.parse("14:00-16:00", "UTC"), quiet.parse("14:00-17:00", "UTC")


@pytest.fixture(autouse=True)
def noon() -> Iterator[Any]:
    with freeze_time(NOON) as clock:
        yield clock


@pytest.fixture
def place(database: Database) -> Place:
    return Place(database)


Question = Callable[[sa.Connection, Place, Viewer], Any]


def living(connection: sa.Connection, viewer: Viewer) -> Any:
    return inspection.living(connection, now=NOON, within=timedelta(minutes=1), viewer=viewer)


def explained(connection: sa.Connection, place: Place, viewer: Viewer) -> Any:
    around = inspection.look_around(connection, Gates(), {}, now=NOON, viewer=viewer)
    return [inspection.explain(each, around) for each in inspection.page(connection, Filter(), limit=99, viewer=viewer)]


def looked(connection: sa.Connection, viewer: Viewer) -> inspection.Surroundings:
    return inspection.look_around(connection, Gates(), {}, now=NOON, viewer=viewer)


def paged(connection: sa.Connection, process_id: int, viewer: Viewer) -> Any:
    around = looked(connection, viewer)
    return inspection.process_page(connection, process_id, around=around, registry=REGISTRY, viewer=viewer)


def windows(connection: sa.Connection, place: Place, viewer: Viewer) -> Any:
    own = {("secret", 1): OWN_WINDOW}
    return inspection.coming_windows(connection, WINDOW, own, now=NOON, days=1, viewer=viewer)


TODAY = ReportDays(NOON.date(), NOON.date(), None)
HERE = Here((), WINDOW, {("secret", 1): OWN_WINDOW}, timedelta(minutes=1))


def there(question: Callable[..., Any], connection: sa.Connection, place: Place, viewer: Viewer) -> list[Any]:
    """What is answered of each process that is there."""
    found = []
    for each in place.ours + place.theirs:
        with suppress(UnknownId):
            found.append(question(connection, each, viewer=viewer))
    return found


def no_file(connection: sa.Connection, process_id: int, *, viewer: Viewer) -> None:
    with suppress(NotFound):
        inspection.stored_file(connection, process_id, "sheet", viewer=viewer)


def nothing_there(question: Callable[..., Any], connection: sa.Connection, viewer: Viewer) -> None:
    with suppress(NotFound):
        question(connection, 1, viewer=viewer)


def nothing_scheduled(connection: sa.Connection, viewer: Viewer) -> None:
    with suppress(NotFound):
        inspection.schedule(connection, "nightly", registry=REGISTRY, now=NOON, viewer=viewer)


ASKED: dict[str, Question] = {
    "attention": lambda c, place, viewer: inspection.attention(
        c, inspection.causes(c, viewer=viewer), around=looked(c, viewer), registry=REGISTRY, viewer=viewer
    ),
    "batch": lambda c, place, viewer: nothing_there(inspection.batch, c, viewer),
    "batch_items": lambda c, place, viewer: inspection.batch_items(c, 1, limit=9, viewer=viewer),
    "batches": lambda c, place, viewer: inspection.batches(c, limit=9, viewer=viewer),
    "causes": lambda c, place, viewer: inspection.causes(c, viewer=viewer),
    "children": lambda c, place, viewer: there(inspection.children, c, place, viewer),
    "coming_windows": windows,
    "schedule": lambda c, place, viewer: nothing_scheduled(c, viewer),
    "schedules": lambda c, place, viewer: inspection.schedules(c, registry=REGISTRY, now=NOON, viewer=viewer),
    "command_page": lambda c, place, viewer: inspection.command_page(
        c, command.known(REGISTRY).values(), around=looked(c, viewer), here=HERE, registry=REGISTRY, viewer=viewer
    ),
    "count": lambda c, place, viewer: inspection.count(c, Filter(), viewer=viewer),
    "counts": lambda c, place, viewer: inspection.counts(c, viewer=viewer),
    "event": lambda c, place, viewer: no_event(c, viewer),
    "events": lambda c, place, viewer: inspection.events(c, limit=9, viewer=viewer),
    "explain": explained,
    "found": lambda c, place, viewer: {"ids": inspection.found(c, str(place.theirs[0]), viewer=viewer)},
    "fleet_page": lambda c, place, viewer: inspection.fleet_page(
        c, around=looked(c, viewer), registry=REGISTRY, viewer=viewer
    ),
    "get": lambda c, place, viewer: there(inspection.get, c, place, viewer),
    "history": lambda c, place, viewer: there(inspection.history, c, place, viewer),
    "kinds_page": lambda c, place, viewer: inspection.kinds_page(
        c, around=looked(c, viewer), registry=REGISTRY, viewer=viewer
    ),
    "list_page": lambda c, place, viewer: inspection.list_page(
        c, Filter(), limit=99, around=looked(c, viewer), registry=REGISTRY, viewer=viewer
    ),
    "living": lambda c, place, viewer: living(c, viewer),
    "logs": lambda c, place, viewer: there(partial(inspection.logs, most=9), c, place, viewer),
    "look_around": lambda c, place, viewer: inspection.look_around(c, Gates(), {}, now=NOON, viewer=viewer),
    "matching": lambda c, place, viewer: {"ids": inspection.matching(c, Filter(), viewer=viewer)},
    "needs_a_person": lambda c, place, viewer: inspection.needs_a_person(c, most=9, viewer=viewer),
    "newest_moment": lambda c, place, viewer: inspection.newest_moment(c, viewer=viewer),
    "page": lambda c, place, viewer: inspection.page(c, Filter(), limit=99, viewer=viewer),
    "process_page": lambda c, place, viewer: there(paged, c, place, viewer),
    "process_files": lambda c, place, viewer: there(inspection.process_files, c, place, viewer),
    "report": lambda c, place, viewer: inspection.report(c, TODAY, registry=REGISTRY, viewer=viewer),
    "report_days": lambda c, place, viewer: inspection.report_days(c, TODAY, viewer=viewer),
    "report_durations": lambda c, place, viewer: inspection.report_durations(c, TODAY, viewer=viewer),
    "report_errors": lambda c, place, viewer: inspection.report_errors(c, TODAY, viewer=viewer),
    "report_steps": lambda c, place, viewer: inspection.report_steps(c, TODAY, registry=REGISTRY, viewer=viewer),
    "shared_limits": lambda c, place, viewer: inspection.shared_limits(c, viewer=viewer),
    "start_page": lambda c, place, viewer: inspection.start_page(c, Secret, viewer=viewer).recent,
    "statuses": lambda c, place, viewer: inspection.statuses(
        c, command.known(REGISTRY).values(), Gates(), now=NOON, viewer=viewer
    ),
    "stored_file": lambda c, place, viewer: there(no_file, c, place, viewer),
    "task": lambda c, place, viewer: nothing_there(inspection.task, c, viewer),
    "tasks": lambda c, place, viewer: inspection.tasks(c, TaskFilter(None), viewer=viewer).tasks,
    "count_tasks": lambda c, place, viewer: inspection.count_tasks(c, TaskFilter(None), viewer=viewer),
    "tasks_asked": lambda c, place, viewer: inspection.tasks_asked(c, [*place.ours, *place.theirs], viewer=viewer),
    "unknown_here": lambda c, place, viewer: inspection.unknown_here(c, [], (), now=NOON, viewer=viewer),
    "urgent_first": lambda c, place, viewer: inspection.urgent_first(c, Filter(), FIRST, limit=99, viewer=viewer),
    "versions": lambda c, place, viewer: inspection.versions(c, REGISTRY, living(c, viewer), viewer=viewer),
    "watched": lambda c, place, viewer: there(
        lambda it, each, **who: inspection.watched(it, [each], **who), c, place, viewer
    ),
}
"""Every question, asked of all that there is."""

TELLS_NO_KIND = {
    "batch", "batch_items", "batches", "causes", "count_tasks", "event", "events", "needs_a_person", "newest_moment",
    "report_errors", "schedule", "schedules", "shared_limits", "stored_file", "task", "tasks", "tasks_asked",
}  # fmt: skip
"""A moment or a number alone, or nothing here: a test of its own looks at each."""


def test_every_question_is_asked_here() -> None:
    functions = {name for name in inspection.__all__ if inspect.isfunction(getattr(inspection, name))}

    assert {name for name in functions if "connection" in parameters(name)} | {"explain"} == set(ASKED)


def parameters(name: str) -> list[str]:
    return list(inspect.signature(getattr(inspection, name)).parameters)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_question_tells_nothing_of_a_kind_that_is_not_seen(place: Place, name: str) -> None:
    with place.database.read() as connection:
        seen = repr(ASKED[name](connection, place, SEES))
        everything = repr(ASKED[name](connection, place, inspection.CONSOLE))

    assert "secret" not in seen
    assert ids_in(seen).isdisjoint(place.theirs)
    assert name in TELLS_NO_KIND or seen != everything


def ids_in(text: str) -> set[int]:
    """The ids of processes that stand in a text."""
    listed = " ".join(re.findall(r"'ids': \[([^\]]*)\]", text))
    return {int(each) for each in re.findall(r"\b(?:id=|process )(\d+)", text) + re.findall(r"\d+", listed)}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ASKED))
def test_who_may_see_no_kind_is_told_of_none(place: Place, name: str) -> None:
    with place.database.read() as connection:
        seen = repr(ASKED[name](connection, place, NOTHING))

    assert "secret" not in seen
    assert "ours" not in seen


def test_what_is_not_seen_is_not_there(place: Place) -> None:
    theirs = place.theirs[0]

    for ask in (
        lambda: place.ask(inspection.get, theirs, viewer=SEES),
        lambda: place.ask(inspection.history, theirs, viewer=SEES),
        lambda: place.ask(inspection.watched, [place.ours[0], theirs], viewer=SEES),
        lambda: place.ask(inspection.get, 999, viewer=SEES),
    ):
        with pytest.raises(UnknownId, match=r"There is no process with id \d+ in this database"):
            ask()


def test_a_page_is_full_and_the_next_goes_on_where_it_ended(place: Place) -> None:
    first = [each.id for each in place.ask(inspection.page, Filter(), limit=2, viewer=SEES)]
    second = [each.id for each in place.ask(inspection.page, Filter(below=first[-1]), limit=4, viewer=SEES)]

    assert first + second == sorted(place.ours, reverse=True)


def test_a_filter_for_what_is_not_seen_finds_nothing(place: Place) -> None:
    for which in (Filter(name="secret"), Filter(reference="secret-1"), Filter(ids=tuple(place.theirs))):
        assert place.ask(inspection.page, which, limit=9, viewer=SEES) == []
        assert place.ask(inspection.matching, which, viewer=SEES) == []
        assert place.ask(inspection.count, which, viewer=SEES) == 0


@pytest.mark.parametrize(
    "which",
    [Filter(), Filter(status=("pending", "waiting")), Filter(status=("succeeded",)), Filter(error="it failed")],
    ids=["all", "moving", "ended", "error"],
)
def test_counts_lists_and_ids_agree_on_what_is_seen(place: Place, which: Filter) -> None:
    ids = place.ask(inspection.matching, which, viewer=SEES)
    paged = [each.id for each in place.ask(inspection.page, which, limit=99, viewer=SEES)]

    assert ids == sorted(paged)
    assert ids
    assert set(ids) <= set(place.ours)
    assert place.ask(inspection.count, which, viewer=SEES) == len(ids)


def test_counts_are_those_of_the_kinds_that_are_seen(place: Place) -> None:
    assert place.ask(inspection.counts, viewer=SEES) == {
        ("ours", 1): {"succeeded": 1, "waiting": 4},
        ("ours-run", 1): {"waiting": 1},
    }


def test_a_window_holds_as_many_as_are_seen(place: Place) -> None:
    (window,) = place.ask(lambda connection: windows(connection, place, SEES))

    assert (window.of, window.held) == ("engine", 2)


def test_whoever_is_ahead_in_a_lane_is_named_only_where_it_is_seen(place: Place) -> None:
    waiting = place.ask(inspection.get, place.ours[2], viewer=SEES)

    assert waiting.waiting_for == "another process, ahead of it in lane 'lane'"
    assert place.ask(inspection.get, place.ours[2]).waiting_for == (
        f"process {place.theirs[2]}, ahead of it in lane 'lane'"
    )


def test_the_newest_moment_is_that_of_what_is_seen(place: Place, noon: Any) -> None:
    noon.tick(timedelta(minutes=5))
    place.start(Secret)

    assert place.ask(inspection.newest_moment, viewer=SEES) == NOON
    assert place.ask(inspection.newest_moment) == NOON + timedelta(minutes=5)
    assert place.ask(inspection.newest_moment, viewer=NOTHING) is None


def test_a_worker_is_shown_with_what_it_knows_of_what_is_seen(place: Place) -> None:
    (worker,) = place.ask(lambda connection: living(connection, SEES))

    assert (worker.name, worker.knows) == ("both", (("ours", 1, ("a",)),))


@pytest.mark.sqlite_only
def test_a_row_that_cannot_be_read_is_not_there_either(place: Place) -> None:
    execute(place.database, "UPDATE processes SET created_at = 'nonsense' WHERE name = 'secret'")

    with pytest.raises(UnknownId):
        place.ask(inspection.get, place.theirs[0], viewer=SEES)
    found = place.ask(inspection.page, Filter(), limit=99, viewer=SEES)

    assert [each.id for each in found] == sorted(place.ours, reverse=True)
