"""The statements of claim and record as a DBA reads them. `UPDATE_GOLDEN=1` writes the files anew."""

import os
import re
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.sql import ClauseElement

from process_manager.store import (
    ambiguous_commits,
    audit_chain,
    board,
    claiming,
    dedup_keys,
    due,
    evidence,
    filters,
    lane_sweep,
    lanes,
    limits,
    pool_sweep,
    queries,
    recording,
    schedules,
    search_values,
    sent,
    starting,
    stop_requests,
    transition_changes,
)
from process_manager.store.due import Shape
from process_manager.store.filters import Filter
from process_manager.store.guarded_update import Change
from tests.store import verbs_of_children, verbs_of_events, verbs_of_lane_rules, verbs_of_tasks

FOLDER = Path(__file__).parents[1] / "sql"
MSSQL = make_url("mssql+pyodbc://").get_dialect()(paramstyle="named")
MSSQL._supports_offset_fetch = True  # as every server since 2012 does, which it asks when it connects
DIALECTS = {
    "sqlite": make_url("sqlite://").get_dialect()(paramstyle="named"),
    "postgresql": make_url("postgresql+psycopg://").get_dialect()(paramstyle="named"),
    "mssql": MSSQL,
    "mariadb": make_url("mariadb+pyodbc://").get_dialect()(paramstyle="named"),
}


def statements(dialect: str) -> dict[str, ClauseElement | Change]:
    """Every statement that workers run all the time, and what people do."""
    whole = {
        "record_advance_alone": recording.alone("going"),
        "record_advance_with_history": recording.with_history("going"),
        "record_alone": recording.alone("moving"),
        "record_rested_alone": recording.alone("rested"),
        "record_stop_alone": recording.alone("stopping"),
        "record_rested_with_history_and_lanes": recording.with_history("rested", leads=True),
        "record_both_with_history": recording.with_history("going", "moving"),
        "record_with_history": recording.with_history("moving"),
        "record_with_history_and_lanes": recording.with_history("moving", leads=True),
        "start_insert_alone": starting.insert_statement(dialect, is_lone=True),
        "start_insert_alone_came": starting.insert_statement(dialect, came=True, is_lone=True),
        "start_insert_alone_held": starting.insert_statement(dialect, held=True, is_lone=True),
        "start_insert_alone_pooled": starting.insert_statement(dialect, pooled=True, is_lone=True),
        "start_insert_alone_placed": starting.insert_statement(dialect, placed=True, is_lone=True),
        "record_pool_alone": recording.alone("pooling"),
    }
    return {
        **(whole if dialect == "postgresql" else {}),
        **verbs_of_children.golden(dialect),
        **verbs_of_events.golden(dialect),
        **verbs_of_lane_rules.golden(dialect),
        **verbs_of_tasks.golden(),
        "claim_by_channel": claiming.claim_change(Shape(1, channels=True), dialect),
        "claim_by_channels": claiming.claim_change(Shape(2, channels=True), dialect),
        "claim_channels": due.next_channel_statement(2, dialect),
        "claim_expired": claiming.expired_statement(),
        "claim_free_rows": claiming.unlocked_statement(dialect),
        "claim_rows_there": claiming.existing_statement(),
        "claim_many_names": claiming.claim_change(Shape(2), dialect),
        "claim_next_due": due.next_due_statement(Shape(2), dialect),
        "claim_next_due_by_channel": due.next_due_statement(Shape(1, channels=True), dialect),
        "claim_one": claiming.claim_one_change(),
        "claim_one_pooled": claiming.claim_one_change(leaves_pool=True),
        "claim_one_name": claiming.claim_change(Shape(1), dialect),
        "claim_pooled": claiming.claim_change(Shape(1, pooled=True), dialect),
        "claim_pooled_many_names": claiming.claim_change(Shape(2, pooled=True), dialect),
        "claim_pooled_next": due.next_due_statement(Shape(2, pooled=True), dialect),
        "claim_pooled_these": claiming.claim_these_in_pool_change(),
        "claim_renew": claiming.renew_change(),
        "claim_these": claiming.claim_these_change(),
        "claim_sent": sent.claim_change(),
        "claim_still_held": claiming.still_held_statement(),
        "keys_free": dedup_keys.unlocked_statement(dialect),
        "keys_there": dedup_keys.existing_statement(),
        "keys_holders": dedup_keys.holders_statement(),
        "keys_let_go": dedup_keys.release_statement(dialect),
        "keys_take": dedup_keys.take_statement(dialect),
        "limits_declare": limits.declare_statement(dialect),
        "limits_hold": limits.hold_statement(),
        "limits_hold_free": limits.pass_statement(),
        "limits_move_on": limits.move_on_statement(),
        "limits_remove": limits.remove_statement(dialect),
        "limits_take": limits.take_statement(),
        "limits_taken": limits.taken_statement(),
        "pools_next": pool_sweep.next_places_statement(dialect),
        "pools_resting": pool_sweep.resting_statement(),
        "lanes_advance": lanes.advance_statement(dialect),
        "lanes_heads": lanes.heads_statement(dialect),
        "lanes_lock": lanes.lock_statement(),
        "lanes_lock_free": lanes.pass_statement(),
        "lanes_look": lane_sweep.look_statement(),
        "lanes_make": lanes.make_statement(dialect),
        "lanes_step_back": lanes.step_back_statement(),
        "list_carried": queries.carried_statement(),
        "list_in_trouble": filters.newest_first(Filter(status=("failed",))),
        "list_moving": filters.few_statement(filters.MOVING),
        "list_newest_errors": queries.newest_errors_statement(),
        "list_of_status": filters.newest_first(Filter(status=("succeeded",))),
        "record": transition_changes.record_change(),
        "record_advance": transition_changes.advance_change(),
        "record_before": ambiguous_commits.before_statement(),
        "record_pool": transition_changes.pooling_change(),
        "record_append": recording.append_statement(),
        "record_evidence_forget": evidence.forget_statement(dialect),
        "record_evidence_keep": evidence.keep_statement(),
        "record_mark": recording.mark_change(),
        "record_stop_request": stop_requests.ask_change(),
        "record_rested": transition_changes.rested_change(),
        "record_stop": transition_changes.stop_change(),
        "chain_append": audit_chain.append_statement(),
        "chain_lock": audit_chain.lock_head(),
        "chain_move": audit_chain.move_head(),
        "board_ends": board.ends_statement(),
        "board_restarts": board.restarts_statement(),
        "schedules_take": schedules.take_statement(),
        "schedules_waiting": schedules.waiting_statement(),
        "search_forget": search_values.forget_statement(dialect),
        "search_keep": search_values.keep_statement(),
        "sent_due": sent.due_statement(Shape(2, channels=True), dialect),
        "sent_forget": sent.unmark_statement(dialect),
        "sent_mark": sent.mark_statement(),
        "sent_marks": sent.marks_statement(),
        "sent_waiting": sent.waiting_statement(),
        "start_insert": starting.insert_statement(dialect),
        "start_insert_came": starting.insert_statement(dialect, came=True),
        "start_insert_held": starting.insert_statement(dialect, held=True),
        "start_insert_pooled": starting.insert_statement(dialect, pooled=True),
        "start_take_back": starting.take_back_statement(dialect),
    }


