"""The statements of claim and record as a DBA reads them. `UPDATE_GOLDEN=1` writes the files anew."""

import os
import re
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from process_manager.store import acting, claiming, keys, lanes, recording, starting
from process_manager.store.claiming import Shape

FOLDER = Path(__file__).parent / "sql"
STATEMENTS = {
    "acting_abandon": acting.abandon_statement(),
    "acting_resolve": acting.resolve_statement(),
    "acting_restart": acting.restart_statement(),
    "claim_by_channel": claiming.claim_statement(Shape(1, channels=True)),
    "claim_expired": claiming.expired_statement(),
    "claim_many_names": claiming.claim_statement(Shape(2)),
    "claim_next_due": claiming.next_due_statement(Shape(2)),
    "claim_next_due_by_channel": claiming.next_due_statement(Shape(1, channels=True)),
    "claim_one": claiming.claim_one_statement(),
    "claim_one_name": claiming.claim_statement(Shape(1)),
    "claim_renew": claiming.renew_statement(),
    "claim_still_held": claiming.still_held_statement(),
    "keys_holders": keys.holders_statement(),
    "keys_let_go": keys.let_go_statement(),
    "keys_take": keys.take_statement(),
    "lanes_advance": lanes.advance_statement(),
    "lanes_heads": lanes.heads_statement(),
    "lanes_lock": lanes.lock_statement(),
    "lanes_step_back": lanes.step_back_statement(),
    "record": recording.record_statement(),
    "record_advance": recording.advance_statement(),
    "record_append": recording.append_statement(),
    "record_evidence_forget": recording.forget_statement(),
    "record_evidence_keep": recording.keep_statement(),
    "record_mark": recording.mark_statement(),
    "start_insert": starting.insert_statement(),
}


def text_of(statement: ClauseElement) -> str:
    """What the database is sent, with the values that never change where they stand."""
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    text = f"{compiled}\n"
    for name, value in fixed.items():
        text = re.sub(rf":{name}\b", repr(str(value)) if isinstance(value, str) else str(value), text)
    return text


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_golden_file_holds_the_text_of_the_statement(name: str) -> None:
    golden = FOLDER / f"{name}.sqlite.sql"
    text = text_of(STATEMENTS[name])
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(text, "utf-8")

    assert golden.is_file(), f"run UPDATE_GOLDEN=1 python -m pytest {Path(__file__).name}"
    assert golden.read_text("utf-8") == text


def test_there_is_no_golden_file_of_the_store_without_a_statement() -> None:
    families = ("acting_", "claim_", "keys_", "lanes_", "record_", "start_")

    files = {file.name for file in FOLDER.glob("*.sqlite.sql") if file.name.startswith(families)}

    assert files - {f"{name}.sqlite.sql" for name in STATEMENTS} == set()


@pytest.mark.parametrize("name", ["record", "record_advance", "record_mark", "claim_renew", "claim_still_held"])
def test_every_write_of_a_worker_carries_status_and_fence(name: str) -> None:
    text = text_of(STATEMENTS[name])

    assert "processes.fence = r.fence" in text or "processes.fence = :held_fence" in text
    assert "processes.status = 'running'" in text


@pytest.mark.parametrize("name", ["acting_restart", "acting_abandon", "acting_resolve"])
def test_what_a_person_does_changes_only_the_row_that_the_person_saw(name: str) -> None:
    text = text_of(STATEMENTS[name])

    assert "processes.seq = :seen_seq" in text and "processes.status = :seen_status" in text
