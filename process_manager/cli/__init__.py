"""The command line: where settings, database and process classes come together for a person or a scheduler."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """The command `process-manager`; ends the program with its exit code."""
    from process_manager.cli import streams

    streams.complete()
    from process_manager.cli import completing, ending

    told = completing.answer()
    ending.leave(ending.run(sys.argv[1:]) if told is None else told)
