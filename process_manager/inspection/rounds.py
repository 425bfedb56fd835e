"""What ran and what waited, round by round, each with its own stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from process_manager.inspection.step_history import History


@dataclass(frozen=True, slots=True)
class Round:
    """A round of a process.

    Attributes:
        number: Its number, from 1.
        opened: What a person did that opened it; None for the first.
        runs: What ran in it, the oldest first.
    """

    number: int
    opened: History | None
    runs: tuple[History, ...]

    @property
    def first(self) -> datetime:
        """When its first run began."""
        return self.runs[0].started_at

    @property
    def last(self) -> datetime:
        """When its last run ended, or began where it still runs."""
        return max(each.finished_at or each.started_at for each in self.runs)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps that ran in it, in the order of their first run."""
        return tuple(dict.fromkeys(each.step for each in self.runs if each.step))

    def runs_of(self, step: str) -> tuple[History, ...]:
        """Return the runs of one step."""
        return tuple(each for each in self.runs if each.step == step)


def rounds(told: Sequence[History]) -> tuple[Round, ...]:
    """Return the rounds in which anything ran, the newest first.

    Args:
        told: The history, the oldest first.
    """
    acts = [each for each in told if each.by is not None]
    found = []
    for number, rows in groupby((each for each in told if each.by is None), key=lambda each: each.round):
        opened = next((act for act in acts if act.round == number), None)
        found.append(Round(number, opened if number > 1 else None, tuple(rows)))
    return tuple(reversed(found))
