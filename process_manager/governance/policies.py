"""Which acts need a reason, as the office has set it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from process_manager.errors import IllegalValue, ReasonRequired
from process_manager.governance.permissions import ACTS

_EVERY: Final = "*"

NO_REASON: Final = frozenset({
    "read", "start", "start-many", "run-command", "run-now", "audit", "system", "user-list", "token-list",
    "own-password", "own-sign-out", "own-view", "shared-view",
})  # fmt: skip
"""Acts of which no reason is kept: they look, or make something new, or run what would run anyway."""

_WITH_REASON: Final = tuple(act for act in ACTS if act not in NO_REASON)


@dataclass(frozen=True, slots=True)
class Policies:
    """The rules of an office about acts.

    Attributes:
        reasons: Which acts need a reason: pairs of the name of a process and an act, each of which may be `*`. Those of
            which no reason is kept need none.
    """

    reasons: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the policies that a setting says.

        Args:
            text: Acts that need a reason, separated by commas: `restart, fakturering:*, letter:skip-step`.

        Raises:
            IllegalValue: One of them names no act.
        """
        return cls(frozenset(_rule(each.strip()) for each in text.split(",") if each.strip()))

    def asks_reason(self, act: str, name: str | None = None) -> bool:
        """Return whether an act needs a reason.

        Args:
            act: What is done.
            name: The name of the process that it concerns; None for what concerns no single kind.
        """
        rules = {(kind, what) for kind in (name, _EVERY) for what in (act, _EVERY)}
        return act not in NO_REASON and not rules.isdisjoint(self.reasons)

    def require_reason(self, act: str, name: str | None, reason: str) -> None:
        """Raise ReasonRequired when the act needs a reason and there is none.

        Args:
            act: What is done.
            name: The name of the process that it concerns; None for what concerns no single kind.
            reason: Why it is done.
        """
        if not reason.strip() and self.asks_reason(act, name):
            raise ReasonRequired(what=act if name is None else f"{act} {name!r}")


def _rule(text: str) -> tuple[str, str]:
    kind, _, act = text.rpartition(":")
    if act not in {*_WITH_REASON, _EVERY}:
        problem = "names an act of which no reason is kept" if act in NO_REASON else "names no act"
        hint = f"The acts are {', '.join(_WITH_REASON)}, and * for all."
        raise IllegalValue(what="reasons_required", value=text, problem=problem, hint=hint)
    return kind or _EVERY, act
