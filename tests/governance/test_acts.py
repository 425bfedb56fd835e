import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from backends import overheard
from rig import NOON, Three, abandon, execute, get, row, start, status, work

from process_manager import Done, Process, StepRun, operations
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import Forbidden, IllegalValue, ReasonRequired, Refused, UnknownId
from process_manager.governance import Acted, Policies, acting, acting_on_each
from process_manager.governance.audit_rows import UNSEEN
from process_manager.governance.fleet_actions import Disable, Enable, EnableHere
from process_manager.governance.process_actions import Abandon, EditPayload, Rerun, Restart
from process_manager.governance.start_actions import StartOne
from process_manager.operations import Start
from process_manager.store.audit_chain import START, audit

NONE = Policies()
KNOWN = Registry([Three])
ADA = Actor("ada", is_person=True, way="page", address="10.0.0.7", request_id="r-1", role=Role.CASEWORKER)
OLA = Actor("ola", is_person=True, way="console")


def chain(database: Database, *names: str) -> list[tuple[Any, ...]]:
    """The rows of the chain, or these columns of them."""
    with database.read() as connection:
        rows = connection.execute(sa.select(audit).order_by(audit.c.number)).mappings()
        return [tuple(each[name] for name in names) for each in rows]


def test_an_act_leaves_its_row_on_the_chain_with_who_from_where_why_before_and_after(database: Database) -> None:
    process_id = start(database)

    answer = acting(database, ADA, Abandon(process_id, reason="paid by hand"), policies=NONE)

    assert answer == Acted(None, 1)
    assert status(database, process_id) == "abandoned"
    with database.read() as connection:
        (found,) = connection.execute(sa.select(audit)).mappings()
    assert {**found, "at": None, "hash": None} == {
        "number": 1, "at": None, "actor": "ada", "actor_kind": "person", "role": "caseworker", "way": "page",
        "address": "10.0.0.7", "request_id": "r-1", "act": "abandon", "name": "three", "process_id": process_id,
        "seq": 1, "target": None, "reason": "paid by hand",
        "before": '{"status":"pending","step":"a","version":1,"round":1,"seq":0,"attempts":0}',
        "after": '{"status":"abandoned","step":"a","version":1,"round":1,"seq":1,"attempts":0}',
        "result": "done", "message": "", "hash": None,
    }  # fmt: skip
    assert len(found["hash"]) == 64
    assert found["hash"] != START


def test_a_refused_act_changes_nothing_but_the_chain(database: Database) -> None:
    process_id = start(database)
    work(database)
    before = row(database, process_id)

    with pytest.raises(Refused, match="has succeeded"):
        acting(database, ADA, Restart(process_id, registry=KNOWN), policies=NONE)

    assert row(database, process_id) == before
    assert chain(database, "act", "process_id", "after", "result") == [("restart", process_id, None, "refused")]
    assert "has succeeded" in chain(database, "message")[0][0]


def test_an_act_on_what_is_not_there_is_not_on_the_chain(database: Database) -> None:
    with overheard(database) as said, pytest.raises(UnknownId):
        acting(database, ADA, Abandon(99, reason="x"), policies=NONE)

    assert chain(database, "act") == []
    assert [each for each in said if "ORDER BY processes.id" in each] == []  # nor is it locked


def test_a_role_that_does_not_cover_an_act_is_told_which_does(database: Database) -> None:
    viewer = Actor("bo", is_person=True, way="page", role=Role.VIEWER)
    process_id = start(database)

    with pytest.raises(Forbidden, match="bo may not abandon processes of 'three': the role viewer is not among"):
        acting(database, viewer, Abandon(process_id, reason="x"), policies=NONE)

    assert status(database, process_id) == "pending"
    assert chain(database, "actor", "role", "act", "result") == [("bo", "viewer", "abandon", "refused")]


def test_what_an_actor_may_not_see_is_as_if_it_were_not_there(database: Database) -> None:
    stranger = Actor("bo", role=Role.ADMIN, kinds=frozenset({"letter"}))
    process_id = start(database)

    with pytest.raises(UnknownId) as hidden:
        acting(database, stranger, Abandon(process_id, reason="x"), policies=NONE)
    with pytest.raises(UnknownId) as missing:
        acting(database, stranger, Abandon(99, reason="x"), policies=NONE)

    assert str(hidden.value).replace(str(process_id), "99") == str(missing.value)
    assert status(database, process_id) == "pending"


