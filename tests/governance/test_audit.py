"""What was done, as the chain tells it: to whom it is told, and what of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from rig import NOON, SEES_ALL, Three, abandon, execute, get, start, work

from process_manager import Done, Personal, Process, StepRun, inspection
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import Forbidden, ProcessManagerError, ReasonRequired
from process_manager.governance import Policies, acting, audit
from process_manager.governance.audit import AuditEntry, AuditFilter
from process_manager.governance.audit_actions import RevealChain
from process_manager.governance.fleet_actions import Disable
from process_manager.governance.process_actions import Abandon, Rerun, Restart
from process_manager.inspection import Viewer, marks_in
from process_manager.store import audit_chain
from process_manager.store.audit_chain import AuditRow

NONE = Policies()
NAME, CPR = "Ida Canary", "010190-1234"


class Letter(Process):
    """Its payload and its reference are personal."""

    class parameters(BaseModel):  # noqa: N801 - the attribute's name
        cpr: Annotated[str, Personal]

    personal = ("name",)
    personal_keys = ("reference",)
    STEPS = {"look": "look"}

    def look(self, run: StepRun) -> Done:
        return Done("found", {"name": NAME})


KNOWN = Registry([Three, Letter])
SEEN = Viewer(marks=marks_in(KNOWN))
ADA = Actor("ada", is_person=True, way="page", request_id="r-1")
BO = Actor("bo", is_person=True, way="console", role=Role.ADMIN)


def letter(database: Database) -> int:
    """A letter that has ended."""
    process_id = start(database, Letter, {"cpr": CPR}, reference="26-canary")
    work(database, Letter)
    return process_id


def tried(database: Database, actor: Actor, action: Any) -> None:
    with suppress(ProcessManagerError):
        acting(database, actor, action, policies=NONE)


def page(
    database: Database, who: Actor = BO, /, viewer: Viewer = SEEN, limit: int = 50, **which: Any
) -> list[AuditEntry]:
    with database.read() as connection:
        return audit.page(connection, who, AuditFilter(**which), limit=limit, viewer=viewer)


def numbers(database: Database, **which: Any) -> list[int]:
    return [each.number for each in page(database, **which)]


@pytest.mark.every_database
def test_each_question_finds_its_rows_the_newest_first(database: Database) -> None:
    first, second = start(database), start(database)
    tried(database, ADA, Abandon(first, reason="paid"))
    tried(database, BO, Abandon(second, reason="paid"))
    tried(database, BO, Abandon(second, reason="again"))
    tried(database, BO, Disable("letter", reason="SAP is down"))

    assert numbers(database) == [4, 3, 2, 1]
    assert numbers(database, actor="ada") == [1]
    assert numbers(database, act="disable") == [4]
    assert numbers(database, process_id=second) == [3, 2]
    assert numbers(database, name="letter") == [4]
    assert numbers(database, result="refused") == [3]
    assert numbers(database, result="done", actor="bo") == [4, 2]
    assert numbers(database, below=3, limit=1) == [2]


@pytest.mark.every_database
def test_a_stretch_of_time_begins_with_its_first_moment_and_ends_before_its_last(database: Database) -> None:
    moments = [NOON + timedelta(seconds=each) for each in range(4)]
    with database.begin() as connection:
        audit_chain.append(connection, [told(each) for each in moments])

    assert numbers(database, since=moments[1], until=moments[3]) == [3, 2]
    assert [each.at for each in page(database, until=moments[1])] == [NOON]


def told(at: datetime) -> AuditRow:
    return AuditRow(at, "ada", "person", "operator", "page", "restart", "done")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CASEWORKER])
def test_who_may_not_read_the_chain_is_told_who_may(database: Database, role: Role) -> None:
    with pytest.raises(Forbidden, match=r"bo may not read or export the audit chain.*operator and admin"):
        page(database, Actor("bo", role=role))


def test_nobody_sees_what_was_done_to_kinds_that_they_may_not_see(database: Database) -> None:
    tried(database, ADA, Abandon(start(database), reason="paid"))
    tried(database, ADA, Abandon(letter(database), reason="paid"))
    tried(database, ADA, Disable("--all", reason="at night"))
    limited = Actor("bo", role=Role.OPERATOR, kinds=frozenset({"letter"}))

    assert [each.name for each in page(database, limited)] == ["letter"]
    assert [each.name for each in page(database, viewer=Viewer(frozenset({"three"}), SEEN.marks))] == ["three"]
    assert page(database, limited, viewer=Viewer(frozenset({"three"}), SEEN.marks)) == []
    with pytest.raises(Forbidden, match="of 'three': only 'letter' can be seen"):
        page(database, limited, name="three")


@pytest.mark.every_database
def test_what_is_marked_is_masked_in_reasons_and_refusals(database: Database) -> None:
    process_id = letter(database)
    tried(database, ADA, Abandon(process_id, reason=f"{NAME} ({CPR}, 26-canary) paid"))

    (entry,) = page(database)
    assert entry.reason == "*** (***, ***) paid"
    assert (entry.before or {})["status"] == "succeeded"
    assert page(database, viewer=SEES_ALL)[0].reason == f"{NAME} ({CPR}, 26-canary) paid"


def test_what_nobody_can_tell_of_a_class_that_is_not_known_here_is_not_shown(database: Database) -> None:
    tried(database, ADA, Abandon(start(database, payload={"from": NAME}), reason=f"{NAME} paid"))

    assert page(database)[0].reason == f"{NAME} paid"
    assert page(database, viewer=Viewer(marks=marks_in(())))[0].reason == "*** paid"


def test_of_a_process_that_is_gone_nothing_is_shown_that_may_be_marked(database: Database) -> None:
    process_id = letter(database)
    tried(database, ADA, Rerun(process_id, registry=KNOWN, reason=f"{NAME} asked"))
    tried(database, ADA, Abandon(start(database), reason="Ida paid"))
    execute(database, "DELETE FROM process_steps")
    execute(database, "DELETE FROM processes")

    plain, marked = page(database)
    assert (plain.reason, marked.reason) == ("Ida paid", "***")
    assert (marked.after or {}) == {**(marked.before or {}), "rerun_as": "***"}


def test_a_rerun_masks_what_is_marked_in_the_new_process_too(database: Database) -> None:
    process_id = letter(database)
    tried(database, ADA, Rerun(process_id, registry=KNOWN, reason=f"{CPR} asked"))
    execute(database, f"DELETE FROM process_steps WHERE process_id = {process_id}")  # noqa: S608 - a number
    execute(database, f"UPDATE processes SET payload = '{{}}', parameters = '{{}}' WHERE id = {process_id}")  # noqa: S608

    assert page(database)[0].reason == "*** asked"


def test_an_export_is_what_the_list_shows_the_oldest_first_in_portions(database: Database) -> None:
    with database.begin() as connection:
        audit_chain.append(connection, [told(NOON)] * (audit.PORTION + 5))

    with database.read() as connection:
        portions = list(audit.export(connection, BO, after=3, viewer=SEEN))

    assert [len(each) for each in portions] == [audit.PORTION, 2]
    assert [portions[0][0], portions[1][-1]] == page(database, below=5, limit=1) + page(database, limit=1)


def test_all_of_the_chain_is_revealed_for_a_reason_only_and_to_who_sees_all_kinds(database: Database) -> None:
    with pytest.raises(ReasonRequired):
        acting(database, BO, RevealChain(reason=" "), policies=NONE)
    with pytest.raises(Forbidden, match="concerns every kind"):
        acting(database, Actor("bo", kinds=frozenset({"letter"})), RevealChain(reason="review"), policies=NONE)
    acting(database, BO, RevealChain(reason="review"), policies=NONE)

    assert [(each.act, each.target, each.result) for each in page(database)] == [
        ("reveal", "audit chain", result) for result in ("done", "refused", "refused")
    ]


@pytest.mark.every_database
def test_history_tells_how_those_came_who_acted_and_asks_the_chain_for_nothing_else(database: Database) -> None:
    process_id = start(database)
    work(database)
    assert [(each.way, each.request_id) for each in inspected(database, process_id)] == [(None, None)] * 3

    other = start(database)
    tried(database, ADA, Abandon(other, reason="paid"))
    tried(database, BO, Abandon(other, reason="again"))
    abandoned = start(database)
    abandon(database, abandoned)
    tried(database, BO, Restart(other, registry=KNOWN))

    assert [(each.by, each.way, each.request_id) for each in inspected(database, other)] == [("ada", "page", "r-1")]
    assert [each.way for each in inspected(database, abandoned)] == [None]
    assert get(database, other).status == "abandoned"


def inspected(database: Database, process_id: int) -> list[inspection.History]:
    with database.read() as connection:
        return inspection.history(connection, process_id, viewer=SEES_ALL)
