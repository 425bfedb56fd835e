"""Findings of `check` and `doctor`: one thing that was checked, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from process_manager.message import Message, joined
from process_manager.plurals import counted

SHOWN = 5


class Result(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; for what concerns processes how many there are, and the ids of the first."""

    what: str
    result: Result
    message: str
    count: int = 0
    ids: tuple[int, ...] = ()


def ok(what: str, message: str) -> Finding:
    """Report that all is well."""
    return Finding(what, Result.OK, message)


def warning(what: str, message: str) -> Finding:
    """Report what is worth a look, or could not be looked at."""
    return Finding(what, Result.WARNING, message)


def problem(what: str, message: str) -> Finding:
    """Report what is wrong; the message says what to do."""
    return Finding(what, Result.PROBLEM, message)


def summary(findings: Iterable[Finding]) -> str:
    """Return how many things are ok, worth a warning and wrong."""
    results = [each.result for each in findings]
    warnings, problems = (results.count(each) for each in (Result.WARNING, Result.PROBLEM))
    return f"{results.count(Result.OK)} ok, {counted(warnings, 'warning')}, {counted(problems, 'problem')}."


def listed(names: Iterable[str]) -> str:
    """Return the first of these, and how many more there are."""
    every = list(names)
    shown = joined(every[:SHOWN])
    return Message("%(names)s and %(number)s more", names=shown, number=len(every) - SHOWN) if every[SHOWN:] else shown
