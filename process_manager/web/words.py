"""Words that stand in rows and not in templates, which are said in every language: statuses, outcomes, ways, acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from process_manager.governance import permissions
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
    "started it as a child",
    "is its child",
)
DONE: Final = {
    "restart": Message("Restarted: it is due now, in a new round."),
    "restart-from": Message("Restarted from the step that you chose: it is due now, in a new round."),
    "run-now": Message("It is due now: the next worker takes it, unless something is switched off or quiet."),
    "check-again": Message("It is asked again: a worker calls the check of its step, and it goes on by the answer."),
    "happened": Message("Resolved: the step counts as done, and the process goes on."),
    "did-not-happen": Message("Resolved: the step runs again, in a new round."),
    "skip-step": Message("Skipped: the process goes on after the step, in a new round."),
    "edit-payload": Message("The details are changed. The process stays where it stands, in a new round."),
    "cancel": Message("Asked to stop: it ends when its step is at a safe point."),
    "abandon": Message("Abandoned: nothing runs it any more."),
    "reveal": Message("What is masked is shown once, on this page only. The audit keeps who looked, and why."),
    "start": Message("Started."),
    "was-there": Message("Nothing was started: this process has the dedup key already."),
    "rerun": Message("This is the new process. The one that it repeats stays as it is."),
}
"""What each act did, as its note says it."""

EXAMINED: Final = (
    "version",
    "encoding",
    "isolation",
    "durability",
    "foreign keys",
    "sql mode",
    "compatibility level",
    "disk",
    "clock",
    "transactions",
    "search path",
    "pooler",
    "schema version",
    "due",
    "left behind",
)
"""What the page System looks at."""

ORIGINS: Final = ("default", "given at the start", "default: the host's", "the host's has no name")
"""Where a setting comes from that stands nowhere."""

VERSIONS: Final = ("Program", "Python", "Database", "Schema", "Host")
USERS: Final = (
    "They have another role, from the next page on.",
    "They see other kinds, from the next page on.",
    "They answer the tasks of other groups, from the next page on.",
    "They may sign in no more, and are signed out.",
    "They may sign in.",
    "They are signed out everywhere.",
    "The token is worth nothing any more.",
    "The two new passwords are not the same. Nothing was changed.",
    "This is not the password that you have. Nothing was changed.",
    "The password is the name of the user. Choose another.",
    "The password has not 12 to 1,000 characters. Choose another.",
    "The password was changed meanwhile. Nothing was changed; sign in again.",
)
"""What became of an act on users, and why a password was not taken."""

BATCHES: Final = ("Waits for those that were first", "Is being done", "All done", "Stopped")
"""How far a batch is."""

START_LABELS: Final = {
    "reference": "Reference",
    "order_key": "Lane",
    "dedup_key": "Dedup key",
    "at": "Not before",
}
"""What the page Start calls the controls that every process has."""

EVERY: Final[Sequence[str]] = (
    *BATCHES,
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
    *permissions.SCOPES,
    *USERS,
    *EXAMINED,
    *ORIGINS,
    *VERSIONS,
    *START_LABELS.values(),
)
"""All of them."""
