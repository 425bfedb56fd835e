"""The page of a process: what is wrong, what ran when, who did what, and what has to do with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from invoices import EXPIRED, FRIDAY, REGISTRY, furnish

from process_manager import clock as engine_clock
from process_manager import inspection
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import Refused
from process_manager.gates.gate import Gates
from process_manager.governance import Policies, acting
from process_manager.governance.process_actions import Rerun, Restart
from process_manager.inspection import ProcessPage, Viewer, marks_in

ADA = Actor("ada", is_person=True, way="console")
SEES = Viewer(marks=marks_in(REGISTRY))


class Week:
    """A database with a weekend of invoices."""

    def __init__(self, database: Database, clock: Any) -> None:
        self.database = database
        self.made = furnish(database, clock)

    def page(self, what: str, registry: Registry = REGISTRY, viewer: Viewer = SEES) -> ProcessPage:
        """The page of an invoice."""
        with self.database.read() as connection:
            around = inspection.look_around(connection, Gates(), {}, now=engine_clock.now(), viewer=viewer)
            around = replace(around, zone="Europe/Copenhagen")
            return inspection.process_page(connection, self.made[what], around=around, registry=registry, viewer=viewer)

    def act(self, action: Any) -> Any:
        """Do something as Ada."""
        return acting(self.database, ADA, action, policies=Policies())


@pytest.fixture
def week(database: Database) -> Iterator[Week]:
    with freeze_time(FRIDAY) as clock:
        yield Week(database, clock)


def test_a_failed_process_says_what_is_wrong_where_it_stands_and_what_ran(week: Week) -> None:
    page = week.page("failed")

    assert page.sentence.word == "Failed:"
    assert page.sentence.rest == f"“{EXPIRED}”. Stopped until someone acts."
    assert [(each.number, each.name, each.place, each.text) for each in page.steps] == [
        (1, "check", "done", "The permit is valid: 14 days, 12.5 m."),
        (2, "book", "now", "Creates the order in SAP, once."),
        (3, "mark", "todo", "Sets the row to Faktureret and adds the order number."),
        (4, "notify", "todo", "Tells the applicant by Digital Post."),
    ]
    assert [(each.number, each.steps, len(each.runs)) for each in page.rounds] == [
        (2, ("book",), 3),
        (1, ("check", "book"), 4),
    ]
    assert page.rounds[0].last - page.rounds[0].first == timedelta(minutes=10)
    assert page.error is not None
    assert (page.error.step, page.error.attempt, page.error.message) == ("book", 3, EXPIRED)


def test_who_restarted_it_is_told_with_their_way_and_reason(week: Week) -> None:
    page = week.page("failed")

    (act,) = page.people
    assert (act.who, act.said, act.reason, act.way) == (
        "rpa-drift",
        "restarted it",
        "ny adgangskode er bestilt",
        "page",
    )
    assert page.rounds[0].opened is not None
    assert page.rounds[0].opened.by == "rpa-drift"


def test_an_act_that_was_refused_is_told_as_that(week: Week) -> None:
    with pytest.raises(Refused):
        week.act(Restart(week.made["done"], registry=REGISTRY, reason="just so"))

    (act,) = week.page("done").people
    assert (act.who, act.said, act.reason, act.is_refused) == ("ada", "tried to restart it", "just so", True)


def test_the_details_say_which_step_changed_them_and_keep_what_is_personal(week: Week) -> None:
    details = week.page("failed").details

    assert details.after == ("check",)
    found = {each.name: (each.start, each.cells[0].change, each.cells[0].value) for each in details.rows}
    assert found == {
        "permit": ("Ø-417/26", "same", "Ø-417/26"),
        "amount": ("4200.00", "changed", "4250.00"),
        "does": ("expired", "same", "expired"),
        "days": (None, "new", "14"),
        "kontakt": (None, "new", "***"),
    }


def test_its_lane_and_what_repeats_it_are_its_relatives(week: Week) -> None:
    again = week.act(Rerun(week.made["done"], registry=REGISTRY)).value.id
    week.made["again"] = again

    assert [(each.how, each.id, each.status) for each in week.page("failed").relatives] == [
        ("behind", week.made["behind"], "waiting")
    ]
    assert [(each.how, each.id) for each in week.page("behind").relatives] == [("ahead", week.made["failed"])]
    assert [(each.how, each.id) for each in week.page("done").relatives] == [("rerun as", again)]
    assert [(each.how, each.id) for each in week.page("again").relatives] == [("rerun of", week.made["done"])]


@pytest.mark.parametrize(
    ("what", "word", "rest"),
    [
        ("doubtful", "Uncertain:", "step 2 of 4, book, begun today at 13:51, may have happened. Find out"),
        ("later", "Waiting", "until 06:51 tomorrow, then step 2 of 4, book."),
        ("behind", "Waiting", "for process 1, ahead of it in lane 'debtor 44108821'."),
        ("due", "Due", "now. No worker is running."),
        ("done", "Done", "in 4 steps."),
        ("rejected", "Rejected:", "“the CVR number has 7 digits”. The remaining steps were cancelled."),
        ("skipped", "Skipped:", "“there was nothing to do”."),
    ],
)
def test_each_state_is_one_sentence(week: Week, what: str, word: str, rest: str) -> None:
    found = week.page(what).sentence

    assert found.word == word
    assert found.rest.startswith(rest)


def test_a_class_that_is_not_known_here_shows_the_steps_that_were_seen_and_no_value(week: Week) -> None:
    nothing = Registry(())

    page = week.page("failed", nothing, Viewer(marks=marks_in(nothing)))

    assert not page.knows_steps
    assert [(each.name, each.place) for each in page.steps] == [("check", "done"), ("book", "now")]
    assert "4200.00" not in repr(page)


def test_a_page_takes_twelve_statements_at_most(week: Week) -> None:
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2])

    sa.event.listen(week.database.engine, "before_cursor_execute", count)
    try:
        week.page("failed")
    finally:
        sa.event.remove(week.database.engine, "before_cursor_execute", count)

    assert len([each for each in asked if not each.startswith(("PRAGMA", "BEGIN"))]) <= 12


def test_a_long_history_is_cut_to_the_newest(week: Week) -> None:
    row = (
        "INSERT INTO process_steps (process_id, seq, round, step, attempt, outcome, message, started_at, finished_at,"
        " worker) SELECT process_id, :seq, round, step, attempt, outcome, message, started_at, finished_at, worker"
        " FROM process_steps WHERE process_id = :id AND seq = 4"
    )
    with week.database.begin() as connection:
        connection.execute(sa.text(row), [{"id": week.made["done"], "seq": seq} for seq in range(5, 301)])

    page = week.page("done")

    assert page.is_cut
    assert [each.seq for each in page.told] == list(range(101, 301))


def test_what_a_step_said_keeps_its_moment_where_something_of_it_is_masked(week: Week) -> None:
    (exchange,) = week.page("rejected").told[0].exchanges

    assert exchange["at"].tzinfo is not None
    assert exchange["response"] == {"ID": 7318}
