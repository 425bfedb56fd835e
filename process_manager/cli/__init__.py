"""The command line: where settings, database and process classes come together for a person or a scheduler."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command `process-manager`, and end the program with its exit code."""
    from process_manager.cli import output_streams

    output_streams.complete()
    from process_manager.cli import completion, exit_codes

    told = completion.answer()
    exit_codes.leave(exit_codes.run(sys.argv[1:]) if told is None else told)