def test_an_act_on_what_an_actor_may_not_see_is_on_the_chain_though_they_are_not_told(database: Database) -> None:
    stranger = Actor("bo", role=Role.ADMIN, kinds=frozenset({"letter"}))
    process_id = start(database)
    acts = [Abandon(each, reason="x") for each in (process_id, 99)]

    hidden, missing = acting_on_each(database, stranger, acts, policies=NONE)

    assert (hidden.number, missing.number) == (None, None)
    assert chain(database, "actor", "act", "name", "process_id", "seq", "after", "result", "message") == [
        ("bo", "abandon", "three", process_id, None, None, "refused", UNSEEN)
    ]


@pytest.mark.parametrize(
    ("rules", "refused"),
    [("abandon", True), ("three:abandon", True), ("*:*", True), ("three:*", True), ("letter:abandon", False),
     ("restart", False), ("", False)],
)  # fmt: skip
def test_an_act_without_a_reason_is_refused_where_the_policy_says_so(
    database: Database, rules: str, refused: bool
) -> None:
    process_id = start(database)
    policies = Policies.parse(rules)
    if refused:
        with pytest.raises(ReasonRequired, match="abandon 'three' needs a reason here"):
            acting(database, ADA, Abandon(process_id), policies=policies)
        with pytest.raises(ReasonRequired):
            acting(database, ADA, Abandon(process_id, reason="  "), policies=policies)

    result = chain(database, "result")
    acting(database, ADA, Abandon(process_id, reason="SAP is back"), policies=policies)

    assert result == [("refused",)] * (2 * refused)
    assert chain(database, "result")[-1] == ("done",)


def test_what_keeps_no_reason_needs_none_and_no_policy_can_name_it(database: Database) -> None:
    program = Actor("import")

    answer = acting(database, program, StartOne(Start(Three)), policies=Policies.parse("*, three:*"))

    assert isinstance(answer, Acted)
    for rule in ("start", "three:start-many", "*:run-command", "read"):
        with pytest.raises(IllegalValue, match="names an act of which no reason is kept"):
            Policies.parse(rule)


def test_a_start_is_told_by_its_own_row_and_not_by_the_chain(database: Database) -> None:
    program = Actor("import", way="api", request_id="r-9")

    answer = acting(database, program, StartOne(Start(Three)), policies=NONE)

    assert isinstance(answer, Acted)
    found = get(database, answer.value.id)
    assert (found.created_by, found.created_way, found.request_id) == ("import", "api", "r-9")
    assert chain(database, "act") == []


def test_a_rerun_is_on_the_chain_with_the_id_of_the_new_process(database: Database) -> None:
    process_id = start(database)
    abandon(database, process_id)

    answer = acting(database, ADA, Rerun(process_id, registry=KNOWN), policies=NONE)

    assert isinstance(answer, Acted)
    assert [each.endswith(f'"rerun_as":{answer.value.id}}}') for (each,) in chain(database, "after")] == [True]


class Payment(Process):
    name = "payment"
    version = 1
    STEPS = {"a": "a"}
    personal = ("cpr",)

    def a(self, run: StepRun) -> Done:
        return Done("paid")


def test_an_edit_is_on_the_chain_with_each_difference_and_a_mask_for_what_is_personal(database: Database) -> None:
    process_id = start(database, Payment, {"cpr": "0101701234", "amount": 100})
    changes = {"cpr": "0202802345", "amount": 120}
    action = EditPayload(process_id, registry=Registry([Payment]), changes=changes, reason="she moved")

    acting(database, ADA, action, policies=NONE)

    (before, after), *_ = chain(database, "before", "after")
    assert json.loads(before)["payload"] == {"cpr": '"***"', "amount": "100"}
    assert json.loads(after)["payload"] == {"cpr": '"***"', "amount": "120"}


