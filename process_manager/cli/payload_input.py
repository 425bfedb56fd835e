"""Payloads given in a file or on stdin, and JSON as a person writes it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from process_manager.errors import UsageError


def payload(text: str, option: str = "--payload") -> Any:
    """Return the JSON of an option: itself, a file (@FILE) or stdin (@-); raise UsageError if it is none."""
    from process_manager import serialization

    where, source = (text[1:], _read(text[1:], option)) if text.startswith("@") else (option, text)
    try:
        return serialization.read(source, "payload")
    except RecursionError:
        raise UsageError(problem=f"{where} is nested too deeply. Give a flatter object.") from None
    except ValueError as error:
        hint = "Write an object such as '{\"invoice\": 7}', or put it in a file and give @FILE."
        raise UsageError(problem=f"{where} is not JSON: {error}. {hint}") from None


def _read(path: str, option: str) -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig") if path == "-" else Path(path).read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(problem=f"{option}: {path} is not UTF-8. Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(problem=f"{option}: {path} cannot be read: {why}. Check the path behind the @.") from None
