"""Warnings of libraries while a command runs: one line without their source, or the log of a worker."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from process_manager.cli.session import Session, tell


@contextmanager
def heard(session: Session) -> Iterator[None]:
    """Python's warnings told as this program tells things, as long as the block lasts."""
    before = warnings.showwarning

    def hear(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
        _tell(session, str(message), category, f"{Path(filename).name}, line {lineno}")

    warnings.showwarning = hear
    try:
        yield
    finally:
        warnings.showwarning = before


def _tell(session: Session, text: str, category: type[Warning], where: str) -> None:
    if _is_logging():
        from process_manager import logs

        logs.get(__name__).warning("library.warned", kind=category.__name__, text=text, where=where)
    elif session.debug or not _is_about_us(category):
        from process_manager.redaction import redact_text

        tell(f"Warning: {' '.join(redact_text(text).split())} ({category.__name__}, {where})")


def _is_logging() -> bool:
    logs = sys.modules.get("process_manager.logs")  # where it is not loaded, nothing was set up
    return logs is not None and logs.configured() is not None


def _is_about_us(category: type[Warning]) -> bool:
    """SQLAlchemy warns of how it is used: that is for who writes this program, and --debug shows it."""
    return category.__module__.partition(".")[0] == "sqlalchemy"
