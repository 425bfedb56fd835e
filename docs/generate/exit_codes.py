"""The reference of the exit codes, from the classes of the errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Final

from docs.generate import markdown
from process_manager import errors
from process_manager.cli.exit_codes import INTERRUPTED

MEANING: Final[Mapping[int, str]] = {
    0: "done, or nothing to do; `work` whenever its loop ran and it owes no answer",
    1: "failed, or the output cannot be written; `work ID` and `watch` when a process needs a person; `doctor` when "
    "something is a problem; `audit verify` when the chain is not as it was written",
    2: "the command, a setting or a process class is wrong",
    3: "not found",
    4: "refused in this status, or to this role; the message names what to do",
    5: "switched off, or in a quiet window: `work` when nothing ran and that held all that was due",
    6: "held by another: a worker's lease, the process ahead in its lane, a transaction that kept an answer from being "
    "recorded",
    7: "the database cannot be used, is not there, or was replaced",
    8: "its schema is too old or too new",
    9: "a bulk partly failed",
    INTERRUPTED: "ended by Ctrl-C",
}
"""What a scheduler may conclude from each."""


def page() -> str:
    """Return the page."""
    codes = [(code, markdown.plain(told)) for code, told in MEANING.items()]
    rows = [
        (kind.exit_code, markdown.code(kind.__name__), markdown.plain(inspect.cleandoc(kind.__doc__ or "")))
        for kind in sorted(kinds(errors.ProcessManagerError), key=lambda kind: (kind.exit_code, kind.__name__))
    ]
    return markdown.page(
        "Exit codes",
        markdown.table(("code", "it says"), codes),
        "## Errors",
        "Each error of the command line and of the API has its code. What stands in braces is a fact of the error, "
        "which a program finds in its `facts`.",
        markdown.table(("code", "error", "message"), rows),
    )


def kinds(above: type[errors.ProcessManagerError]) -> Iterator[type[errors.ProcessManagerError]]:
    """Yield the class and all that are derived from it."""
    yield above
    for kind in above.__subclasses__():
        yield from kinds(kind)