def text_of(name: str, dialect: str) -> str:
    """What the database is sent, with the values that never change where they stand."""
    found = statements(dialect)[name]
    if not isinstance(found, Change):
        return _text(found, dialect)
    if dialect != "mariadb":
        return _text(found.update, dialect)
    return ";\n".join(_text(each, dialect) for each in (found.picks, found.change, found.rows))


def _text(statement: ClauseElement, dialect: str) -> str:
    compiled = statement.compile(dialect=DIALECTS[dialect])
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    text = f"{compiled}\n"
    for name, value in fixed.items():
        text = re.sub(rf":{name}\b", repr(str(value)) if isinstance(value, str) else str(value), text)
    return text


CASES = [(name, dialect) for dialect in DIALECTS for name in statements(dialect)]


@pytest.mark.parametrize(("name", "dialect"), CASES)
def test_the_golden_file_holds_the_text_of_the_statement(name: str, dialect: str) -> None:
    golden = FOLDER / f"{name}.{dialect}.sql"
    text = text_of(name, dialect)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(text, "utf-8")

    assert golden.is_file(), f"run UPDATE_GOLDEN=1 python -m pytest {Path(__file__).name}"
    assert golden.read_text("utf-8") == text


def test_there_is_no_golden_file_of_the_store_without_a_statement() -> None:
    families = ("claim_", "keys_", "lanes_", "list_", "record_", "schedules_", "sent_", "start_")

    files = {file.name for file in FOLDER.glob("*.sql") if file.name.startswith(families)}

    assert files - {f"{name}.{dialect}.sql" for name, dialect in CASES} == set()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["record", "record_advance", "record_mark", "claim_renew", "claim_still_held"])
def test_every_write_of_a_worker_carries_status_and_fence(name: str, dialect: str) -> None:
    text = text_of(name, dialect)

    assert "processes.fence = r.fence" in text or "processes.fence = :held_fence" in text
    assert "processes.status = 'running'" in text


RESTED = [(name, dialect) for name, dialect in CASES if name.startswith("record_rested")]


@pytest.mark.parametrize(("name", "dialect"), RESTED)
def test_what_a_person_does_changes_only_the_row_at_rest_that_the_person_saw(name: str, dialect: str) -> None:
    text = text_of(name, dialect)

    before = "r.`before`" if dialect == "mariadb" else 'r."before"' if dialect == "sqlite" else "r.before"
    assert f"processes.seq = {before} AND processes.status = r.was" in text
    assert "coalesce(processes.waiting_for, '') = r.waited_for AND processes.status != 'running'" in text
    assert "processes.fence = r.fence" in text
