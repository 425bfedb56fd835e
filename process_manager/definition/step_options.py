"""The options of a step: their names, and what each may be."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal, get_args

from process_manager.definition.limit import Limit, Rate
from process_manager.lifecycle.retry import RetryPolicy

Effect = Literal["idempotent", "transactional", "once"]
"""What repeating a step does outside: nothing more; nothing, for its writes are taken back; what nobody wants."""

Isolation = Literal["process"]
"""Where a step may run instead of a thread: in a process of its own, which can be killed."""

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"effect": get_args(Effect), "isolation": get_args(Isolation)}

MADE_BY: Final[Mapping[str, tuple[type, str]]] = {
    "retry": (RetryPolicy, "every(minutes=1)"),
    "limit": (Limit, 'Limit("sap-seats", 3)'),
    "rate": (Rate, 'Rate("sap", 10, per="1m")'),
}
"""Options that are values of a class, each with an example."""

STEP_OPTIONS: Final = (
    "effect", "verify", "retry", "platform", "limit", "rate", "time_limit", "isolation", "expected",
)  # fmt: skip


def option_problem(option: str, value: object) -> tuple[str, str] | None:
    """Return what is wrong with an option of a step, and what to do about it; None when nothing is."""
    if option not in STEP_OPTIONS:
        near = difflib.get_close_matches(option, STEP_OPTIONS, n=1)
        return (
            f"{option!r} is no option of a step",
            f"Did you mean {near[0]!r}?" if near else f"Use {', '.join(STEP_OPTIONS)}.",
        )
    if value is None or option == "verify":
        return None
    if option in CHOICES:
        known = CHOICES[option]
        return None if value in known else (f"{option}={value!r} is not known", f"Use {', '.join(known)}.")
    if option in MADE_BY:
        kind, example = MADE_BY[option]
        return None if isinstance(value, kind) else (f"{option} is no {kind.__name__}", f"Write {option}={example}.")
    if option in ("time_limit", "expected"):
        good = isinstance(value, timedelta) and value > timedelta(0)
        return None if good else (f"{option} is no duration", f"Write {option}=timedelta(minutes=5).")
    return (
        f"{option}={value!r} is not part of this version yet",
        f"Leave {option!r} out.",
    )