def test_what_is_personal_is_no_more_on_the_chain_where_it_stands_in_another_field(database: Database) -> None:
    process_id = start(database, Payment, {"cpr": "0101701234", "note": "call 0101701234"})
    changes = {"cpr": "0202802345", "note": "0202802345 has called"}
    action = EditPayload(process_id, registry=Registry([Payment]), changes=changes, reason="she moved")

    acting(database, ADA, action, policies=NONE)

    (before, after), *_ = chain(database, "before", "after")
    assert json.loads(before)["payload"] == {"cpr": '"***"', "note": '"call ***"'}
    assert json.loads(after)["payload"] == {"cpr": '"***"', "note": '"*** has called"'}


def test_a_switch_is_on_the_chain_as_it_stood_before_and_after(database: Database) -> None:
    operator = Actor("ola", is_person=True, way="console")
    acting(
        database, operator, Disable("three", reason="SAP is closed", until=NOON + timedelta(days=9999)), policies=NONE
    )
    acting(database, operator, Enable("three"), policies=NONE)
    acting(database, operator, Enable("three"), policies=NONE)

    found = chain(database, "act", "name", "target", "before", "after")
    thrown = found[0][4]
    assert [each[:3] for each in found] == [("disable", "three", "three"), ("enable", "three", "three")]
    assert (found[0][3], found[1][3], found[1][4]) == (None, thrown, None)
    assert '"reason":"SAP is closed","by":"ola"' in thrown


def test_many_acts_are_done_in_order_a_hundred_in_a_transaction_with_a_result_for_each(database: Database) -> None:
    ids = [start(database) for _ in range(205)]
    abandon(database, ids[7])
    commits: list[object] = []
    sa.event.listen(database.engine, "commit", commits.append)

    results = list(acting_on_each(database, ADA, (Abandon(each, reason="x") for each in [*ids, 999]), policies=NONE))

    assert [each.action.process_id for each in results] == [*ids, 999]
    assert [(each.action.process_id, type(each.problem)) for each in results if each.problem] == [
        (ids[7], Refused), (999, UnknownId),
    ]  # fmt: skip
    assert [each.number for each in results[:3]] == [1, 2, 3]
    assert len(commits) == 3
    assert execute(database, "SELECT count(*), max(number), count(DISTINCT hash) FROM audit") == [(205, 205, 205)]


def test_a_dry_run_says_what_would_become_of_each_and_changes_nothing(database: Database) -> None:
    ids = [start(database), start(database)]
    abandon(database, ids[1])
    before = [row(database, each) for each in ids]

    results = list(
        acting_on_each(database, ADA, [Abandon(each, reason="x") for each in ids], policies=NONE, dry_run=True)
    )

    assert [each.problem is None for each in results] == [True, False]
    assert [row(database, each) for each in ids] == before
    assert chain(database, "act") == []


def test_of_many_those_that_match_no_more_are_left_alone(database: Database) -> None:
    ids = [start(database), start(database)]

    results = list(
        acting_on_each(
            database,
            ADA,
            [Abandon(each, reason="x") for each in ids],
            policies=NONE,
            matching=lambda _connection, asked: set(asked) - {ids[0]},
        )
    )

    assert [str(each.problem or "") for each in results] == [
        "Process 1 is pending: it has changed since it was looked for, and matches no more. Look at it and ask again.",
        "",
    ]
    assert [status(database, each) for each in ids] == ["pending", "abandoned"]


def test_a_caller_may_act_in_a_transaction_of_its_own_and_then_says_who(database: Database) -> None:
    process_id = start(database)

    with database.begin() as connection:
        operations.abandon(connection, process_id, operations.Act(ADA, "the case is closed"))

    assert chain(database, "act") == []
    assert execute(database, 'SELECT outcome, "by", message FROM process_steps') == [
        ("abandon", "ada", "the case is closed")
    ]


def test_a_switch_file_that_was_removed_is_on_the_chain_though_the_database_took_the_act_back(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "three.disabled").touch()
    action = EnableHere("three", tmp_path, reason="SAP is back")

    with pytest.raises(RuntimeError), database.begin() as connection:
        action.perform(connection, ADA)
        raise RuntimeError("rolled back")
    answer = acting(database, OLA, action, policies=NONE)

    removed = [str(tmp_path / "three.disabled")]
    assert answer == Acted(removed, 1)
    assert [json.loads(after) for (after,) in chain(database, "after")] == [{"removed": removed}]
