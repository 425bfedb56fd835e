"""Words that stand in rows and not in templates, which are said in every language: statuses, outcomes, ways, acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from process_manager.inspection import people
from process_manager.lifecycle.status import Status
from process_manager.message import Message
from process_manager.web import audit_words

OUTCOMES: Final = (
    "done",
    "skip",
    "wait",
    "retry",
    "reject",
    "doubt",
    "lost",
    "released",
    "started",
    "upgrade",
)
WAYS: Final = ("code", "console", "api", "page")
FILTERS: Final = ("name", "status", "step", "reference", "channel", "order_key", "error", "version", "since", "cause")
CONCERNS: Final = ("Failed", "Uncertain", "Quarantined", "No worker", "Overdue")
RELATED: Final = (
    "is ahead of it in its lane",
    "waits behind it in its lane",
    "is what it repeats",
    "repeats it",
)
DONE: Final = {
    "restart": Message("Restarted: it is due now, in a new round."),
    "restart-from": Message("Restarted from the step that you chose: it is due now, in a new round."),
    "happened": Message("Resolved: the step counts as done, and the process goes on."),
    "did-not-happen": Message("Resolved: the step runs again, in a new round."),
    "skip-step": Message("Skipped: the process goes on after the step, in a new round."),
    "edit-payload": Message("The details are changed. The process stays where it stands, in a new round."),
    "cancel": Message("Asked to stop: it ends when its step is at a safe point."),
    "abandon": Message("Abandoned: nothing runs it any more."),
    "rerun": Message("This is the new process. The one that it repeats stays as it is."),
}
"""What each act did, as its note says it."""

EVERY: Final[Sequence[str]] = (
    *map(str, Status),
    *OUTCOMES,
    *WAYS,
    *FILTERS,
    *CONCERNS,
    *RELATED,
    *people.SAID,  # an act is the outcome of its row
    *audit_words.DONE.values(),
    *audit_words.TRIED.values(),
    *audit_words.OTHER.values(),
    *audit_words.LABELS.values(),
    "refused",
)
"""All of them."""
