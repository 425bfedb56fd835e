"""The reference of the exit codes, from the classes of the errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from docs.generate import markdown
from process_manager import errors


def page() -> str:
    """Return the page."""
    rows = [
        (kind.exit_code, markdown.code(kind.__name__), markdown.plain(inspect.cleandoc(kind.__doc__ or "")))
        for kind in sorted(kinds(errors.ProcessManagerError), key=lambda kind: (kind.exit_code, kind.__name__))
    ]
    return markdown.page("Exit codes", markdown.table(("code", "error", "what it says"), rows))


def kinds(above: type[errors.ProcessManagerError]) -> Iterator[type[errors.ProcessManagerError]]:
    """Yield the class and all that are derived from it."""
    yield above
    for kind in above.__subclasses__():
        yield from kinds(kind)
