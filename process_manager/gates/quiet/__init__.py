"""Quiet windows: the hours in which no step starts. Pure functions: the moment in question is always passed in."""

from process_manager.gates.quiet.hours import Hours
from process_manager.gates.quiet.rules import (
    DayRule,
    Rule,
    Span,
    daily,
    holidays,
    month_end,
    on,
    span,
    weekly,
    year_end,
)
from process_manager.gates.quiet.text import DEFAULT, parse, rules_of
from process_manager.gates.quiet.windows import HORIZON, NONE, Quiet, Window, of

__all__ = [
    "DEFAULT",
    "HORIZON",
    "NONE",
    "DayRule",
    "Hours",
    "Quiet",
    "Rule",
    "Span",
    "Window",
    "daily",
    "holidays",
    "month_end",
    "of",
    "on",
    "parse",
    "rules_of",
    "span",
    "weekly",
    "year_end",
]
