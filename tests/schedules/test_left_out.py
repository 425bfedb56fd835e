"""Why a slot started nothing is kept as a code, and said in the reader's language."""

from __future__ import annotations

from process_manager.message import Message
from process_manager.schedules import left_out
from process_manager.web.catalogue import every


def test_each_reason_is_kept_as_a_code_and_said_in_danish() -> None:
    given = [left_out.missed(), left_out.behind(), left_out.still_open(12), left_out.had_started(12)]

    kept = [left_out.stored(each) for each in given]
    said = [left_out.said(each) for each in kept]

    assert kept == [":missed", ":behind", ":open 12", ":had 12"]
    assert said == given
    assert all(isinstance(each, Message) for each in said)
    assert every()["da"].told(said[2]) == "Proces 12 fra en tidligere tid er stadig åben."


def test_what_has_no_code_stays_as_it_is() -> None:
    for kept in (None, "", "Parameter 'cpr' is missing.", ":later 3", ":open", ":missed 3"):
        assert left_out.said(kept) == kept
        assert kept is None or left_out.stored(kept) == kept
