"""What is told to people of what is not there: without what to type, which the console says."""

from __future__ import annotations

import pickle

import pytest

from process_manager.errors import NotFound
from process_manager.governance.audit import AuditEntry
from process_manager.inspection.audit_check import Flaw, FlawKind
from process_manager.message import Message, opening
from process_manager.web import catalogue, stored_refusals, told_errors


def test_a_page_leaves_out_what_to_type_and_says_the_rest_in_the_readers_language() -> None:
    error = NotFound.with_hint(Message("There is no user %(name)s.", name="'bo'"), "`user list` shows them.")

    assert str(pickle.loads(pickle.dumps(error))) == "There is no user 'bo'. `user list` shows them."  # noqa: S301 - our own
    assert catalogue.every()["da"].told(told_errors.said(error)) == "Der er ingen bruger 'bo'."


def test_a_flaw_of_the_chain_is_told_in_the_readers_language() -> None:
    flaw = Flaw(FlawKind.ALTERED, 3, 5)

    assert str(flaw) == "rows 3 to 5: not as written: altered, put in or moved"
    assert catalogue.every()["da"].told(opening(flaw.told)) == (
        "Række 3 til 5: ikke som skrevet: ændret, sat ind eller flyttet"
    )


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("Process 7 has succeeded: it cannot be restarted. `rerun-process 7` makes a new one.",
         "Proces 7 er lykkedes: den kan ikke genstartes."),
        ("Process 7 is held by worker web-1. Wait for it, or give it up.", "Proces 7 holdes af workeren web-1."),
        ("bo may not restart processes: the role viewer is not among those that may: admin. Ask.",
         "Rollen læser kan ikke genstarte processer."),
        ("Something else.", "Something else."),
    ],
)  # fmt: skip
def test_a_refusal_that_the_chain_keeps_is_told_in_the_readers_language_without_what_to_type(
    stored: str, said: str
) -> None:
    entry = AuditEntry(**{**dict.fromkeys(AuditEntry.__slots__), "act": "restart", "role": "viewer", "message": stored})

    assert catalogue.every()["da"].told(stored_refusals.said(entry)) == said
