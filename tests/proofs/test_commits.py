"""Kills at every commit: each commit is known by what it changes, and an end that differs is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proofs import commits, endings, wired
from proofs.commits import Watched
from proofs.ends import TABLE, WHOLE, commits_of
from proofs.judging import Verdict
from proofs.wired import Stands, Written

BEFORE = Stands(step="act", seq=1, fence=1, is_marked=0, evidence=0)


@pytest.mark.parametrize(
    ("before", "now", "wrote", "name"),
    [
        (None, BEFORE, ["INSERT INTO processes"], "start"),
        (BEFORE._replace(seq=0), BEFORE._replace(seq=0, fence=2), [], "claim"),
        (BEFORE, BEFORE._replace(fence=2), [], "claim act"),
        (BEFORE, BEFORE._replace(is_marked=1), [], "mark"),
        (BEFORE, BEFORE._replace(evidence=1), [], "evidence"),
        (BEFORE, BEFORE._replace(step="tell", seq=2), [], "record act"),
        (BEFORE, BEFORE._replace(step="tell", seq=2, evidence=1), [], "record act and evidence"),
        (BEFORE, BEFORE, ["DELETE FROM workers", "INSERT INTO workers"], "presence"),
        (BEFORE, BEFORE, ["UPDATE processes.lease_ends_at"], "lease"),
        (BEFORE, BEFORE, ["UPDATE processes.status"], "look"),
        (BEFORE, BEFORE, ["DELETE FROM seats", "UPDATE processes.status"], "look"),
        (None, None, [], "look"),
        (BEFORE, BEFORE, ["INSERT INTO process_steps", "UPDATE processes.status"], "rescue"),
        (BEFORE, BEFORE, ["UPDATE lanes.order_key"], "UPDATE lanes.order_key"),
    ],
)
def test_a_commit_is_named_by_what_it_changes(
    before: Stands | None, now: Stands | None, wrote: list[str], name: str
) -> None:
    assert wired.name_of(before, now, wrote) == name


@pytest.mark.parametrize(
    ("statement", "wrote"),
    [
        ("WITH first AS (SELECT id FROM a FOR NO KEY UPDATE SKIP LOCKED) UPDATE b SET c=1", ["UPDATE b.c"]),
        ("SELECT id FROM a\nFOR UPDATE SKIP LOCKED", []),
        ("INSERT INTO a (b) VALUES (1) ON DUPLICATE KEY UPDATE b=2", ["INSERT INTO a"]),
        ("DELETE\n FROM workers WHERE a = 1", ["DELETE FROM workers"]),
    ],
)
def test_of_a_statement_is_kept_what_it_writes(statement: str, wrote: list[str]) -> None:
    assert wired.writes(statement) == wrote


def test_the_table_has_each_commit_before_and_after() -> None:
    cells = [(cell.effect, cell.commit, cell.when) for cell in TABLE]

    assert len(set(cells)) == len(cells) == 88
    assert {(effect, commit) for effect, commit, when in cells if when == "before"} == {
        (effect, commit) for effect, commit, when in cells if when == "after"
    }


def watched(folder: Path, effect: str, names: list[str], cell: int | None = None) -> Watched:
    """A worker that made these commits."""
    file = folder / "commits"
    held_back = ("presence", "look", "UPDATE lanes.order_key")
    file.write_text("\n".join(json.dumps(Written(name, name not in held_back, [])) for name in names), "utf-8")
    return Watched(effect, None if cell is None else TABLE[cell], "r", file=file)


def test_a_run_whose_commits_are_not_those_of_the_table_is_a_fault(tmp_path: Path) -> None:
    verdict = Verdict()
    known = commits_of("verified")

    assert commits.listed(watched(tmp_path, "verified", ["presence", *known]), verdict) == known
    assert verdict.faults == []
    assert commits.listed(watched(tmp_path, "verified", [*known, "claim"]), verdict) == [*known, "claim"]
    assert verdict.faults == [f"verified, recorded: its commits are {[*known, 'claim']}, in the table are {known}"]


def test_a_worker_that_died_elsewhere_or_made_a_commit_that_nobody_knows_is_a_fault(tmp_path: Path) -> None:
    right, elsewhere, unknown = Verdict(), Verdict(), Verdict()

    commits.judge_commits(watched(tmp_path, "repeated", ["start", "look", "claim"], cell=2), right)
    commits.judge_commits(watched(tmp_path, "repeated", ["start"], cell=2), elsewhere)
    commits.judge_commits(watched(tmp_path, "repeated", ["start", "UPDATE lanes.order_key", "claim"], cell=2), unknown)

    assert right.faults == []
    assert elsewhere.faults == ["repeated, killed before claim: it was killed at ['start']"]
    assert unknown.faults == [
        "repeated, killed before claim: commits that nobody knows: ['UPDATE lanes.order_key']",
    ]


@pytest.mark.parametrize(
    ("change", "lost", "doubled"),
    [
        ({}, 0, 0),
        ({"acts": "1 0 1"}, 1, 0),
        ({"acts": "1 3 1"}, 0, 2),
        ({"history": "ready done, act done, act done"}, 1, 1),
        ({"status": "failed"}, 0, 0),
        ({"is_one_key": False}, 0, 0),
    ],
)
def test_an_end_that_differs_is_counted_and_named(change: dict[str, object], lost: int, doubled: int) -> None:
    verdict = Verdict()

    endings.compare("a cell", WHOLE, WHOLE._replace(**change), verdict)

    assert (verdict.lost, verdict.doubled, len(verdict.faults)) == (lost, doubled, bool(change))
