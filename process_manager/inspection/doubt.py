"""The evidence about a step that may have happened: what was sent, what came back, and what was asked since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from process_manager.inspection.process_page import ProcessPage
from process_manager.inspection.step_history import History


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is known of a step in doubt.

    Attributes:
        sent: The last exchange that it had before it fell silent; None where it saved none.
        doubt: The run that fell silent.
        checks: The exchanges of its `verify` since.
    """

    sent: Mapping[str, Any] | None
    doubt: History | None
    checks: tuple[Mapping[str, Any], ...]


def evidence_of(page: ProcessPage) -> Doubt:
    """Return the evidence about the step at which a process stands.

    Args:
        page: The process.
    """
    since = page.process.doubtful_since
    runs = [each for each in page.told if each.step == page.process.step and each.by is None]
    if since is None or not runs:
        return Doubt(None, None, ())
    begun = [each for each in runs if each.started_at <= since] or runs[:1]
    asked = [each for each in runs if each.started_at > since]
    first, later = begun[-1].exchanges[:1], begun[-1].exchanges[1:]
    checks = [*later, *(said for run in asked for said in run.exchanges)]
    return Doubt(first[0] if first else None, runs[-1], tuple(checks))
