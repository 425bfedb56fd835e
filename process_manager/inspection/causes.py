"""The cause of an error: its message without what differs from one process to the next."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 300

_DIFFERS: Final = (
    (re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"), "…"),
    (re.compile(r"'[^'\n]{1,200}'|\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”|«[^»\n]{1,200}»"), "“…”"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b"), "…"),
    (re.compile(r"\b[A-Za-zÆØÅæøå]{0,4}[-/]?\d[\d.,:/-]*\d\b|\d+"), "…"),
    (re.compile(r"(?:… ?){2,}"), "… "),
)
"""Ids, quoted values, hashes and numbers, in this order."""


def cause(message: str | None) -> str:
    """Return the cause that a message tells of: the same for all that differ in numbers, ids and quoted values only.

    Args:
        message: The message of a step.
    """
    text = " ".join((message or "").split())[:_LONGEST]
    for pattern, instead in _DIFFERS:
        text = pattern.sub(instead, text)
    return text.strip()
