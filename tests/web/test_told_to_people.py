"""What is told to people of what is not there: without what to type, which the console says."""

from __future__ import annotations

import pickle

from process_manager.errors import NotFound
from process_manager.inspection.audit_check import Flaw, FlawKind
from process_manager.message import Message, opening
from process_manager.web import catalogue, told_errors


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
