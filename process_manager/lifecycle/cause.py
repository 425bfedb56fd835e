"""The cause of an error: its message without what differs from one process to the next."""

from __future__ import annotations

import hashlib
import re
from typing import Final

KEY_LENGTH: Final = 16
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


def key(name: str, version: int, step: str, message: str | None) -> str:
    """Return the key of a cause: the same for all processes of a version that stopped at one step with one cause.

    Args:
        name: The name of the process.
        version: Its version.
        step: The step at which it stopped.
        message: The message of that step.
    """
    told = "\0".join((name, str(version), step, cause(message)))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:KEY_LENGTH]
