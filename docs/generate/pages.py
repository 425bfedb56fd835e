"""Every generated page: the file that it would be, and what makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from docs.generate import (
    api,
    architecture,
    benchmarks,
    command_line,
    decisions,
    examples,
    exit_codes,
    http_api,
    log_events,
    roles,
    settings_table,
    sql_schema,
)

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "architecture.md": architecture.page,
    "benchmarks.md": benchmarks.page,
    "decisions/index.md": decisions.page,
    "how-to/examples.md": examples.page,
    "reference/command-line.md": command_line.page,
    "reference/exit-codes.md": exit_codes.page,
    "reference/http-api.md": http_api.page,
    "reference/log-events.md": log_events.page,
    "reference/roles.md": roles.page,
    "reference/settings.md": settings_table.page,
    "reference/sql-schema.md": sql_schema.page,
    "reference/api/index.md": api.index,
    **{f"reference/api/{api.file(module)}": partial(api.page, module) for module in api.MODULES},
}
